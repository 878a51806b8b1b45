#include "identity/cbor.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace kavach::identity {
namespace {

constexpr int kDepthMax = 8;
constexpr std::size_t kItemsMax = 64;

bool same_key(const CborValue& a, const CborValue& b) {
  if (a.integer() != nullptr && b.integer() != nullptr) return *a.integer() == *b.integer();
  if (a.text() != nullptr && b.text() != nullptr) return *a.text() == *b.text();
  return false;
}

class CborReader {
 public:
  explicit CborReader(std::span<const std::byte> input) : input_{input} {}

  [[nodiscard]] std::optional<CborValue> value(int depth) {
    if (depth > kDepthMax || at_ >= input_.size()) return std::nullopt;
    const auto head = std::to_integer<unsigned>(input_[at_++]);
    const unsigned major = head >> 5U;
    const unsigned low = head & 31U;
    if (major == 7) return simple(low);
    const auto argument = argument_of(low);
    if (!argument) return std::nullopt;
    switch (major) {
      case 0: return number(*argument, false);
      case 1: return number(*argument, true);
      case 2: return bytes(*argument);
      case 3: return text(*argument);
      case 4: return array(*argument, depth);
      case 5: return map(*argument, depth);
      default: return std::nullopt;  // tags
    }
  }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  std::optional<std::uint64_t> argument_of(unsigned low) {
    if (low < 24) return low;
    if (low > 27) return std::nullopt;  // reserved, or an indefinite length
    const std::size_t size = std::size_t{1} << (low - 24U);
    if (input_.size() - at_ < size) return std::nullopt;
    std::uint64_t argument = 0;
    for (std::size_t i = 0; i < size; ++i) argument = (argument << 8U) | std::to_integer<std::uint64_t>(input_[at_++]);
    return argument;
  }

  static std::optional<CborValue> simple(unsigned low) {
    if (low == 20 || low == 21) return CborValue{low == 21};
    if (low == 22) return CborValue{std::monostate{}};
    return std::nullopt;
  }

  static std::optional<CborValue> number(std::uint64_t argument, bool negative) {
    if (argument > INT64_MAX) return std::nullopt;
    const auto magnitude = static_cast<std::int64_t>(argument);
    return CborValue{negative ? -1 - magnitude : magnitude};
  }

  std::optional<std::span<const std::byte>> take(std::uint64_t count) {
    if (count > input_.size() - at_) return std::nullopt;
    const auto taken = input_.subspan(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }

  std::optional<CborValue> bytes(std::uint64_t count) {
    const auto taken = take(count);
    if (!taken) return std::nullopt;
    return CborValue{std::vector<std::byte>{taken->begin(), taken->end()}};
  }

  std::optional<CborValue> text(std::uint64_t count) {
    const auto taken = take(count);
    if (!taken || !is_valid_utf8(as_text(*taken))) return std::nullopt;
    return CborValue{std::string{as_text(*taken)}};
  }

  std::optional<CborValue> array(std::uint64_t count, int depth) {
    if (count > kItemsMax) return std::nullopt;
    std::vector<CborValue> items;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto item = value(depth + 1);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return CborValue{std::move(items)};
  }

  std::optional<CborValue> map(std::uint64_t count, int depth) {
    if (count > kItemsMax) return std::nullopt;
    CborMap entries;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto key = value(depth + 1);
      if (!key || (key->integer() == nullptr && key->text() == nullptr)) return std::nullopt;
      if (std::ranges::any_of(entries, [&](const CborEntry& entry) { return same_key(entry.key, *key); })) {
        return std::nullopt;
      }
      auto item = value(depth + 1);
      if (!item) return std::nullopt;
      entries.push_back({std::move(*key), std::move(*item)});
    }
    return CborValue{std::move(entries)};
  }

  std::span<const std::byte> input_;
  std::size_t at_{0};
};

}  // namespace

const CborValue* CborValue::at(std::int64_t key) const {
  if (map() == nullptr) return nullptr;
  for (const auto& [name, value] : *map()) {
    if (name.integer() != nullptr && *name.integer() == key) return &value;
  }
  return nullptr;
}

const CborValue* CborValue::at(std::string_view key) const {
  if (map() == nullptr) return nullptr;
  for (const auto& [name, value] : *map()) {
    if (name.text() != nullptr && *name.text() == key) return &value;
  }
  return nullptr;
}

Result<CborItem> read_cbor(std::span<const std::byte> input) {
  CborReader reader{input};
  auto value = reader.value(0);
  if (!value) return fail(ErrorCode::InvalidInput, "The passkey's answer cannot be read.", "not strict CBOR");
  return CborItem{std::move(*value), reader.position()};
}

}  // namespace kavach::identity
