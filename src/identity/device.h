#pragma once

// What a browser calls itself, shortened for people: `Firefox on Linux`. Attacker-controlled text in,
// a closed set of words out, so it can be stored and shown.

#include <string>
#include <string_view>

namespace kavach::identity {

[[nodiscard]] std::string device_name(std::string_view user_agent);

}  // namespace kavach::identity
