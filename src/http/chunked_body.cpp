#include "http/chunked_body.h"

#include <algorithm>

#include "http/percent.h"

namespace kavach::http {
namespace {
constexpr unsigned kSizeDigitsMax = 8;  // far beyond any body limit, and no overflow to think about
}

bool ChunkedBody::refuse(int status, std::string_view reason) {
  refusal_ = Refusal{status, reason};
  return false;
}

ChunkedBody::State ChunkedBody::feed(std::string_view input, std::size_t body_bytes_max,
                                     std::string& body, std::size_t& consumed) {
  consumed = 0;
  while (consumed < input.size() && !done_) {
    if (expecting_ == Expecting::Content) {
      const auto part = input.substr(consumed, size_);
      body.append(part);
      consumed += part.size();
      size_ -= part.size();
      if (size_ == 0) expecting_ = Expecting::ContentCr;
      continue;
    }
    const bool ends_size_line = expecting_ == Expecting::SizeLf;
    if (!take_framing(input[consumed++])) return State::Refused;
    const auto room = body_bytes_max - std::min(body_bytes_max, body.size());
    if (ends_size_line && !end_size_line(room)) return State::Refused;
  }
  return done_ ? State::Done : State::NeedsMore;
}

bool ChunkedBody::take_size_digit(char c) {
  const int value = hex_value(c);
  if (value < 0 || ++digits_ > kSizeDigitsMax) return refuse(400, "chunk_size");
  size_ = size_ * 16 + static_cast<std::size_t>(value);
  expecting_ = Expecting::Digit;
  return true;
}

bool ChunkedBody::end_size_line(std::size_t room) {
  if (size_ > room) return refuse(413, "body_too_large");
  digits_ = 0;
  expecting_ = size_ == 0 ? Expecting::EndCr : Expecting::Content;
  return true;
}

bool ChunkedBody::take_framing(char c) {
  const auto expect = [&](char wanted, Expecting next, std::string_view reason) {
    if (c != wanted) return refuse(400, reason);
    expecting_ = next;
    return true;
  };
  switch (expecting_) {
    case Expecting::FirstDigit: return take_size_digit(c);
    case Expecting::Digit:
      return c == '\r' ? expect('\r', Expecting::SizeLf, {}) : take_size_digit(c);
    case Expecting::SizeLf: return expect('\n', Expecting::SizeLf, "chunk_size");
    case Expecting::ContentCr: return expect('\r', Expecting::ContentLf, "chunk_end");
    case Expecting::ContentLf: return expect('\n', Expecting::FirstDigit, "chunk_end");
    case Expecting::EndCr: return expect('\r', Expecting::EndLf, "trailer");
    case Expecting::EndLf:
      done_ = c == '\n';
      return done_ || refuse(400, "trailer");
    case Expecting::Content: break;  // handled by the caller, in whole runs
  }
  return refuse(400, "chunk_size");
}

}  // namespace kavach::http
