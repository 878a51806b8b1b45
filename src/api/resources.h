#pragma once

// The groups of REST resources. Each function puts its rows into the book; api/routes.cpp lists them.

#include "api/route_book.h"

namespace kavach::api {

void add_order_routes(RouteBook& book);       ///< place, smart, modify, cancel, cancel all
void add_close_position_route(RouteBook& book);
void add_batch_order_routes(RouteBook& book); ///< basket, split
void add_book_routes(RouteBook& book);        ///< orders, trades, positions, holdings, funds
void add_quote_routes(RouteBook& book);       ///< quotes, multiquotes, depth
void add_candle_routes(RouteBook& book);      ///< history, intervals, ticker
void add_instrument_routes(RouteBook& book);  ///< symbol, search, expiry, instruments
void add_mode_routes(RouteBook& book);        ///< analyzer, analyzer/toggle, ping
void add_chart_routes(RouteBook& book);
void add_calendar_routes(RouteBook& book);    ///< market/holidays, market/timings
void add_option_routes(RouteBook& book);      ///< optionsymbol, optionchain, syntheticfuture
void add_greeks_routes(RouteBook& book);      ///< optiongreeks, multioptiongreeks
void add_option_order_routes(RouteBook& book);  ///< optionsorder, optionsmultiorder
void add_margin_route(RouteBook& book);

}  // namespace kavach::api
