#pragma once

// The unread bytes of one connection: a flat buffer, filled at the end and consumed at the front, that
// keeps its memory from request to request. It may hold passwords and keys, so what is consumed is
// overwritten, and all of it when it dies.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "core/secret.h"

namespace kavach::http {

class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { wipe(std::as_writable_bytes(std::span{bytes_.get(), capacity_})); }

  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  /// Room to read into: at least one byte, growing as long as the unread part is below `unread_max`,
  /// which bounds what a pipelining client can make us hold.
  [[nodiscard]] std::span<char> room(std::size_t unread_max);
  void filled(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes) {
    forget(begin_, begin_ + bytes);
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

 private:
  void grow(std::size_t capacity);
  void forget(std::size_t from, std::size_t to) {
    wipe(std::as_writable_bytes(std::span{bytes_.get() + from, to - from}));
  }

  static constexpr std::size_t kFirstCapacity = 4 * 1024;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_{0};
  std::size_t begin_{0};
  std::size_t end_{0};
};

inline std::span<char> InputBuffer::room(std::size_t unread_max) {
  if (begin_ > 0 && end_ == capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    forget(end_ - begin_, end_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    grow(std::max({kFirstCapacity, std::min(capacity_ * 2, unread_max), end_ + 1}));
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

inline void InputBuffer::grow(std::size_t capacity) {
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
  wipe(std::as_writable_bytes(std::span{bytes_.get(), capacity_}));
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

}  // namespace kavach::http
