#include "http/websocket_session.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace kavach::http {
namespace {

constexpr std::size_t kReadMax = 16 * 1024;
constexpr std::size_t kGatherFrames = 64;
constexpr std::size_t kGatherBytes = 64 * 1024;

}  // namespace

WebSocketSession::WebSocketSession(IoThread& thread, Transport& transport, const IpAddress& peer,
                                   std::shared_ptr<WebSocketListener> listener, bool deflates)
    : thread_{thread}, transport_{transport}, peer_{peer}, deflates_{deflates},
      listener_{std::move(listener)}, reader_{deflates} {}

Task<void> WebSocketSession::run(InputBuffer& input) {
  listener_->opened(shared_from_this());
  for (;;) {
    process(input.view());
    input.consume(input.view().size());
    if (state_ == State::Ended) break;
    const IoResult result = co_await transport_.read(input.room(kReadMax));
    if (result.status != IoStatus::Done) break;
    input.filled(result.bytes);
  }
  end();
}

void WebSocketSession::process(std::string_view input) {
  while (!input.empty() && (state_ == State::Open || state_ == State::Closing)) {
    std::size_t consumed = 0;
    const auto kind = reader_.feed(input, listener_->message_bytes_max(), consumed);
    input.remove_prefix(consumed);
    if (kind == FrameReader::Kind::NeedsMore) return;
    take(kind);
  }
}

void WebSocketSession::take(FrameReader::Kind kind) {
  const bool is_listening = state_ == State::Open && !close_requested_.load(std::memory_order_relaxed);
  switch (kind) {
    case FrameReader::Kind::NeedsMore: return;
    case FrameReader::Kind::Message:
      if (is_listening) listener_->message(reader_.payload(), reader_.is_text());
      return;
    case FrameReader::Kind::Failed: return fail(reader_.code());
    case FrameReader::Kind::Close: return answer_close();
    case FrameReader::Kind::Fragment:
    case FrameReader::Kind::Pong:
    case FrameReader::Kind::Ping: break;
  }
  if (!is_listening) return;
  if (is_flooding()) return fail(close_code::kPolicy);
  if (kind == FrameReader::Kind::Pong) listener_->pong();
  if (kind != FrameReader::Kind::Ping) return;
  auto pong = std::make_shared<const std::string>(encode_frame(Opcode::Pong, reader_.payload()));
  // Of several pings a client may expect only the last to be answered (RFC 6455, 5.5.3); one that
  // pings without reading cannot make the queue grow.
  if (waits_for_room_) {
    late_pong_ = std::move(pong);
    return;
  }
  collect_outbox();  // what was answered before the ping came goes first
  queue(std::move(pong));
  flush();
}

// Frames that carry no message cost work and are seen by no message limit.
bool WebSocketSession::is_flooding() {
  const Monotonic now = thread_.now();
  if (now - control_window_ >= std::chrono::seconds{1}) {
    control_window_ = now;
    control_frames_ = 0;
  }
  return ++control_frames_ > thread_.shared().settings.limits.websocket_control_frames_per_second_max;
}

void WebSocketSession::fail(std::uint16_t code) {
  if (state_ == State::Open) {
    listener_->violated(code);
    start_close(code, {});
  }
  // After an error the stream of frames cannot be followed any more.
  state_ = State::Discarding;
  flush();
}

void WebSocketSession::answer_close() {
  if (state_ == State::Closing) {
    state_ = State::Ended;
    return;
  }
  const std::uint16_t code = reader_.code();
  start_close(code == close_code::kNoStatus ? close_code::kNormal : code, {});
  code_ = code;
  peer_closed_ = true;
  state_ = writing_.empty() ? State::Ended : State::Discarding;
}

void WebSocketSession::send(SharedFrame frame) {
  if (!frame || frame->empty()) return;
  const auto bytes_max = thread_.shared().settings.limits.websocket_queue_bytes_max;
  const bool must_flush = outbox_.with([&](Outbox& outbox) {
    if (!outbox.is_open) return false;
    if (queued_bytes_.load() + frame->size() > bytes_max) {
      outbox.overflowed = true;
      outbox.is_open = false;
      return true;
    }
    queued_bytes_ += frame->size();
    outbox.frames.push_back(std::move(frame));
    return true;
  });
  if (must_flush) post_flush();
}

