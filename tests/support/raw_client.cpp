#include "support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/text.h"

namespace kavach::test {
namespace {

sockaddr_in address_of(const char* address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &where.sin_addr);
  return where;
}

}  // namespace

std::string RawReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, const char* address) { connect_to(port, address, nullptr); }

RawClient::RawClient(std::uint16_t port, const char* address, const char* from) {
  connect_to(port, address, from);
}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, unread_{std::move(other.unread_)} {}

RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RawClient::connect_to(std::uint16_t port, const char* address, const char* from) {
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval ten_seconds{10, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &ten_seconds, sizeof ten_seconds);
  const int on = 1;  // what a test cuts into pieces must arrive in pieces, and at once
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (from != nullptr) {
    const sockaddr_in source = address_of(from, 0);
    ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&source), sizeof source);
  }
  const sockaddr_in where = address_of(address, port);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::receive_more() {
  char buffer[16 * 1024];
  const ssize_t received = ::recv(descriptor_, buffer, sizeof buffer, 0);
  if (received <= 0) return false;
  unread_.append(buffer, static_cast<std::size_t>(received));
  return true;
}

RawReply RawClient::read_reply(bool to_head) {
  RawReply reply;
  std::size_t head_end = 0;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more()) return {};
  }
  const std::string head = unread_.substr(0, head_end + 2);
  unread_.erase(0, head_end + 4);
  const auto lines = split(head, '\n');
  const auto status = parse_int(lines[0].substr(lines[0].find(' ') + 1, 3));
  reply.status = static_cast<int>(status.value_or(0));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = trim(lines[i]);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    reply.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  const auto length = parse_int(reply.header("Content-Length")).value_or(0);
  if (to_head || length == 0) return reply;
  reply.body = read_bytes(static_cast<std::size_t>(length));
  unread_.insert(0, reply.body.substr(std::min(reply.body.size(), static_cast<std::size_t>(length))));
  reply.body.resize(std::min(reply.body.size(), static_cast<std::size_t>(length)));
  if (reply.body.size() < static_cast<std::size_t>(length)) reply.status = 0;
  return reply;
}

std::string RawClient::read_bytes(std::size_t count) {
  while (unread_.size() < count && receive_more()) {
  }
  return std::exchange(unread_, {});
}

std::string RawClient::read_to_end() {
  while (receive_more()) {
  }
  return std::exchange(unread_, {});
}

bool RawClient::is_closed_by_server() {
  char byte{};
  const ssize_t received = ::recv(descriptor_, &byte, 1, 0);
  return unread_.empty() && (received == 0 || (received < 0 && errno == ECONNRESET));
}

void RawClient::shrink_receive_buffer() {
  const int small = 4'096;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

void RawClient::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view more_headers) {
  std::string text{method};
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(more_headers);
  if (!body.empty()) text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return text.append("\r\n").append(body);
}

}  // namespace kavach::test
