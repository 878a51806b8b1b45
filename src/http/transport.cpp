#include "http/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>

namespace kavach::http {
namespace {

using boost::system::error_code;

boost::asio::socket_base::wait_type wait_type_of(IoStatus wish) {
  return wish == IoStatus::WantsRead ? boost::asio::socket_base::wait_read
                                     : boost::asio::socket_base::wait_write;
}

bool must_wait(const IoResult& result) {
  return result.status == IoStatus::WantsRead || result.status == IoStatus::WantsWrite;
}

IoResult sent(ssize_t returned) {
  if (returned >= 0) return {IoStatus::Done, static_cast<std::size_t>(returned)};
  const bool full = errno == EAGAIN || errno == EINTR;
  return {full ? IoStatus::WantsWrite : IoStatus::Failed, 0};
}

}  // namespace

Transport::Transport(Socket socket) : socket_{std::move(socket)} {
  error_code ignored;
  socket_.native_non_blocking(true, ignored);
  // Replies are written whole, so there is nothing for Nagle's algorithm to gather.
  socket_.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
}

IoResult Transport::try_write(std::string_view bytes) {
  if (tls_) return tls_.write(bytes);
  return sent(::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

IoResult Transport::try_write(std::span<const std::string_view> pieces) {
  if (tls_) return tls_.write(pieces.front());
  constexpr std::size_t kPiecesMax = 64;
  std::array<iovec, kPiecesMax> vectors;
  const auto count = std::min(pieces.size(), kPiecesMax);
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return sent(::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL));
}

bool Transport::ReadAwaiter::await_ready() {
  // A TLS session may hold decrypted bytes, which no readiness of the socket would announce.
  if (!transport_.tls_) return false;
  result_ = transport_.tls_.read(into_);
  return !must_wait(result_);
}

void Transport::ReadAwaiter::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  if (transport_.tls_) return retry_when_ready();
  transport_.socket_.async_read_some(
      boost::asio::buffer(into_.data(), into_.size()), [this](error_code error, std::size_t bytes) {
        if (!error) result_ = {IoStatus::Done, bytes};
        if (error == boost::asio::error::eof) result_ = {IoStatus::Ended, 0};
        waiting_.resume();
      });
}

void Transport::ReadAwaiter::retry_when_ready() {
  transport_.socket_.async_wait(wait_type_of(result_.status), [this](error_code error) {
    result_ = error ? IoResult{} : transport_.tls_.read(into_);
    if (must_wait(result_)) return retry_when_ready();
    waiting_.resume();
  });
}

void Transport::ReadyAwaiter::await_suspend(std::coroutine_handle<> waiting) {
  transport_.socket_.async_wait(wait_type_of(wish_), [this, waiting](error_code error) {
    ready_ = !error;
    waiting.resume();
  });
}

void Transport::when_ready(IoStatus wish, std::move_only_function<void(bool ready)> then) {
  socket_.async_wait(wait_type_of(wish),
                     [then = std::move(then)](error_code error) mutable { then(!error); });
}

void Transport::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Transport::abort() {
  error_code ignored;
  // The descriptor stays open: a TLS session and pending operations still refer to its number. The
  // linger option makes the later close a reset, so that the kernel keeps no unread reply for the peer.
  socket_.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.cancel(ignored);
}

void Transport::finish_sending() {
  if (tls_) tls_.say_goodbye();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Transport::close() {
  tls_ = TlsSession{};
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace kavach::http
