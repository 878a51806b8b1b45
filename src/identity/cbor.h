#pragma once

// The part of CBOR (RFC 8949) that WebAuthn uses, read strictly: definite lengths, no floating point,
// no tags, no duplicate keys, bounded depth and counts. A pure function over bytes, fuzzed as such.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"

namespace kavach::identity {

struct CborValue;
struct CborEntry;
using CborMap = std::vector<CborEntry>;

struct CborValue {
  std::variant<std::monostate, bool, std::int64_t, std::vector<std::byte>, std::string,
               std::vector<CborValue>, CborMap>
      is;  ///< monostate is null

  /// The value under an integer or text key; null pointer when absent or this is no map.
  [[nodiscard]] const CborValue* at(std::int64_t key) const;
  [[nodiscard]] const CborValue* at(std::string_view key) const;
  [[nodiscard]] const std::vector<std::byte>* bytes() const { return std::get_if<std::vector<std::byte>>(&is); }
  [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&is); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&is); }
  [[nodiscard]] const CborMap* map() const { return std::get_if<CborMap>(&is); }
};

struct CborEntry {
  CborValue key;  ///< an integer or a text
  CborValue value;
};

struct CborItem {
  CborValue value;
  std::size_t bytes_read{0};  ///< what follows is the caller's
};
[[nodiscard]] Result<CborItem> read_cbor(std::span<const std::byte> input);

}  // namespace kavach::identity
