#pragma once

// Until when a contract trades. The exchange stops matching it at that moment and the session settles it: both ask
// here. Pure.

#include "core/clock.h"
#include "market/instrument.h"

namespace kavach::paper {

/// Whether `key` is a contract whose settlement moment has come; what never expires has not.
[[nodiscard]] bool has_expired(const market::InstrumentKey& key, TimePoint now);

}  // namespace kavach::paper
