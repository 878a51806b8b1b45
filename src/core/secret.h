#pragma once

// A secret is a type: no formatter, no stream operator, no JSON conversion, no implicit copy to
// text. What cannot be printed cannot leak. Its memory is wiped when it dies.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kavach {

/// Overwrites memory in a way the compiler may not remove.
void wipe(std::span<std::byte> memory) noexcept;
void wipe(std::string& text) noexcept;

/// Key, password, token or pepper. Move-only: every copy of a secret is written out (`duplicate`).
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  explicit Secret(std::span<const std::byte> bytes);
  /// Takes the text over and wipes the source.
  static Secret take(std::string&& text);
  ~Secret() { wipe(bytes_); }
  Secret(Secret&& other) noexcept : bytes_{std::move(other.bytes_)} { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  [[nodiscard]] Secret duplicate() const { return Secret{bytes()}; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  /// The only doors to the contents. The view lives no longer than the Secret; never store it.
  [[nodiscard]] std::string_view reveal() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  /// Constant time in the contents.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  std::vector<std::byte> bytes_;
};

template <class Stream>
Stream& operator<<(Stream&, const Secret&) = delete;

}  // namespace kavach
