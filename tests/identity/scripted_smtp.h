#pragma once

// A mail server for tests: speaks enough SMTP, keeps what it was given, refuses recipients on request.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "core/guarded.h"

namespace kavach::identity::test {

class ScriptedSmtp {
 public:
  ScriptedSmtp() : listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~ScriptedSmtp() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedSmtp(const ScriptedSmtp&) = delete;
  ScriptedSmtp& operator=(const ScriptedSmtp&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string received() const {
    return received_.with([](const std::string& text) { return text; });
  }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      talk(client);
      ::close(client);
    }
  }

  static void say(int client, std::string_view line) { (void)!::write(client, line.data(), line.size()); }

  void talk(int client) {
    say(client, "220 test\r\n");
    std::string pending;
    bool in_data = false;
    for (;;) {
      char buffer[4096];
      const auto got = ::read(client, buffer, sizeof buffer);
      if (got <= 0) return;
      pending.append(buffer, static_cast<std::size_t>(got));
      for (auto end = pending.find("\r\n"); end != std::string::npos; end = pending.find("\r\n")) {
        const std::string line = pending.substr(0, end);
        pending.erase(0, end + 2);
        received_.with([&](std::string& text) { text += line + "\n"; });
        if (in_data) {
          if (line == ".") {
            in_data = false;
            say(client, "250 taken\r\n");
          }
        } else if (line.starts_with("EHLO")) {
          say(client, "250-test\r\n250 8BITMIME\r\n");
        } else if (line.starts_with("RCPT") && line.contains("nobody@")) {
          say(client, "550 no such mailbox\r\n");
        } else if (line == "DATA") {
          in_data = true;
          say(client, "354 go on\r\n");
        } else if (line == "QUIT") {
          say(client, "221 bye\r\n");
          return;
        } else {
          say(client, "250 ok\r\n");
        }
      }
    }
  }

  int listener_;
  int port_{0};
  Guarded<std::string> received_;
  std::thread thread_;
};

}  // namespace kavach::identity::test
