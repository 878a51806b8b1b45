#pragma once

// The pieces `console_trading_routes` is put together from; not for other rooms.

#include <cstddef>
#include <functional>
#include <string>

#include "console/trader.h"
#include "guard/route.h"

namespace kavach::console {

using TraderHandler = Task<http::Response> (*)(Trader);

/// A session route that reads.
[[nodiscard]] guard::Route reading(ConsoleServices& services, std::string path, TraderHandler handler,
                                   guard::Priority priority = guard::Priority::Normal);
/// A session route that changes the account: JSON body, CSRF, and a role that may trade.
[[nodiscard]] guard::Route trading_act(ConsoleServices& services, std::string path, TraderHandler handler,
                                       guard::Priority priority = guard::Priority::Normal);

void add_order_routes(ConsoleServices& services, guard::Routes& routes);
void add_book_routes(ConsoleServices& services, guard::Routes& routes);
void add_market_routes(ConsoleServices& services, guard::Routes& routes);
void add_kill_switch_routes(ConsoleServices& services, guard::Routes& routes);
void add_mode_routes(ConsoleServices& services, guard::Routes& routes);

}  // namespace kavach::console
