/* A disk that becomes read-only under a running program, and writable again: preloaded into it, refuses with EROFS what
 * would change a file of one file system.
 *
 *   READ_ONLY_DISK    a folder on that file system
 *   READ_ONLY_SWITCH  a file of one byte: '1' while the disk is read-only
 *
 * The kernel lets nobody remount a disk read-only while a file on it is open for writing; it does so itself, when it
 * finds the disk damaged, and then there is no way back without an unmount. Hence this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static dev_t disk;
static const char* folder;
static volatile const char* switch_byte;

__attribute__((constructor)) static void begin(void) {
  struct stat found;
  folder = getenv("READ_ONLY_DISK");
  const char* path = getenv("READ_ONLY_SWITCH");
  if (folder == NULL || path == NULL || stat(folder, &found) != 0) abort();
  disk = found.st_dev;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  void* mapped = file < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  close(file);
  switch_byte = mapped;
}

static int refuses_all(void) { return switch_byte != NULL && *switch_byte == '1'; }

static int refuses(int file) {
  struct stat found;
  if (!refuses_all() || fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_dev != disk) return 0;
  errno = EROFS;
  return 1;
}

static int refuses_path(const char* path) {
  if (!refuses_all() || strncmp(path, folder, strlen(folder)) != 0) return 0;
  errno = EROFS;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void* data, size_t bytes) { return refuses(file) ? -1 : REAL(write)(file, data, bytes); }
ssize_t writev(int file, const struct iovec* parts, int count) {
  return refuses(file) ? -1 : REAL(writev)(file, parts, count);
}
ssize_t pwrite(int file, const void* data, size_t bytes, off_t at) {
  return refuses(file) ? -1 : REAL(pwrite)(file, data, bytes, at);
}
ssize_t pwrite64(int file, const void* data, size_t bytes, off64_t at) {
  return refuses(file) ? -1 : REAL(pwrite64)(file, data, bytes, at);
}
int ftruncate(int file, off_t size) { return refuses(file) ? -1 : REAL(ftruncate)(file, size); }
int ftruncate64(int file, off64_t size) { return refuses(file) ? -1 : REAL(ftruncate64)(file, size); }
int unlink(const char* path) { return refuses_path(path) ? -1 : REAL(unlink)(path); }
int rename(const char* from, const char* to) { return refuses_path(to) ? -1 : REAL(rename)(from, to); }
int mkdir(const char* path, mode_t mode) { return refuses_path(path) ? -1 : REAL(mkdir)(path, mode); }

static int changes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0; }

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return changes(flags) && refuses_path(path) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return changes(flags) && refuses_path(path) ? -1 : REAL(open64)(path, flags, mode);
}
