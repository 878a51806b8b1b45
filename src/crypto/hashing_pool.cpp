#include "crypto/hashing_pool.h"

#include <memory>
#include <utility>

namespace kavach::crypto {
namespace {

std::unexpected<Error> busy() {
  return fail(ErrorCode::Busy, "The gateway is busy; try again in a few seconds.", "hashing queue full");
}

}  // namespace

HashingPool::HashingPool(const PasswordHasher& hasher, std::size_t threads, std::size_t queue_max)
    : hasher_{hasher}, pool_{threads, queue_max} {}

// The callback is shared with the job because a refused job is destroyed, and the refusal still has
// to be reported.
void HashingPool::verify(Secret value, std::string stored, OnVerdict done) {
  auto report = std::make_shared<OnVerdict>(std::move(done));
  const bool accepted =
      pool_.try_post([this, report, value = std::move(value), stored = std::move(stored)] {
        (*report)(hasher_.verify(value, stored));
      });
  if (!accepted) (*report)(busy());
}

void HashingPool::hash(Secret value, OnHash done) {
  auto report = std::make_shared<OnHash>(std::move(done));
  const bool accepted =
      pool_.try_post([this, report, value = std::move(value)] { (*report)(hasher_.hash(value)); });
  if (!accepted) (*report)(busy());
}

}  // namespace kavach::crypto
