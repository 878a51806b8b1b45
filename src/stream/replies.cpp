#include "stream/replies.h"

#include "core/json.h"

namespace kavach::stream {
namespace {

void echo_request_id(JsonWriter& out, std::string_view request_id) {
  if (!request_id.empty()) out.key("request_id").raw(request_id);
}

void write_quantity(JsonWriter& out, std::string_view name, Quantity quantity) {
  out.key(name);
  if (quantity.is_whole()) {
    out.value(quantity.whole_part());
  } else {
    out.value(quantity);
  }
}

void write_levels(JsonWriter& out, std::string_view name,
                  const std::array<market::DepthLevel, 5>& levels) {
  out.key(name).array();
  for (const market::DepthLevel& level : levels) {
    out.object().field("price", level.price).field("quantity", level.quantity)
        .field("orders", level.orders).end();
  }
  out.end();
}

Price change_of(const market::Quote& quote) { return quote.last - quote.close_previous; }

double percent_of(const market::Quote& quote) {
  if (!quote.close_previous.is_positive()) return 0.0;
  const double percent = change_of(quote).to_double() / quote.close_previous.to_double() * 100.0;
  return static_cast<double>(static_cast<std::int64_t>(percent * 100.0 + (percent < 0 ? -0.5 : 0.5))) / 100.0;
}

// The superset of the field names that the different client libraries read.
void write_quote(JsonWriter& out, const market::Depth& depth) {
  const market::Quote& quote = depth.quote;
  out.field("open", quote.open).field("high", quote.high).field("low", quote.low)
      .field("close", quote.close_previous).field("volume", quote.volume)
      .field("last_trade_quantity", quote.last_quantity).field("last_quantity", quote.last_quantity)
      .field("avg_trade_price", quote.average).field("average_price", quote.average)
      .field("change", change_of(quote)).field("change_percent", percent_of(quote))
      .field("total_buy_quantity", depth.total_buy_quantity)
      .field("total_sell_quantity", depth.total_sell_quantity)
      .field("oi", quote.open_interest)
      .field("bid_price", quote.bid).field("ask_price", quote.ask)
      .field("bid_size", quote.bid_quantity).field("ask_size", quote.ask_quantity);
}

void write_entry(JsonWriter& out, const EntryOutcome& outcome, std::string_view broker) {
  out.field("symbol", outcome.symbol).field("exchange", outcome.exchange);
  if (outcome.error.empty()) {
    out.field("status", "success");
  } else {
    out.field("status", "error").field("message", outcome.error);
  }
  out.field("broker", broker);
}

bool any_failed(const std::vector<EntryOutcome>& outcomes) {
  for (const EntryOutcome& outcome : outcomes) {
    if (!outcome.error.empty()) return true;
  }
  return false;
}

bool all_failed(const std::vector<EntryOutcome>& outcomes) {
  for (const EntryOutcome& outcome : outcomes) {
    if (outcome.error.empty()) return false;
  }
  return !outcomes.empty();
}

void write_outcomes(JsonWriter& out, std::string_view name, const std::vector<EntryOutcome>& outcomes,
                    std::string_view broker, bool failed) {
  out.key(name).array();
  for (const EntryOutcome& outcome : outcomes) {
    if (outcome.error.empty() == failed) continue;
    out.object();
    write_entry(out, outcome, broker);
    out.end();
  }
  out.end();
}

}  // namespace

std::string error_reply(std::string_view code, std::string_view message) {
  std::string text;
  JsonWriter{text}.object().field("status", "error").field("code", code).field("message", message).end();
  return text;
}

std::string authenticated_reply(const identity::Principal& principal, std::string_view broker) {
  std::string text;
  JsonWriter{text}.object().field("type", "auth").field("status", "success")
      .field("message", "Authentication successful").field("broker", broker)
      .field("user_id", principal.username)
      .key("supported_features").object().field("ltp", true).field("quote", true).field("depth", true).end()
      .end();
  return text;
}

std::string subscribed_reply(const std::vector<EntryOutcome>& outcomes, std::string_view broker,
                             std::string_view request_id) {
  std::string text;
  JsonWriter out{text};
  out.object().field("type", "subscribe").field("status", any_failed(outcomes) ? "partial" : "success")
      .field("message", "Subscription processing complete").field("broker", broker);
  echo_request_id(out, request_id);
  out.key("subscriptions").array();
  for (const EntryOutcome& outcome : outcomes) {
    out.object();
    write_entry(out, outcome, broker);
    // Five levels are what every market here has, so five are granted whatever was asked.
    if (outcome.error.empty()) out.field("mode", market::name_of(outcome.mode)).field("depth", 5);
    out.end();
  }
  out.end().end();
  return text;
}

std::string unsubscribed_reply(const std::vector<EntryOutcome>& outcomes, std::string_view broker,
                               std::string_view request_id) {
  const char* status = !any_failed(outcomes) ? "success" : all_failed(outcomes) ? "error" : "partial";
  std::string text;
  JsonWriter out{text};
  out.object().field("type", "unsubscribe").field("status", status)
      .field("message", "Unsubscription processing complete");
  write_outcomes(out, "successful", outcomes, broker, false);
  write_outcomes(out, "failed", outcomes, broker, true);
  out.field("broker", broker);
  echo_request_id(out, request_id);
  out.end();
  return text;
}

std::string orders_reply(bool subscribed, std::string_view request_id) {
  std::string text;
  JsonWriter out{text};
  out.object().field("type", subscribed ? "subscribe_orders" : "unsubscribe_orders").field("status", "success")
      .field("message", subscribed ? "Subscribed to order updates" : "Unsubscribed from order updates");
  echo_request_id(out, request_id);
  out.end();
  return text;
}

std::string broker_info_reply(const identity::Principal& principal, std::string_view broker,
                              bool connected) {
  std::string text;
  JsonWriter{text}.object().field("type", "broker_info").field("status", "success").field("broker", broker)
      .field("adapter_status", connected ? "connected" : "disconnected")
      .field("user_id", principal.username).end();
  return text;
}

std::string supported_brokers_reply(const std::vector<std::string>& brokers) {
  std::string text;
  JsonWriter out{text};
  out.object().field("type", "supported_brokers").field("status", "success").key("brokers").array();
  for (const std::string& broker : brokers) out.value(broker);
  out.end().field("count", static_cast<std::uint64_t>(brokers.size())).end();
  return text;
}

std::string pong_reply(const Ping& ping, std::int64_t server_millis) {
  std::string text;
  JsonWriter out{text};
  out.object().field("type", "pong").field("status", "success").field("server_timestamp", server_millis);
  if (!ping.timestamp.empty()) out.key("client_timestamp").raw(ping.timestamp);
  if (!ping.ping_id.empty()) out.key("_pingId").raw(ping.ping_id);
  out.end();
  return text;
}

std::string market_data(const market::Tick& tick, Mode mode, std::string_view broker) {
  const auto exchange = market::name_of(tick.key.exchange);
  const int number = static_cast<int>(mode);
  std::string text;
  text.reserve(mode == Mode::Depth ? 1400 : 640);
  JsonWriter out{text};
  // Symbol and exchange stand inside `data` too: one client library passes only `data` on.
  out.object().field("type", "market_data").field("symbol", tick.key.symbol).field("exchange", exchange)
      .field("mode", number).field("broker", broker)
      .key("data").object().field("symbol", tick.key.symbol).field("exchange", exchange).field("mode", number)
      .field("ltp", tick.depth.quote.last).field("ltt", epoch_millis(tick.depth.quote.at))
      .field("timestamp", epoch_millis(tick.received));
  if (tick.depth.quote.stale) out.field("stale", true);
  if (mode != Mode::Ltp) write_quote(out, tick.depth);
  if (mode == Mode::Depth) {
    out.key("depth").object();
    write_levels(out, "buy", tick.depth.bids);
    write_levels(out, "sell", tick.depth.asks);
    out.end();
  }
  out.end().end();
  return text;
}

std::string order_update(const trading::OrderUpdate& update, std::string_view username,
                         std::string_view broker, bool analyze) {
  const trading::Order& order = update.order;
  const trading::OrderRequest& request = order.request;
  const bool complete = order.status == trading::OrderStatus::Complete;
  const bool working = trading::is_working(order.status);
  const Price price = complete ? order.average_price
                      : request.price_type == trading::PriceType::Market ? order.reference_price
                                                                         : request.price;
  std::string text;
  JsonWriter out{text};
  out.object().field("type", "order_update").field("user_id", username)
      .field("mode", analyze ? "analyze" : "live").field("broker", broker)
      .field("orderid", order.id).field("symbol", request.instrument.symbol)
      .field("exchange", market::name_of(request.instrument.exchange))
      .field("action", trading::name_of(request.side));
  write_quantity(out, "quantity", request.quantity);
  out.field("price", price).field("trigger_price", request.trigger_price)
      .field("pricetype", trading::name_of(request.price_type))
      .field("product", trading::name_of(request.product))
      .field("order_status", trading::wire_name(order.status));
  write_quantity(out, "filled_quantity", order.filled);
  write_quantity(out, "pending_quantity", working ? request.quantity - order.filled : Quantity{});
  out.field("average_price", order.average_price).field("rejection_reason", order.rejection_reason).end();
  return text;
}

}  // namespace kavach::stream
