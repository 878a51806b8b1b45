#include "core/random.h"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <vector>

#include "core/check.h"
#include "core/text.h"

namespace kavach {

void SecureRandom::fill(std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    check(got > 0, "the kernel's random generator does not answer");
    done += static_cast<std::size_t>(got);
  }
}

std::uint64_t SecureRandom::next() const {
  std::uint64_t value = 0;
  fill(std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

std::string SecureRandom::hex(std::size_t bytes) const {
  std::vector<std::byte> raw(bytes);
  fill(raw);
  return to_hex(raw);
}

std::string SecureRandom::token(std::size_t bytes) const {
  std::vector<std::byte> raw(bytes);
  fill(raw);
  return to_base64url(raw);
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    word = mixed ^ (mixed >> 31U);
  }
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t SeededRandom::below(std::uint64_t bound) {
  check(bound > 0, "a random bound must be positive");
  // Lemire's multiply-and-shift; the bias of at most bound / 2^64 does not matter to a simulation.
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64U);
}

double SeededRandom::unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

}  // namespace kavach
