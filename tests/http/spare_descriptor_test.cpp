#include "http/spare_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "http/listening_socket.h"
#include "support/matchers.h"
#include "support/raw_client.h"

namespace kavach::http {
namespace {

/// Takes every descriptor this process may have, until it dies.
class Starvation {
 public:
  Starvation() {
    ::getrlimit(RLIMIT_NOFILE, &limit_);
    const rlimit few{std::min<rlim_t>(limit_.rlim_cur, 256), limit_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int one = ::open("/dev/null", O_RDONLY); one >= 0; one = ::open("/dev/null", O_RDONLY)) {
      taken_.push_back(one);
    }
  }
  ~Starvation() {
    for (const int one : taken_) ::close(one);
    ::setrlimit(RLIMIT_NOFILE, &limit_);
  }

 private:
  rlimit limit_{};
  std::vector<int> taken_;
};

TEST(SpareDescriptor, R22_ShedsAConnectionWhenThereAreNoDescriptorsLeft) {
  auto listening = ListeningSocket::open(*IpAddress::parse("127.0.0.1"), 0, false);
  ASSERT_OK(listening);
  const std::uint16_t port = listening->port();
  const int descriptor = listening->release();
  SpareDescriptor spare;
  test::RawClient client{port};
  bool shed = false;
  bool again = true;
  int accepted = 0;
  {
    const Starvation starvation;
    accepted = ::accept(descriptor, nullptr, nullptr);
    shed = spare.shed_one(descriptor);
    again = spare.shed_one(descriptor);
  }
  EXPECT_EQ(accepted, -1);
  EXPECT_TRUE(shed);
  EXPECT_FALSE(again) << "nobody else was waiting";
  EXPECT_TRUE(client.is_closed_by_server());
  ::close(descriptor);
}

}  // namespace
}  // namespace kavach::http
