#include "http/reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/json.h"
#include "core/text.h"
#include "http/grammar.h"

namespace kavach::http {
namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool is_safe(const Response& response) {
  if (!kFieldValue.has_all(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [](const Header& header) {
    return !header.name.empty() && kToken.has_all(header.name) && kFieldValue.has_all(header.value);
  });
}

bool is_servers_own(std::string_view name, bool is_switch) {
  constexpr std::array<std::string_view, 5> kOwn{"Content-Length", "Transfer-Encoding", "Date",
                                                 "X-Request-ID", "Connection"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) {
    if (is_switch && own == "Connection") return false;
    return equals_ignoring_case(own, name);
  });
}

/// RFC 9110, 6.4.1 and 8.6: these have neither body nor length.
bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string_view refusal_message(int status) {
  switch (status) {
    case 408: return "The request did not arrive in time";
    case 413: return "The request body is too large";
    case 414: return "The request line is too long";
    case 417: return "The expectation cannot be met";
    case 431: return "The request headers are too large";
    case 500: return "Internal server error";
    case 501: return "The method is not implemented";
    case 503: return "Too many requests are on their way; try again in a moment";
    case 505: return "The HTTP version is not supported";
    default: return "The request is malformed";
  }
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

bool append_reply(std::string& out, const Response& response, const ReplyFrame& frame) {
  if (response.status < 100 || response.status > 999 || !is_safe(response)) return false;
  const bool is_switch = response.status == 101;
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  append_header(out, "Date", frame.date);
  if (!has_no_body(response.status)) {
    if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
    if (response.body_source == nullptr) {
      out.append("Content-Length: ");
      append_number(out, response.body.size());
      out.append("\r\n");
    } else if (frame.knows_chunks) {
      append_header(out, "Transfer-Encoding", "chunked");
    }
  }
  append_header(out, "X-Request-ID", frame.request_id);
  if (frame.closes && !is_switch) append_header(out, "Connection", "close");
  for (const auto& header : response.headers) {
    if (!is_servers_own(header.name, is_switch)) append_header(out, header.name, header.value);
  }
  out.append("\r\n");
  if (!frame.omits_body && !has_no_body(response.status)) out.append(response.body);
  return true;
}

Response refusal_reply(const Refusal& refusal) {
  std::string body;
  JsonWriter{body}
      .object()
      .field("status", "error")
      .field("message", refusal_message(refusal.status))
      .end();
  Response response = Response::json(refusal.status, std::move(body));
  response.close = true;
  return response;
}

}  // namespace kavach::http
