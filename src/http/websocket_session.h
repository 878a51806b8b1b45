#pragma once

// The life of a WebSocket after its 101: frames in, a queue of shared frames out. Created by the
// connection, which awaits `run`; kept by whoever sends to it. Frames are gathered, so that a burst of
// ticks becomes one system call.
//
// `send`, `close`, `ping` and `queued_bytes` are thread-safe; the rest lives on the I/O thread. After
// `closed` was reported every call is a no-op, but the object must not outlive the server.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/guarded.h"
#include "core/task.h"
#include "http/deadline_wheel.h"
#include "http/input_buffer.h"
#include "http/io_thread.h"
#include "http/transport.h"
#include "http/websocket.h"
#include "http/websocket_frames.h"

namespace kavach::http {

class WebSocketSession final : public WebSocketConnection,
                               public std::enable_shared_from_this<WebSocketSession>,
                               private Deadline {
 public:
  WebSocketSession(IoThread& thread, Transport& transport, const IpAddress& peer,
                   std::shared_ptr<WebSocketListener> listener, bool deflates);

  /// Until the connection can be closed. `input` may already hold the client's first frames.
  Task<void> run(InputBuffer& input);

  void send(SharedFrame frame) override;
  void close(std::uint16_t code, std::string_view reason) override;
  void ping() override;
  [[nodiscard]] std::size_t queued_bytes() const override { return queued_bytes_.load(); }
  [[nodiscard]] bool deflates() const override { return deflates_; }
  [[nodiscard]] Executor& executor() override { return thread_; }
  [[nodiscard]] const IpAddress& peer() const override { return peer_; }

 private:
  enum class State {
    Open,
    Closing,     ///< our close frame is queued or sent; the peer's is awaited
    Discarding,  ///< the peer's input means nothing any more
    Ended,
  };

  /// What other threads have handed over.
  struct Outbox {
    std::vector<SharedFrame> frames;
    bool is_open{true};
    bool overflowed{false};
  };

  // Input.
  void process(std::string_view input);
  void take(FrameReader::Kind kind);
  [[nodiscard]] bool is_flooding();
  void fail(std::uint16_t code);
  void answer_close();

  // Output.
  void post_flush();
  void flush();
  void collect_outbox();
  [[nodiscard]] IoResult write_some();
  void written(std::size_t bytes);
  void queue(SharedFrame frame);
  void start_close(std::uint16_t code, std::string_view reason);
  void end();
  void deadline_passed() override;

  IoThread& thread_;
  Transport& transport_;  ///< not touched once Ended
  const IpAddress peer_;
  const bool deflates_;
  std::shared_ptr<WebSocketListener> listener_;  ///< released when closed, which breaks the cycle

  Guarded<Outbox> outbox_;
  std::atomic<std::size_t> queued_bytes_{0};
  std::atomic<bool> flush_posted_{false};
  std::atomic<bool> close_requested_{false};

  State state_{State::Open};
  FrameReader reader_;
  std::deque<SharedFrame> writing_;
  std::size_t first_sent_{0};  ///< bytes of the first frame that are out
  std::string joined_;         ///< several frames as one TLS record
  SharedFrame late_pong_;      ///< the latest ping's answer, while the socket is clogged
  bool waits_for_room_{false};
  bool peer_closed_{false};
  std::uint16_t code_{close_code::kAbnormal};
  Monotonic close_by_{};
  Monotonic control_window_{};
  std::size_t control_frames_{0};
};

}  // namespace kavach::http
