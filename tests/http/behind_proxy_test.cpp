// The server behind real proxies that keep connections to it open and reuse them for everybody. A
// request that a proxy took for part of another one's body would arrive without the proxy's mark; a
// reply that is off by one would reach a bystander.

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "http/listening_socket.h"
#include "malformed_requests.h"
#include "server_fixture.h"
#include "support/temporary_folder.h"

namespace kavach::http {
namespace {

using test::RawClient;
using test::request_text;

/// A proxy as a child process, until the test ends.
class ProxyProcess {
 public:
  explicit ProxyProcess(std::vector<std::string> command) {
    child_ = ::fork();
    if (child_ != 0) return;
    std::vector<char*> arguments;
    for (auto& each : command) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~ProxyProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  ProxyProcess(const ProxyProcess&) = delete;
  ProxyProcess& operator=(const ProxyProcess&) = delete;

  /// False when the program is missing, refuses its configuration or takes over ten seconds.
  [[nodiscard]] bool is_listening(std::uint16_t port) const {
    for (int tries = 0; tries < 1'000; ++tries) {
      if (RawClient{port}.is_connected()) return true;
      if (::waitpid(child_, nullptr, WNOHANG) != 0) return false;
      ::poll(nullptr, 0, 10);
    }
    return false;
  }

 private:
  pid_t child_{-1};
};

std::uint16_t free_port() {
  return ListeningSocket::open(*IpAddress::parse("127.0.0.1"), 0, false)->port();
}

struct Proxy {
  std::string name;
  /// The whole configuration, from a folder of its own, its port and the server's.
  std::string (*configuration)(const std::string& folder, const std::string& port, const std::string& server);
  std::vector<std::string> (*command)(const std::string& file);
};

const Proxy kNginx{
    "nginx",
    [](const std::string& folder, const std::string& port, const std::string& server) {
      return "daemon off; master_process off; worker_processes 1; pid " + folder + "/pid; error_log /dev/null;\n"
             "events { worker_connections 256; }\n"
             "http { access_log off; ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;\n"
             "client_body_temp_path " + folder + "/b; proxy_temp_path " + folder + "/p;\n"
             "fastcgi_temp_path " + folder + "/f; uwsgi_temp_path " + folder + "/u; scgi_temp_path " + folder + "/s;\n"
             "upstream gateway { server 127.0.0.1:" + server + "; keepalive 4; }\n"
             "server { listen 127.0.0.1:" + port + "; location / { proxy_pass http://gateway;\n"
             "proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_request_buffering off;\n"
             "proxy_next_upstream off; proxy_set_header X-Forwarded-By-Proxy yes; } } }\n";
    },
    [](const std::string& file) { return std::vector<std::string>{"/usr/sbin/nginx", "-c", file}; }};

const Proxy kHaproxy{
    "haproxy",
    [](const std::string&, const std::string& port, const std::string& server) {
      return "defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n"
             "frontend all\n bind 127.0.0.1:" + port + "\n option accept-invalid-http-request\n"
             " http-request set-header X-Forwarded-By-Proxy yes\n default_backend gateway\n"
             "backend gateway\n http-reuse always\n retries 0\n server one 127.0.0.1:" + server + "\n";
    },
    [](const std::string& file) { return std::vector<std::string>{"/usr/sbin/haproxy", "-q", "-db", "-f", file}; }};

/// Bodies that hide a request from one of two readers who disagree about where they end.
std::vector<MalformedRequest> desynchronising_requests() {
  const std::string hidden = request_text("GET", "/smuggled");
  const auto both = [&](const std::string& headers, const std::string& body) {
    return "POST /outer HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body + hidden;
  };
  const std::string chunk_end = "0\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(chunk_end.size() + hidden.size()) + "\r\n";
  std::vector<MalformedRequest> all;
  for (const char* coding :
       {"Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity", "Transfer_Encoding: chunked",
        "Transfer-Encoding:\x0B"
        "chunked", "X: x\nTransfer-Encoding: chunked", "Transfer-Encoding\n: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked\r\n ", "TRANSFER-ENCODING: CHUNKED"}) {
    all.push_back({coding, both(length + coding + "\r\n", chunk_end), 0, {}});
    all.push_back({coding, both(std::string{coding} + "\r\nContent-Length: 4\r\n", "5c\r\n"), 0, {}});
  }
  return all;
}

class BehindProxyTest : public ServerTest, public testing::WithParamInterface<Proxy> {
 protected:
  BehindProxyTest() {
    handler.on_handle = [this](Request request, Executor&) -> Task<Response> {
      if (request.header_count("X-Forwarded-By-Proxy") != 1) ++unmarked;
      co_return Response::text(200, request.path);
    };
  }
  ~BehindProxyTest() override { server.reset(); }

  std::atomic<int> unmarked{0};
};

TEST_P(BehindProxyTest, R21_NothingIsSmuggledAndNoReplyIsMisplaced) {
  start();
  const test::TemporaryFolder folder;
  const std::uint16_t port = free_port();
  const auto file = folder.file("configuration");
  std::ofstream{file} << GetParam().configuration(folder.path().string(), std::to_string(port),
                                                   std::to_string(server->port()));
  const ProxyProcess proxy{GetParam().command(file.string())};
  ASSERT_TRUE(proxy.is_listening(port)) << GetParam().name << " must be installed";

  auto attacks = malformed_heads();
  for (const auto& more : {malformed_bodies(), desynchronising_requests()}) {
    attacks.insert(attacks.end(), more.begin(), more.end());
  }
  int bystander = 0;
  for (const auto& attack : attacks) {
    RawClient attacker{port};
    attacker.send(attack.bytes + request_text("GET", "/behind"));
    attacker.finish_sending();
    static_cast<void>(attacker.read_to_end());
    const std::string path = "/bystander/" + std::to_string(++bystander);
    RawClient client{port};
    client.send(request_text("GET", path));
    EXPECT_EQ(client.read_reply().body, path) << attack.name;
  }
  EXPECT_EQ(unmarked, 0);
  EXPECT_GE(handler.handled, bystander);
}

INSTANTIATE_TEST_SUITE_P(Proxies, BehindProxyTest, testing::Values(kNginx, kHaproxy),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace kavach::http
