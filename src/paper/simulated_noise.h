#pragma once

// Repeatable noise for the simulated market: hashes and one-dimensional value noise. Pure functions.

#include <cstdint>
#include <string_view>

namespace kavach::paper {

/// splitmix64's finaliser over two words.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9E3779B97F4A7C15U * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::int64_t b) {
  return mix(a, static_cast<std::uint64_t>(b));
}

/// FNV-1a, finished by `mix`: the same on every machine, unlike std::hash.
[[nodiscard]] constexpr std::uint64_t hash_text(std::uint64_t seed, std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return mix(seed, h);
}

/// Uniform in [0, 1).
[[nodiscard]] constexpr double unit(std::uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

/// Smooth in `at` (>= 0), within [-1, 1], a new random value at every integer.
[[nodiscard]] inline double value_noise(std::uint64_t key, double at) {
  const auto cell = static_cast<std::int64_t>(at);
  const double x = at - static_cast<double>(cell);
  const double left = unit(mix(key, cell));
  const double right = unit(mix(key, cell + 1));
  const double blend = x * x * (3.0 - 2.0 * x);
  return 2.0 * (left + (right - left) * blend) - 1.0;
}

}  // namespace kavach::paper
