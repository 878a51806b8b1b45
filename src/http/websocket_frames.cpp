#include "http/websocket_frames.h"

#include <algorithm>
#include <cstring>

#include "core/text.h"
#include "http/websocket.h"

namespace kavach::http {
namespace {

constexpr unsigned kFinal = 0x80;
constexpr unsigned kReserved = 0x70;
constexpr unsigned kCompressed = 0x40;  // RSV1 of a message's first frame (RFC 7692, 6)
constexpr unsigned kOpcodeBits = 0x0F;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kControl = 0x08;
constexpr std::size_t kControlMax = 125;

std::uint64_t big_endian(const unsigned char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = (value << 8U) | bytes[i];
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned count) {
  for (unsigned i = count; i-- > 0;) out += static_cast<char>((value >> (8U * i)) & 0xFFU);
}

/// Whoever compresses what cannot be compressed adds a little.
std::size_t wire_bytes_max(std::size_t message_bytes_max) { return message_bytes_max + message_bytes_max / 128 + 64; }

/// Appends `masked`, unmasked with the mask turned by `offset` bytes.
void append_unmasked(std::string& out, std::string_view masked, std::array<unsigned char, 4> mask,
                     std::size_t offset) {
  std::ranges::rotate(mask, mask.begin() + static_cast<std::ptrdiff_t>(offset % 4));
  const std::size_t start = out.size();
  out.append(masked);
  std::array<unsigned char, 8> twice{};
  for (std::size_t i = 0; i < 8; ++i) twice[i] = mask[i % 4];
  std::uint64_t wide_mask = 0;
  std::memcpy(&wide_mask, twice.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= masked.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, out.data() + start + i, 8);
    word ^= wide_mask;
    std::memcpy(out.data() + start + i, &word, 8);
  }
  for (; i < masked.size(); ++i) {
    out[start + i] = static_cast<char>(static_cast<unsigned char>(out[start + i]) ^ mask[i % 4]);
  }
}

std::string encode(unsigned first_byte, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  out += static_cast<char>(first_byte);
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(127);
    append_big_endian(out, payload.size(), 8);
  }
  return out.append(payload);
}

}  // namespace

std::string encode_frame(Opcode opcode, std::string_view payload) {
  return encode(kFinal | static_cast<unsigned>(opcode), payload);
}

std::string encode_deflated_frame(Opcode opcode, std::string_view deflated) {
  return encode(kFinal | kCompressed | static_cast<unsigned>(opcode), deflated);
}

std::string encode_close(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  auto size = std::min(reason.size(), kControlMax - 2);
  while (size > 0 && !is_valid_utf8(reason.substr(0, size))) --size;
  return encode_frame(Opcode::Close, payload.append(reason.substr(0, size)));
}

SharedFrame text_frame(std::string_view payload) {
  return std::make_shared<const std::string>(encode_frame(Opcode::Text, payload));
}

SharedFrame deflated_text_frame(std::string_view deflated) {
  return std::make_shared<const std::string>(encode_deflated_frame(Opcode::Text, deflated));
}

bool is_valid_close_code(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

bool FrameReader::fail(std::uint16_t code) {
  code_ = code;
  return false;
}

std::size_t FrameReader::header_bytes_needed() const {
  if (header_size_ < 2) return 2;
  const unsigned length = header_[1] & 0x7FU;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + ((header_[1] & kMasked) != 0 ? 4 : 0);
}

FrameReader::Kind FrameReader::feed(std::string_view input, std::size_t message_bytes_max,
                                    std::size_t& consumed) {
  consumed = 0;
  while (!in_payload_) {
    if (header_size_ == header_bytes_needed()) {
      if (!take_header(message_bytes_max)) return Kind::Failed;
      in_payload_ = true;
      break;
    }
    if (consumed == input.size()) return Kind::NeedsMore;
    header_[header_size_++] = static_cast<unsigned char>(input[consumed++]);
    // The first two bytes already tell most violations; no need to wait for the rest.
    if (header_size_ == 2) {
      if (!check_start()) {
        fail(close_code::kProtocolError);
        return Kind::Failed;
      }
    }
  }
  const auto part = input.substr(consumed, left_);
  consumed += part.size();
  if (!take_payload(part, message_bytes_max)) return Kind::Failed;
  return left_ == 0 ? end_frame(message_bytes_max) : Kind::NeedsMore;
}

bool FrameReader::check_start() const {
  const unsigned opcode = header_[0] & kOpcodeBits;
  const bool starts_message = opcode == 0x1 || opcode == 0x2;
  const unsigned reserved = header_[0] & kReserved;
  if (reserved != 0 && (reserved != kCompressed || !may_inflate_ || !starts_message)) return false;
  return (header_[1] & kMasked) != 0 && check_opcode(opcode, (header_[0] & kFinal) != 0);
}

bool FrameReader::check_opcode(unsigned opcode, bool is_final) const {
  const unsigned length = header_[1] & 0x7FU;
  switch (opcode) {
    case 0x0: return in_message_;
    case 0x1:
    case 0x2: return !in_message_;
    case 0x8:
    case 0x9:
    case 0xA: return is_final && length <= kControlMax;
    default: return false;
  }
}

bool FrameReader::take_header(std::size_t message_bytes_max) {
  const unsigned short_length = header_[1] & 0x7FU;
  std::size_t at = 2;
  left_ = short_length;
  if (short_length == 126) {
    left_ = big_endian(header_.data() + at, 2);
    at += 2;
    if (left_ < 126) return fail(close_code::kProtocolError);  // the shortest form is required
  } else if (short_length == 127) {
    left_ = big_endian(header_.data() + at, 8);
    at += 8;
    if (left_ <= 0xFFFF || (left_ >> 63U) != 0) return fail(close_code::kProtocolError);
  }
  std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(at), 4, mask_.begin());
  mask_offset_ = 0;
  is_final_ = (header_[0] & kFinal) != 0;
  opcode_ = static_cast<Opcode>(header_[0] & kOpcodeBits);
  in_control_ = (header_[0] & kControl) != 0;
  if (in_control_) {
    control_.clear();
    return true;
  }
  if (opcode_ != Opcode::Continuation) start_message();
  const std::size_t most = inflater_ ? wire_bytes_max(message_bytes_max) : message_bytes_max;
  if (wire_bytes_ > most || left_ > most - wire_bytes_) return fail(close_code::kTooLarge);
  wire_bytes_ += left_;
  return true;
}

