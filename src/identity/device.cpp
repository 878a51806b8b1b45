#include "identity/device.h"

#include <array>
#include <utility>

namespace kavach::identity {
namespace {

using Sign = std::pair<std::string_view, std::string_view>;

// In order: many browsers also carry the names of those they descend from.
constexpr std::array kPrograms{Sign{"Edg/", "Edge"},          Sign{"OPR/", "Opera"},
                               Sign{"Firefox/", "Firefox"},   Sign{"Chrome/", "Chrome"},
                               Sign{"Safari/", "Safari"},     Sign{"curl/", "curl"},
                               Sign{"python", "Python"},      Sign{"node", "Node.js"}};
constexpr std::array kSystems{Sign{"Windows", "Windows"}, Sign{"Android", "Android"}, Sign{"iPhone", "iPhone"},
                              Sign{"iPad", "iPad"},       Sign{"Mac OS X", "macOS"},  Sign{"CrOS", "ChromeOS"},
                              Sign{"Linux", "Linux"}};

template <std::size_t kCount>
std::string_view first_match(const std::array<Sign, kCount>& signs, std::string_view text) {
  for (const auto& [sign, name] : signs) {
    if (text.contains(sign)) return name;
  }
  return {};
}

}  // namespace

std::string device_name(std::string_view user_agent) {
  const auto program = first_match(kPrograms, user_agent);
  const auto system = first_match(kSystems, user_agent);
  std::string name{program.empty() ? "Unknown browser" : program};
  if (!system.empty()) {
    name += " on ";
    name += system;
  }
  return name;
}

}  // namespace kavach::identity
