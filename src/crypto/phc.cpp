#include "crypto/phc.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::crypto {
namespace {

constexpr std::size_t kPhcBytesMax = 256;

std::string exchanged(std::string text, char from_62, char from_63, char to_62, char to_63) {
  std::ranges::replace(text, from_62, to_62);
  std::ranges::replace(text, from_63, to_63);
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.find_first_of("-_=") != std::string_view::npos) return std::nullopt;
  return from_base64url(exchanged(std::string{text}, '+', '/', '-', '_'));
}

std::string to_base64(const std::vector<std::byte>& bytes) {
  return exchanged(to_base64url(bytes), '-', '_', '+', '/');
}

std::optional<std::uint32_t> parameter(std::string_view text, std::string_view name, std::uint32_t min,
                                       std::uint32_t max) {
  if (!text.starts_with(name)) return std::nullopt;
  const auto value = parse_int(text.substr(name.size()));
  if (!value || *value < min || *value > max) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<Argon2Cost> parse_cost(std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() != 3) return std::nullopt;
  const auto passes = parameter(parts[1], "t=", 1, kArgon2CostMax.passes);
  const auto lanes = parameter(parts[2], "p=", 1, kArgon2CostMax.lanes);
  const auto memory = parameter(parts[0], "m=", 8 * lanes.value_or(1), kArgon2CostMax.memory_kib);
  if (!memory || !passes || !lanes) return std::nullopt;
  return Argon2Cost{.passes = *passes, .memory_kib = *memory, .lanes = *lanes};
}

bool length_within(const std::optional<std::vector<std::byte>>& bytes, std::size_t min) {
  return bytes && bytes->size() >= min && bytes->size() <= 64;
}

}  // namespace

std::optional<Phc> parse_phc(std::string_view text) {
  if (text.size() > kPhcBytesMax) return std::nullopt;
  const auto parts = split(text, '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") {
    return std::nullopt;
  }
  const auto cost = parse_cost(parts[3]);
  auto salt = from_base64(parts[4]);
  auto hash = from_base64(parts[5]);
  if (!cost || !length_within(salt, 8) || !length_within(hash, 16)) return std::nullopt;
  return Phc{*cost, std::move(*salt), std::move(*hash)};
}

std::string format_phc(const Phc& phc) {
  return "$argon2id$v=19$m=" + std::to_string(phc.cost.memory_kib) + ",t=" + std::to_string(phc.cost.passes) +
         ",p=" + std::to_string(phc.cost.lanes) + "$" + to_base64(phc.salt) + "$" + to_base64(phc.hash);
}

}  // namespace kavach::crypto
