#include "http/spare_descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kavach::http {

SpareDescriptor::SpareDescriptor() { open(); }

SpareDescriptor::~SpareDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SpareDescriptor::open() { descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool SpareDescriptor::shed_one(int listening_descriptor) {
  if (descriptor_ >= 0) ::close(descriptor_);
  const int shed = ::accept4(listening_descriptor, nullptr, nullptr, SOCK_CLOEXEC);
  if (shed >= 0) ::close(shed);
  open();
  return shed >= 0;
}

}  // namespace kavach::http
