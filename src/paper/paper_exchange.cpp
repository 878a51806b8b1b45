#include "paper/paper_exchange.h"

#include "core/text.h"
#include "paper/contract_life.h"

namespace kavach::paper {

using trading::Accepted;
using trading::AccountId;
using trading::Declined;
using trading::Filled;
using trading::Happening;
using trading::OnOutcome;
using trading::Order;
using trading::PriceType;
using trading::Triggered;

namespace {

bool is_stop(const Order& order) {
  return order.request.price_type == PriceType::StopLimit ||
         order.request.price_type == PriceType::StopMarket;
}

}  // namespace

std::string trade_id(std::string_view order_id, TimePoint at) {
  std::string when = ist_text(at);  // 2027-06-29 10:20:11
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  when[8] = '-';
  const auto number = order_id.size() > 8 ? parse_int(order_id.substr(order_id.size() - 8))
                                          : std::nullopt;
  // An odd factor permutes the 32-bit numbers.
  const auto mixed = static_cast<std::uint32_t>(number.value_or(0)) * 0x9E3779B1U;
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(mixed >> (24 - 8 * i));
  }
  return "TRADE-" + when + "-" + to_hex(bytes);
}

std::optional<market::Quote> PaperExchange::tradable_quote(
    const trading::InstrumentKey& key) const {
  const TimePoint now = clock_.now();
  if (settings_.hours == MarketHours::Exchange && !calendar_.is_open(key.exchange, now)) {
    return std::nullopt;
  }
  // The session cancels its orders within a minute; until then none of them may trade.
  if (has_expired(key, now)) return std::nullopt;
  const auto table = instruments_.read();
  const auto* instrument = table->find(key.exchange, key.symbol);
  if (instrument == nullptr) return std::nullopt;
  auto quote = quotes_.quote(*instrument);
  if (!quote || !is_tradable(*quote)) return std::nullopt;
  return *quote;
}

std::vector<Happening> PaperExchange::meet_market(RestingOrder& resting, Stage stage,
                                                  const market::Quote& quote) {
  const Order& order = resting.order;
  const Match found = match(order.request, resting.waits_for_trigger, stage, quote);
  if (found.fill) {
    return {Filled{trade_id(order.id, clock_.now()), order.pending(), *found.fill}};
  }
  if (!found.triggered) return {};
  resting.waits_for_trigger = false;
  return {Triggered{}};
}

// A new or changed order meets the market at once and rests if it does not trade.
std::vector<Happening> PaperExchange::arrive(RestingOrder resting) {
  std::vector<Happening> at_once;
  if (const auto quote = tradable_quote(resting.order.request.instrument)) {
    at_once = meet_market(resting, Stage::Arriving, *quote);
  }
  const bool traded = !at_once.empty() && std::holds_alternative<Filled>(at_once.back());
  const std::lock_guard lock{mutex_};
  if (traded) {
    resting_.erase(resting.order.id);
  } else {
    resting_.put(std::move(resting));
  }
  return at_once;
}

void PaperExchange::place(const AccountId& account, const Order& order, OnOutcome outcome) {
  outcome(Accepted{order.id, arrive(RestingOrder{account, order, is_stop(order)})});
}

void PaperExchange::modify(const AccountId& account, const Order& changed, OnOutcome outcome) {
  std::optional<RestingOrder> resting;
  {
    // Out of the book while it changes, so that `advance` cannot fill it in between.
    const std::lock_guard lock{mutex_};
    const RestingOrder* found = resting_.find(changed.id);
    if (found != nullptr && found->account == account) {
      resting = *found;
      resting_.erase(changed.id);
    }
  }
  if (!resting) return outcome(Declined{"The order is no longer open."});
  resting->order.request = changed.request;
  resting->order.filled = changed.filled;
  outcome(Accepted{changed.id, arrive(std::move(*resting))});
}

void PaperExchange::cancel(const AccountId&, const Order& order, OnOutcome outcome) {
  bool found = false;
  {
    const std::lock_guard lock{mutex_};
    found = resting_.erase(order.id);
  }
  if (found) return outcome(Accepted{order.id, {}});
  outcome(Declined{"The order is no longer open."});
}

void PaperExchange::look_up(const AccountId&, const Order& order, OnOutcome outcome) {
  bool found = false;
  {
    const std::lock_guard lock{mutex_};
    found = resting_.find(order.id) != nullptr;
  }
  if (found) return outcome(Accepted{order.id, {}});
  outcome(Declined{"The gateway stopped before the order reached the exchange."});
}

void PaperExchange::adopt(const AccountId& account, const Order& order) {
  const std::lock_guard lock{mutex_};
  resting_.put({account, order, order.status == trading::OrderStatus::TriggerPending});
}

void PaperExchange::advance() {
  std::vector<trading::InstrumentKey> keys;
  {
    const std::lock_guard lock{mutex_};
    keys = resting_.instruments();
  }
  for (const auto& key : keys) {
    const auto quote = tradable_quote(key);
    if (!quote) continue;
    std::vector<trading::VenueEvent> events;
    {
      const std::lock_guard lock{mutex_};
      for (const std::string& id : resting_.in(key)) {
        RestingOrder* resting = resting_.find(id);
        for (Happening& what : meet_market(*resting, Stage::Resting, *quote)) {
          const bool traded = std::holds_alternative<Filled>(what);
          events.push_back({resting->account, id, std::move(what)});
          if (traded) resting_.erase(id);
        }
      }
    }
    for (const auto& event : events) on_event_(event);
  }
}

}  // namespace kavach::paper
