// Forwarded headers of a trusted proxy, chosen by an attacker but for what the proxy appends: the
// answer is always what the proxy saw.

#include "guard/client_address.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kavach;
  using kavach::fuzz::expect;
  const std::string input{reinterpret_cast<const char*>(data), size};
  const guard::ClientAddressResolver resolver{{Cidr::parse("10.0.0.0/8").value()}};
  const IpAddress client = IpAddress::parse("203.0.113.9").value();

  http::RequestHead appended;
  appended.peer = IpAddress::parse("10.0.0.1").value();
  appended.headers = {{"X-Forwarded-For", input + ", 203.0.113.9"}};
  expect(resolver.resolve(appended).address == client, "what the proxy appended decides");

  http::RequestHead second_line = appended;
  second_line.headers = {{"X-Forwarded-For", input}, {"X-Forwarded-For", "203.0.113.9"}};
  expect(resolver.resolve(second_line).address == client, "a second header line continues the list");

  http::RequestHead other_header = appended;
  other_header.headers = {{"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", input}, {"X-Real-IP", input}};
  const auto judged = resolver.resolve(other_header);
  expect(judged.address == client, "the other headers decide nothing");

  http::RequestHead stranger;
  stranger.peer = client;
  stranger.headers = {{"X-Forwarded-For", input}, {"Forwarded", input}, {"X-Forwarded-Proto", input}};
  const auto direct = resolver.resolve(stranger);
  expect(direct.address == client && !direct.secure && !direct.unknown_proxy, "a stranger's headers are nothing");
  return 0;
}
