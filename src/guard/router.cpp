#include "guard/router.h"

#include <algorithm>
#include <stdexcept>

#include "core/text.h"

namespace kavach::guard {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  for (const std::string_view part : split(path.substr(1), '/')) out.emplace_back(part);
  return out;
}

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

void require_complete_policy(const Route& route) {
  const Policy& policy = route.policy;
  const auto refuse = [&](const char* why) { throw std::logic_error(route.path + ": " + why); };
  const bool by_session = is_for_sessions(policy.access);
  const bool by_key = is_for_keys(policy.access);
  if (!route.path.starts_with('/') || (route.path.size() > 1 && route.path.ends_with('/'))) {
    refuse("a path starts with a slash and does not end with one");
  }
  if (!route.handle) refuse("a route needs a handler");
  if (by_session && policy.changes_state && policy.csrf != Csrf::Required) {
    refuse("a state change of a session needs CSRF protection");
  }
  if (policy.changes_state && route.method == http::Method::Get) refuse("GET may not change state");
  if (policy.changes_state && policy.access == Access::ReadKey) refuse("a key that reads may not change state");
  if (policy.body != BodyKind::None && policy.body_bytes_max == 0) refuse("a body needs a bound");
  if (by_key && (!route.shape.missing_key || !route.shape.invalid_key)) {
    refuse("a key route says how it refuses");
  }
}

// Whether `path` fits the template; its placeholders' texts are added to `values`.
bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path,
          std::map<std::string, std::string, std::less<>>& values) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_placeholder(pattern[i])) {
      if (path[i].empty()) return false;
      values.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  return true;
}

std::string without_double_slashes(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  return out;
}

}  // namespace

Router::Router(Routes routes) : routes_{std::move(routes)} {
  for (const Route& route : routes_) {
    require_complete_policy(route);
    std::vector<const Route*>* rows = nullptr;
    if (route.path.find('{') == std::string::npos) {
      rows = &fixed_[route.path];
    } else {
      auto pattern = segments_of(route.path);
      auto known = std::ranges::find(templates_, pattern, &Template::segments);
      if (known == templates_.end()) {
        templates_.push_back({std::move(pattern), {}});
        known = std::prev(templates_.end());
      }
      rows = &known->rows;
    }
    if (std::ranges::any_of(*rows, [&](const Route* row) { return row->method == route.method; })) {
      throw std::logic_error(route.path + ": two rows for one method");
    }
    rows->push_back(&route);
  }
}

const std::vector<const Route*>* Router::exact(std::string_view path) const {
  const auto found = fixed_.find(path);
  return found == fixed_.end() ? nullptr : &found->second;
}

Routing Router::choose(const std::vector<const Route*>& rows, http::Method method, RouteMatch match) {
  const auto wanted = method == http::Method::Head ? http::Method::Get : method;
  std::string allow;
  for (const Route* row : rows) {
    if (row->method == wanted) {
      match.route = row;
      return match;
    }
    allow += (allow.empty() ? "" : ", ") + std::string{http::name_of(row->method)};
  }
  return WrongMethod{allow};
}

Routing Router::find(http::Method method, std::string_view path) const {
  if (const auto* rows = exact(path)) return choose(*rows, method, {});
  if (path.find("//") != std::string_view::npos) {
    // Only towards something that exists, or the redirect would confirm nothing and help scanners.
    std::string single = without_double_slashes(path);
    const Routing target = find(method, single);
    if (std::holds_alternative<NoSuchPath>(target)) return NoSuchPath{};
    return RedirectTo{std::move(single)};
  }
  if (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
    if (const auto* rows = exact(path)) return choose(*rows, method, {});
  }
  const auto segments = split(path.substr(1), '/');
  for (const Template& candidate : templates_) {
    RouteMatch match;
    if (fits(candidate.segments, segments, match.values)) {
      return choose(candidate.rows, method, std::move(match));
    }
  }
  return NoSuchPath{};
}

}  // namespace kavach::guard
