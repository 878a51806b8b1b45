#include "identity/cookies.h"

namespace kavach::identity {
namespace {

std::string named(bool https, std::string_view name) {
  std::string full = https ? "__Host-kavach_" : "kavach_";
  full += name;
  return full;
}

}  // namespace

CookieNames::CookieNames(bool https)
    : secure{https},
      session{named(https, "session")},
      device{named(https, "device")},
      pending{named(https, "pending")},
      pre_session{named(https, "presession")} {}

std::string set_cookie(std::string_view name, std::string_view value, bool secure,
                       std::optional<std::chrono::seconds> max_age) {
  std::string header{name};
  header += '=';
  header += value;
  header += "; Path=/; HttpOnly; SameSite=Lax";
  if (secure) header += "; Secure";
  if (max_age) header += "; Max-Age=" + std::to_string(max_age->count());
  return header;
}

std::string clear_cookie(std::string_view name, bool secure) {
  return set_cookie(name, "", secure, std::chrono::seconds{0});
}

}  // namespace kavach::identity
