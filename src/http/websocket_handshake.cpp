#include "http/websocket_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "http/grammar.h"
#include "http/websocket_extensions.h"

namespace kavach::http {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether a comma-separated header, over all its lines, has this element.
bool has_element(const RequestHead& head, std::string_view name, std::string_view element) {
  for (const auto& header : head.headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    for (const auto part : split(header.value, ',')) {
      if (equals_ignoring_case(trim(part), element)) return true;
    }
  }
  return false;
}

/// Sixteen bytes in base64: 22 characters and two signs of padding.
bool is_valid_key(std::string_view key) {
  constexpr CharSet kBase64 = CharSet{kAlphanumeric}.add("+/");
  return key.size() == 24 && key.ends_with("==") && kBase64.has_all(key.substr(0, 22));
}

}  // namespace

bool asks_for_websocket(const RequestHead& head) {
  return has_element(head, "Upgrade", "websocket") && has_element(head, "Connection", "upgrade");
}

std::string websocket_accept_value(std::string_view key) {
  const std::string text = std::string{key}.append(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  // SHA-1 is what the RFC names; it proves a handshake and protects nothing.
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

Result<Response> websocket_accept(const RequestHead& head) {
  const auto malformed = [](std::string detail) {
    return fail(ErrorCode::InvalidInput, "The WebSocket handshake is malformed", std::move(detail));
  };
  if (head.method != Method::Get) return malformed("the method is not GET");
  if (!asks_for_websocket(head)) return malformed("no upgrade to websocket");
  if (head.header_count("Transfer-Encoding") > 0) return malformed("the request has a body");
  if (const auto length = head.header("Content-Length"); !length.empty() && length != "0") {
    return malformed("the request has a body");
  }
  if (head.header_count("Sec-WebSocket-Version") != 1 || head.header("Sec-WebSocket-Version") != "13") {
    return malformed("the version is not 13");
  }
  if (head.header_count("Sec-WebSocket-Key") != 1 || !is_valid_key(head.header("Sec-WebSocket-Key"))) {
    return malformed("the key is not sixteen bytes in base64");
  }
  auto extensions = agree_on_extensions(head);
  if (!extensions) return pass_on(extensions);
  Response response;
  response.status = 101;
  response.content_type.clear();
  response.with("Upgrade", "websocket")
      .with("Connection", "Upgrade")
      .with("Sec-WebSocket-Accept", websocket_accept_value(head.header("Sec-WebSocket-Key")));
  if (!extensions->empty()) response.with("Sec-WebSocket-Extensions", std::move(*extensions));
  return response;
}

Response websocket_version_reply() {
  Response response = Response::text(426, "Upgrade Required: WebSocket version 13\n");
  response.with("Upgrade", "websocket").with("Sec-WebSocket-Version", "13");
  response.close = true;
  return response;
}

}  // namespace kavach::http
