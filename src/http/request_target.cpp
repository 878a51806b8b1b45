#include "http/request_target.h"

#include <algorithm>

#include "core/net_address.h"
#include "core/text.h"
#include "http/grammar.h"
#include "http/percent.h"

namespace kavach::http {
namespace {

std::unexpected<Refusal> refuse(std::string_view reason) {
  return std::unexpected(Refusal{400, reason});
}

bool has_dot_segment(std::string_view path) {
  for (const auto segment : split(path, '/')) {
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// An escape that decodes to a delimiter: `%2F` or `%5C`.
bool has_encoded_slash(std::string_view raw) {
  for (std::size_t i = 0; i + 2 < raw.size(); ++i) {
    if (raw[i] != '%') continue;
    const int value = hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]);
    if (value == '/' || value == '\\') return true;
  }
  return false;
}

std::expected<std::string, Refusal> decode_path(std::string_view raw) {
  if (!kPath.has_all(raw)) return refuse("target_characters");
  std::string path{raw};
  if (raw.find('%') != std::string_view::npos) {
    auto decoded = percent_decode(raw, Plus::Literal);
    if (!decoded) return refuse("percent_encoding");
    if (has_encoded_slash(raw)) return refuse("encoded_slash");
    if (has_control_character(*decoded)) return refuse("encoded_control_character");
    if (!is_valid_utf8(*decoded)) return refuse("path_not_utf8");
    path = std::move(*decoded);
  }
  if (path.find("/.") != std::string::npos && has_dot_segment(path)) return refuse("dot_segment");
  return path;
}

bool has_whole_escapes(std::string_view query) {
  for (auto at = query.find('%'); at != std::string_view::npos; at = query.find('%', at + 1)) {
    if (at + 2 >= query.size()) return false;
    if (hex_value(query[at + 1]) < 0 || hex_value(query[at + 2]) < 0) return false;
  }
  return true;
}

bool is_valid_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !kDigits.has_all(text)) return false;
  return *parse_int(text) <= 65'535;
}

/// Takes `scheme://authority` off an absolute form; false when it is not one.
bool take_authority(std::string_view& text, std::string& authority) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto name = text.substr(0, scheme);
  if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) return false;
  text.remove_prefix(scheme + 3);
  authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  return is_valid_authority(authority);
}

}  // namespace

bool is_valid_authority(std::string_view text) {
  if (text.empty() || text.size() > 262 || !kHost.has_all(text)) return false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !IpAddress::parse(text.substr(0, end + 1))) return false;
    text.remove_prefix(end + 1);
    return text.empty() || (text.starts_with(':') && is_valid_port(text.substr(1)));
  }
  if (text.find_first_of("[]") != std::string_view::npos) return false;
  const auto colon = text.find(':');
  if (colon == 0) return false;
  return colon == std::string_view::npos || is_valid_port(text.substr(colon + 1));
}

std::expected<Target, Refusal> parse_target(std::string_view text) {
  Target target;
  if (!text.starts_with('/')) {
    if (!take_authority(text, target.authority)) return refuse("target_form");
  }
  const auto mark = text.find('?');
  const auto raw_path = text.substr(0, mark);
  if (mark != std::string_view::npos) {
    const auto query = text.substr(mark + 1);
    if (!kQuery.has_all(query)) return refuse("target_characters");
    if (!has_whole_escapes(query)) return refuse("percent_encoding");
    target.query = query;
  }
  if (raw_path.empty()) {
    target.path = "/";
    return target;
  }
  auto path = decode_path(raw_path);
  if (!path) return std::unexpected(path.error());
  target.path = std::move(*path);
  return target;
}

}  // namespace kavach::http
