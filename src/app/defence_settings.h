#pragma once

// From the settings' names to the guard's values: thresholds, rates, networks.

#include "app/settings.h"
#include "guard/defences.h"

namespace kavach::app {

[[nodiscard]] guard::GuardValues guard_values(const Settings& settings);
[[nodiscard]] guard::DefenceSettings defence_settings(const Settings& settings);

}  // namespace kavach::app
