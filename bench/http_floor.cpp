// The server with a handler that does nothing: what HTTP itself costs, to compare with nginx.
//
//   http_floor [PORT [THREADS [CERTIFICATE KEY]]]
//
// Answers every request with the same 150 bytes of JSON until it is interrupted.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "http/server.h"

namespace {

using namespace kavach;

class FixedReply final : public http::Handler {
 public:
  bool admit_connection(const IpAddress&) override { return true; }
  std::optional<http::Response> admit(http::RequestHead&) override { return std::nullopt; }
  std::size_t body_bytes_max(const http::RequestHead&) override { return 64 * 1024; }
  Task<http::Response> handle(http::Request request, Executor&) override {
    co_return http::Response::json(request.body.empty() ? 400 : 200, body_);
  }
  void refused(const IpAddress&, std::string_view, http::Response&) override {}

 private:
  const std::string body_ = R"({"status":"success","orderid":"250829000000001","data":{"pad":")" +
                            std::string(84, 'x') + "\"}}";
};

}  // namespace

int main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  FixedReply handler;
  SystemClock clock;
  http::ServerSettings settings;
  const auto number = [&](int index, int otherwise) {
    return argc > index ? static_cast<int>(std::strtol(argv[index], nullptr, 10)) : otherwise;
  };
  settings.listeners = {{.address = *IpAddress::parse("127.0.0.1"),
                         .port = static_cast<std::uint16_t>(number(1, 0)),
                         .tls = argc > 4}};
  settings.io_threads = static_cast<std::size_t>(number(2, 1));
  settings.limits.connections_per_address_max = 8'192;
  if (argc > 4) settings.tls = http::TlsFiles{argv[3], argv[4]};
  http::Server server{settings, handler, clock, Logger::silent()};
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", server.port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server.stop(std::chrono::seconds{1});
  return 0;
}
