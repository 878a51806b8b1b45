#pragma once

// One accepted socket, plain or TLS, as a connection uses it: steps that never block, and awaiters for
// when a step says that it must wait. Lives on one I/O thread. The coroutine that awaits owns the
// transport's owner, so a transport never dies with an operation pending.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <coroutine>
#include <span>
#include <string_view>

#include "core/executor.h"
#include "http/tls.h"

namespace kavach::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Transport {
 public:
  explicit Transport(Socket socket);

  void start_tls(SSL_CTX& context) { tls_ = TlsSession{context, socket_.native_handle()}; }
  [[nodiscard]] bool is_tls() const { return static_cast<bool>(tls_); }
  [[nodiscard]] IoResult handshake() { return tls_.handshake(); }

  /// As many bytes as the kernel takes now; `Done` with at least one byte, or a wish to wait.
  [[nodiscard]] IoResult try_write(std::string_view bytes);
  /// The same for several pieces at once. A TLS session takes them one by one.
  [[nodiscard]] IoResult try_write(std::span<const std::string_view> pieces);

  class ReadAwaiter {
   public:
    ReadAwaiter(Transport& transport, std::span<char> into) : transport_{transport}, into_{into} {}
    [[nodiscard]] bool await_ready();
    void await_suspend(std::coroutine_handle<> waiting);
    [[nodiscard]] IoResult await_resume() const { return result_; }

   private:
    void retry_when_ready();
    Transport& transport_;
    std::span<char> into_;
    IoResult result_{};
    std::coroutine_handle<> waiting_{};
  };
  /// `co_await transport.read(room)`: Done, Ended or Failed.
  [[nodiscard]] ReadAwaiter read(std::span<char> into) { return {*this, into}; }

  class ReadyAwaiter {
   public:
    ReadyAwaiter(Transport& transport, IoStatus wish) : transport_{transport}, wish_{wish} {}
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    /// False when the wait was cancelled or the socket failed.
    [[nodiscard]] bool await_resume() const { return ready_; }

   private:
    Transport& transport_;
    IoStatus wish_;
    bool ready_{false};
  };
  /// `co_await transport.ready(IoStatus::WantsWrite)`.
  [[nodiscard]] ReadyAwaiter ready(IoStatus wish) { return {*this, wish}; }

  /// The same by callback; called once, also on failure.
  void when_ready(IoStatus wish, std::move_only_function<void(bool ready)> then);

  /// Ends what is being awaited with `Failed`. The transport can be used again afterwards.
  void cancel();
  /// Both directions end now: what is awaited fails, and so does everything later.
  void abort();
  /// No more output; input can still be drained.
  void finish_sending();
  /// After this nothing but destruction.
  void close();

 private:
  Socket socket_;
  TlsSession tls_;
};

}  // namespace kavach::http
