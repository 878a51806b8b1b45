#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/dotenv.h"
#include "core/text.h"

namespace kavach::app {
namespace {

constexpr Setting kGenerated[] = {Setting::AppKey, Setting::ApiKeyPepper, Setting::FernetSalt};

std::unexpected<Error> refuse(const std::filesystem::path& path, const char* what) {
  return fail(ErrorCode::StorageFailed, path.string() + " " + what, std::strerror(errno));
}

// Written whole to a private temporary file, synced, then renamed: a crash leaves the old state or
// the new one, never half a secret.
Result<void> write_private(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path partial = path.string() + ".new";
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return refuse(partial, "cannot be created; check the folder's owner and free space.");
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool complete = done == text.size() && ::fsync(file) == 0;
  ::close(file);
  if (!complete || ::rename(partial.c_str(), path.c_str()) != 0) {
    return refuse(path, "cannot be written; check free space.");
  }
  return {};
}

Result<void> generate(const std::filesystem::path& path, const SecureRandom& random) {
  std::string text = "# Keep this file: without it no password, key or token in this folder can be used.\n";
  for (const Setting setting : kGenerated) {
    text += std::string{row_of(setting).name} + "=" + random.hex(32) + "\n";
  }
  auto written = write_private(path, text);
  wipe(text);
  return written;
}

}  // namespace

Result<void> prepare_data_folder(const std::filesystem::path& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) {
    if (::mkdir(folder.c_str(), 0700) != 0) {
      return refuse(folder, "cannot be created; create it, or name another with --data.");
    }
    return {};
  }
  if (!S_ISDIR(info.st_mode)) return refuse(folder, "is not a folder; name another with --data.");
  if (info.st_uid != ::geteuid()) {
    return refuse(folder, "belongs to another user; run Kavach as its owner, or chown it.");
  }
  if ((info.st_mode & 077U) != 0) {
    return fail(ErrorCode::Forbidden, folder.string() + " can be entered by others; run: chmod 700 " +
                                          folder.string());
  }
  return {};
}

Result<void> adopt_secrets(Settings& settings, const SecureRandom& random) {
  const std::filesystem::path path = settings.data_folder() / "secrets.env";
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (auto made = generate(path, random); !made) return made;
  } else if ((info.st_mode & 077U) != 0) {
    return fail(ErrorCode::Forbidden,
                path.string() + " can be read by others; run: chmod 600 " + path.string());
  }
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto values = parse_dotenv(text);
  wipe(text);
  if (!values) return fail(ErrorCode::StorageCorrupt, path.string() + ": " + values.error().message);
  for (const Setting setting : kGenerated) {
    const std::string name{row_of(setting).name};
    if (const auto older = values->find(name + "_OLDER"); older != values->end()) {
      for (const std::string_view generation : split(older->second, ',')) {
        settings.adopt_older(setting, Secret{trim(generation)});
      }
      wipe(older->second);
    }
    const auto found = values->find(name);
    if (!settings.secret(setting).empty()) continue;
    if (found == values->end() || found->second.size() < 32) {
      return fail(ErrorCode::StorageCorrupt, path.string() + " has lost " +
                                                 name + "; restore the file from your backup.");
    }
    settings.adopt_generated(setting, Secret::take(std::move(found->second)));
  }
  return {};
}

}  // namespace kavach::app
