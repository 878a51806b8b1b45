// The part of a connection that moves bytes: bodies in, replies out, and the deadlines on both.

#include <algorithm>
#include <array>
#include <charconv>

#include "core/secret.h"
#include "http/body_budget.h"
#include "http/chunked_body.h"
#include "http/connection.h"

namespace kavach::http {
namespace {

constexpr std::size_t kBodyStep = 4 * 1024;
constexpr Refusal kTooManyBodies{503, "overloaded"};
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string chunk_of(std::string_view piece) {
  std::array<char, 16> length{};
  const auto end = std::to_chars(length.begin(), length.end(), piece.size(), 16).ptr;
  std::string chunk{length.begin(), end};
  return chunk.append("\r\n").append(piece).append("\r\n");
}

/// The client has gone or was cut: there is nobody to tell.
constexpr Refusal kNobodyToTell{0, {}};

}  // namespace

Transport::ReadAwaiter Connection::receive(std::span<char> into, Monotonic until, Waiting what) {
  waiting_ = what;
  thread_.wheel().set(*this, until);
  if (!gave_way_) thread_.waiting_room().enter(*this, is_known_);
  return transport_.read(into);
}

Transport::ReadyAwaiter Connection::ready(IoStatus wish, Monotonic until, Waiting what) {
  waiting_ = what;
  thread_.wheel().set(*this, until);
  if (!gave_way_) thread_.waiting_room().enter(*this, is_known_);
  return transport_.ready(wish);
}

bool Connection::waited() {
  waiting_ = Waiting::ForNothing;
  thread_.wheel().clear(*this);
  WaitingRoom::leave(*this);
  return !expired_;
}

void Connection::deadline_passed() {
  expired_ = true;
  transport_.cancel();
}

// As if its time were over: a request that was begun is still answered, with 408.
void Connection::give_way() {
  ticket_ = {};
  gave_way_ = true;
  thread_.shared().handler.turned_away(peer_);
  deadline_passed();
}

Monotonic Connection::transfer_deadline(Monotonic started, std::size_t bytes, Monotonic grace,
                                        Monotonic total) const {
  const auto rate = std::max<std::size_t>(limits().rate_bytes_per_second_min, 1);
  const Monotonic earned = std::chrono::microseconds{bytes * 1'000'000 / rate};
  return started + std::min(grace + earned, total);
}

Task<bool> Connection::invite_body() {
  output_ = "HTTP/1.1 100 Continue\r\n\r\n";
  sent_ = 0;
  co_return write_at_once() || co_await write_rest();
}

Task<std::optional<Refusal>> Connection::read_body(ParsedHead& parsed, std::size_t bytes_max,
                                                   std::string& body) {
  const bool is_chunked = parsed.framing == BodyFraming::Chunked;
  if (!is_chunked && parsed.content_length > bytes_max) co_return Refusal{413, "body_too_large"};
  if (parsed.expects_continue && input_.empty() && !co_await invite_body()) co_return kNobodyToTell;
  if (is_chunked) co_return co_await read_chunked_body(bytes_max, body);
  const auto buffered = input_.view().substr(0, parsed.content_length);
  body = buffered;
  input_.consume(buffered.size());
  if (body.size() == parsed.content_length) co_return std::nullopt;
  co_return co_await read_sized_body(parsed.content_length, body);
}

Task<std::optional<Refusal>> Connection::read_sized_body(std::size_t length, std::string& body) {
  const Monotonic started = thread_.now();
  BodyShare share{thread_.shared().strangers_body_bytes, limits().strangers_body_bytes_max};
  const std::size_t already = body.size();
  std::size_t filled = already;
  while (filled < length) {
    // Memory follows the bytes that arrive and not the length that was promised.
    if (filled == body.size()) {
      const std::size_t size = std::min(length, filled + std::max(filled, kBodyStep));
      if (!is_known_ && !share.grow_to(size)) co_return kTooManyBodies;
      body.resize(size);
    }
    const Monotonic until =
        transfer_deadline(started, filled - already, limits().body_grace, limits().body_max);
    const IoResult result =
        co_await receive(std::span{body}.subspan(filled), until, Waiting::ForInput);
    if (!waited()) co_return is_cut_ ? kNobodyToTell : Refusal{408, "body_too_slow"};
    if (result.status != IoStatus::Done) co_return kNobodyToTell;
    filled += result.bytes;
  }
  co_return std::nullopt;
}

Task<std::optional<Refusal>> Connection::read_chunked_body(std::size_t bytes_max, std::string& body) {
  const Monotonic started = thread_.now();
  BodyShare share{thread_.shared().strangers_body_bytes, limits().strangers_body_bytes_max};
  ChunkedBody chunks;
  for (;;) {
    std::size_t consumed = 0;
    const auto state = chunks.feed(input_.view(), bytes_max, body, consumed);
    input_.consume(consumed);
    if (state == ChunkedBody::State::Done) co_return std::nullopt;
    if (state == ChunkedBody::State::Refused) co_return chunks.refusal();
    if (!is_known_ && !share.grow_to(body.capacity())) co_return kTooManyBodies;
    // Only content earns time: a body of one-byte chunks is a trickle too.
    const Monotonic until =
        transfer_deadline(started, body.size(), limits().body_grace, limits().body_max);
    const IoResult result =
        co_await receive(input_.room(limits().head_bytes_max), until, Waiting::ForInput);
    if (!waited()) co_return is_cut_ ? kNobodyToTell : Refusal{408, "body_too_slow"};
    if (result.status != IoStatus::Done) co_return kNobodyToTell;
    input_.filled(result.bytes);
  }
}

void Connection::forget_output() {
  wipe(std::as_writable_bytes(std::span{output_}));
  output_.clear();
  sent_ = 0;
}

bool Connection::write_at_once() {
  const IoResult result = transport_.try_write(output_);
  if (result.status == IoStatus::Done) sent_ += result.bytes;
  return sent_ == output_.size();
}

Task<bool> Connection::write_rest() {
  const Monotonic started = thread_.now();
  expired_ = is_cut_;
  while (sent_ < output_.size()) {
    const IoResult result = transport_.try_write(std::string_view{output_}.substr(sent_));
    if (result.status == IoStatus::Done) {
      sent_ += result.bytes;
      continue;
    }
    const bool must_wait = result.status == IoStatus::WantsWrite || result.status == IoStatus::WantsRead;
    if (!must_wait || is_cut_) co_return false;
    const Monotonic until = transfer_deadline(started, sent_, limits().write_grace, limits().write_max);
    const bool is_ready = co_await ready(result.status, until, Waiting::ForOutput);
    if (!waited()) {
      lingers_ = false;
      transport_.abort();
      co_return false;
    }
    if (!is_ready) co_return false;
  }
  co_return true;
}

// Each piece has the deadlines of a reply of its own. A reply that cannot be finished ends with its connection:
// a chunked body without its last chunk is visibly not whole.
Task<bool> Connection::write_pieces(BodySource& source, bool chunked) {
  for (;;) {
    auto piece = co_await source.next(thread_);
    if (!piece || is_cut_ || thread_.is_stopping()) {
      if (!piece) thread_.shared().logger.warning("reply_cut_short", {{"detail", piece.error().detail}});
      lingers_ = false;
      transport_.abort();
      co_return false;
    }
    const bool ends = piece->empty();
    output_ = !chunked ? std::move(*piece) : ends ? std::string{kLastChunk} : chunk_of(*piece);
    sent_ = 0;
    const bool is_sent = write_at_once() || co_await write_rest();
    if (!is_sent || ends) co_return is_sent;
  }
}

}  // namespace kavach::http
