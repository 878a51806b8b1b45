#pragma once

namespace kavach::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace kavach::app
