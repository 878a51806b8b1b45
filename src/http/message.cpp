#include "http/message.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "http/percent.h"

namespace kavach::http {
namespace {

/// The raw value of the first parameter with this name; nothing when there is none.
std::optional<std::string_view> raw_query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = pair.find('=');
    const auto key = percent_decode(pair.substr(0, equals), Plus::Space);
    if (!key || *key != name) continue;
    return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::Get: return "GET";
    case Method::Head: return "HEAD";
    case Method::Post: return "POST";
    case Method::Put: return "PUT";
    case Method::Patch: return "PATCH";
    case Method::Delete: return "DELETE";
    case Method::Options: return "OPTIONS";
    case Method::Other: return "OTHER";
  }
  return "OTHER";
}

std::string_view RequestHead::header(std::string_view name) const {
  for (const auto& header : headers) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::size_t RequestHead::header_count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const Header& header) { return equals_ignoring_case(header.name, name); }));
}

std::string Request::query_value(std::string_view name) const {
  const auto raw = raw_query_value(query, name);
  if (!raw) return {};
  return percent_decode(*raw, Plus::Space).value_or(std::string{});
}

bool Request::has_query(std::string_view name) const {
  return raw_query_value(query, name).has_value();
}

std::string_view Request::cookie(std::string_view name) const {
  for (const auto& header : headers) {
    if (!equals_ignoring_case(header.name, "Cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto raw = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(raw.size() + 1, rest.size()));
      const auto pair = trim(raw);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return {};
}

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Response::text(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

Response& Response::with(std::string name, std::string value) {
  headers.push_back({std::move(name), std::move(value)});
  return *this;
}

}  // namespace kavach::http
