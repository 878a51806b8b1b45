#pragma once

// The margin endpoint's calculator over any venue that states its terms: what an order would block in
// an account that holds nothing yet and can pay for anything.

#include "api/services.h"
#include "trading/broker.h"

namespace kavach::api {

/// `venue` must outlive the result.
[[nodiscard]] MarginOf margin_from(const trading::Broker& venue);

}  // namespace kavach::api