void WebSocketSession::ping() {
  static const SharedFrame kPing = std::make_shared<const std::string>(encode_frame(Opcode::Ping, {}));
  send(kPing);
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  if (!outbox_.with([](const Outbox& outbox) { return outbox.is_open; })) return;
  if (close_requested_.exchange(true)) return;
  thread_.post([self = shared_from_this(), code, text = std::string{reason}] {
    if (self->state_ == State::Open) self->start_close(code, text);
  });
}

void WebSocketSession::post_flush() {
  if (flush_posted_.exchange(true)) return;
  thread_.post([self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void WebSocketSession::queue(SharedFrame frame) {
  queued_bytes_ += frame->size();
  writing_.push_back(std::move(frame));
}

void WebSocketSession::collect_outbox() {
  const bool overflowed = outbox_.with([&](Outbox& outbox) {
    for (auto& frame : outbox.frames) writing_.push_back(std::move(frame));
    outbox.frames.clear();
    return outbox.overflowed;
  });
  if (overflowed) transport_.abort();
}

void WebSocketSession::start_close(std::uint16_t code, std::string_view reason) {
  collect_outbox();
  outbox_.with([](Outbox& outbox) { outbox.is_open = false; });
  queue(std::make_shared<const std::string>(encode_close(code, reason)));
  code_ = code;
  state_ = State::Closing;
  const auto& limits = thread_.shared().settings.limits;
  close_by_ = thread_.now() + limits.websocket_close_max;
  thread_.wheel().set(*this, close_by_);
  flush();
}

IoResult WebSocketSession::write_some() {
  std::array<std::string_view, kGatherFrames> pieces;
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const auto& frame : writing_) {
    if (count == kGatherFrames || bytes >= kGatherBytes) break;
    pieces[count] = count == 0 ? std::string_view{*frame}.substr(first_sent_) : std::string_view{*frame};
    bytes += pieces[count++].size();
  }
  const auto gathered = std::span{pieces}.first(count);
  if (!transport_.is_tls()) return transport_.try_write(gathered);
  // A repeated TLS write must offer what the one before offered: the queue's order guarantees it.
  joined_.clear();
  for (const auto piece : gathered) joined_.append(piece);
  return transport_.try_write(joined_);
}

void WebSocketSession::written(std::size_t bytes) {
  queued_bytes_ -= bytes;
  first_sent_ += bytes;
  while (!writing_.empty() && first_sent_ >= writing_.front()->size()) {
    first_sent_ -= writing_.front()->size();
    writing_.pop_front();
  }
}

void WebSocketSession::flush() {
  if (state_ == State::Ended) return;
  collect_outbox();
  if (waits_for_room_) return;
  const bool has_output = !writing_.empty();
  while (!writing_.empty()) {
    const IoResult result = write_some();
    if (result.status == IoStatus::Done) {
      written(result.bytes);
      if (writing_.empty() && late_pong_) queue(std::move(late_pong_));
      continue;
    }
    if (result.status != IoStatus::WantsWrite && result.status != IoStatus::WantsRead) {
      return transport_.abort();
    }
    waits_for_room_ = true;
    if (state_ == State::Open) {
      thread_.wheel().set(*this, thread_.now() + thread_.shared().settings.limits.websocket_stall_max);
    }
    return transport_.when_ready(result.status, [self = shared_from_this()](bool is_ready) {
      self->waits_for_room_ = false;
      if (is_ready) self->flush();
    });
  }
  if (state_ == State::Open && has_output) {
    thread_.wheel().clear(*this);
    listener_->drained();
  }
  if (state_ != State::Discarding) return;
  // The peer has its close frame. If it sent one too, nothing is left to read for; else it learns here
  // that it should end the connection, and its input is drained so that no reset overtakes the frame.
  if (peer_closed_) return transport_.cancel();
  transport_.finish_sending();
}

void WebSocketSession::deadline_passed() { transport_.abort(); }

void WebSocketSession::end() {
  state_ = State::Ended;
  thread_.wheel().remove(*this);
  outbox_.with([](Outbox& outbox) {
    outbox.is_open = false;
    outbox.frames.clear();
  });
  writing_.clear();
  queued_bytes_ = 0;
  const auto listener = std::move(listener_);
  listener->closed(code_);
}

}  // namespace kavach::http