void FrameReader::start_message() {
  if (message_is_over_) {
    message_.clear();
    if (message_.capacity() > kKeptCapacity) message_.shrink_to_fit();
    message_is_over_ = false;
  }
  message_opcode_ = opcode_;
  in_message_ = true;
  wire_bytes_ = 0;
  text_.reset();
  inflater_.reset();
  if ((header_[0] & kCompressed) != 0) inflater_.emplace();
}

bool FrameReader::take_payload(std::string_view masked, std::size_t message_bytes_max) {
  const bool is_compressed = inflater_ && !in_control_;
  std::string compressed;
  std::string& out = is_compressed ? compressed : in_control_ ? control_ : message_;
  const std::size_t start = is_compressed ? message_.size() : out.size();
  append_unmasked(out, masked, mask_, mask_offset_);
  mask_offset_ += masked.size();
  left_ -= masked.size();
  if (in_control_) return true;
  const auto outcome = is_compressed ? inflater_->feed(compressed, message_, message_bytes_max)
                                     : MessageInflater::Outcome::Done;
  return check_inflated(outcome, start);
}

/// Of what was appended to the message from `start` on.
bool FrameReader::check_inflated(MessageInflater::Outcome outcome, std::size_t start) {
  if (outcome == MessageInflater::Outcome::Malformed) return fail(close_code::kInvalidText);
  // What fits comes before what does not, so that the code does not depend on how the bytes arrived.
  if (is_text() && !text_.feed(std::string_view{message_}.substr(start))) return fail(close_code::kInvalidText);
  return outcome == MessageInflater::Outcome::Done || fail(close_code::kTooLarge);
}

FrameReader::Kind FrameReader::end_frame(std::size_t message_bytes_max) {
  header_size_ = 0;
  in_payload_ = false;
  switch (opcode_) {
    case Opcode::Ping: return Kind::Ping;
    case Opcode::Pong: return Kind::Pong;
    case Opcode::Close: return end_close();
    case Opcode::Continuation:
    case Opcode::Text:
    case Opcode::Binary: break;
  }
  if (!is_final_) return Kind::Fragment;
  if (inflater_) {
    const std::size_t start = message_.size();
    const auto outcome = inflater_->finish(message_, message_bytes_max);
    inflater_.reset();
    if (!check_inflated(outcome, start)) return Kind::Failed;
  }
  if (is_text() && !text_.is_complete()) {
    fail(close_code::kInvalidText);
    return Kind::Failed;
  }
  in_message_ = false;
  message_is_over_ = true;
  return Kind::Message;
}

FrameReader::Kind FrameReader::end_close() {
  code_ = close_code::kNoStatus;
  if (control_.empty()) return Kind::Close;
  const auto* bytes = reinterpret_cast<const unsigned char*>(control_.data());
  const auto code = control_.size() < 2 ? 0 : static_cast<std::uint16_t>(big_endian(bytes, 2));
  if (!is_valid_close_code(static_cast<std::uint16_t>(code))) {
    fail(close_code::kProtocolError);
    return Kind::Failed;
  }
  if (!is_valid_utf8(std::string_view{control_}.substr(2))) {
    fail(close_code::kInvalidText);
    return Kind::Failed;
  }
  code_ = static_cast<std::uint16_t>(code);
  return Kind::Close;
}

}  // namespace kavach::http
