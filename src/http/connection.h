#pragma once

// One client connection, from accept to close: PROXY header, TLS, then requests one after the other,
// and a WebSocket at the end if a reply upgrades. A single coroutine runs all of it on the I/O thread
// that accepted the socket; a deadline on the thread's wheel guards whatever it waits for.
//
// While a handler works, nothing is read and no deadline runs: the task is always finished, also when
// the client has gone, because an order is never abandoned.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/task.h"
#include "http/connection_counts.h"
#include "http/deadline_wheel.h"
#include "http/head_parser.h"
#include "http/input_buffer.h"
#include "http/io_thread.h"
#include "http/message.h"
#include "http/transport.h"
#include "http/waiting_room.h"

namespace kavach::http {

class WebSocketSession;

class Connection final : private Deadline, private Guest {
 public:
  Connection(IoThread& thread, Socket socket, const IpAddress& peer, const ListenSettings& listener,
             ConnectionCounts::Ticket ticket);
  ~Connection() override;

  /// Once. `on_ended` is called when the connection is closed and may destroy it.
  void start(Job on_ended);
  /// Ends the connection when nothing is in progress, else after the reply in progress.
  void stop();
  /// Ends whatever the connection waits for. A running handler is not interrupted.
  void cut();

 private:
  enum class Waiting { ForNothing, ForRequest, ForInput, ForOutput };

  /// What a reply must know of the request it answers.
  struct Answered {
    std::string request_id;
    bool omits_body{false};
    bool keeps_open{false};
    bool knows_chunks{true};
  };

  // The life of a connection, in order. False: nothing more can be done with it.
  Task<void> run();
  Task<bool> open();
  Task<bool> take_proxy_header();
  Task<bool> shake_hands();
  Task<bool> read_head();
  Task<bool> exchange();
  Task<std::optional<Refusal>> read_body(ParsedHead& parsed, std::size_t bytes_max, std::string& body);
  Task<std::optional<Refusal>> read_sized_body(std::size_t length, std::string& body);
  Task<std::optional<Refusal>> read_chunked_body(std::size_t bytes_max, std::string& body);
  Task<bool> invite_body();
  Task<void> refuse(Refusal refusal, Answered answered);
  Task<void> linger();

  /// Puts the reply into the output buffer. False: it is the connection's last.
  [[nodiscard]] bool compose(const Response& response, const Answered& answered);
  /// Overwrites what was sent: replies carry session tokens and, once, keys.
  void forget_output();
  /// True when the kernel took the whole output buffer, which is the rule.
  [[nodiscard]] bool write_at_once();
  Task<bool> write_rest();
  /// False: the client has a part of it and the connection must end.
  Task<bool> write_pieces(BodySource& source, bool chunked);

  // Waiting, with a deadline.
  [[nodiscard]] Transport::ReadAwaiter receive(std::span<char> into, Monotonic until, Waiting what);
  [[nodiscard]] Transport::ReadyAwaiter ready(IoStatus wish, Monotonic until, Waiting what);
  /// To be called after each wait: true when it ended neither by its deadline nor by a cut.
  [[nodiscard]] bool waited();
  void deadline_passed() override;
  void give_way() override;
  /// `grace` after `started`, and a second more for each second's worth of bytes; at most `total`.
  [[nodiscard]] Monotonic transfer_deadline(Monotonic started, std::size_t bytes, Monotonic grace,
                                            Monotonic total) const;

  void complete(RequestHead& head);
  [[nodiscard]] const ServerLimits& limits() const;

  IoThread& thread_;
  Transport transport_;
  IpAddress peer_;
  const ListenSettings listener_;
  ConnectionCounts::Ticket ticket_;

  InputBuffer input_;
  HeadParser parser_;
  std::string output_;
  std::size_t sent_{0};  ///< of `output_`
  std::size_t requests_{0};
  Waiting waiting_{Waiting::ForNothing};
  bool expired_{false};
  bool is_cut_{false};
  bool lingers_{false};
  bool gave_way_{false};
  bool withholds_place_{false};
  bool is_known_{false};  ///< its latest caller has proved who he is
  std::shared_ptr<WebSocketListener> upgrade_;
  bool upgrade_deflates_{false};
  /// Shared because its users may keep it after the connection has ended; it is inert then.
  std::shared_ptr<WebSocketSession> session_;
  Task<void> task_;
};

}  // namespace kavach::http
