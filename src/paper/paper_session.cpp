#include "paper/paper_session.h"

#include <algorithm>
#include <chrono>

#include "market/calendar.h"
#include "market/symbol.h"
#include "paper/contract_life.h"
#include "trading/ledger.h"

namespace kavach::paper {

using trading::Books;
using trading::JournalEvent;
using trading::Position;
using trading::Product;

namespace {

// Finished orders stay in the books until the session after the next begins, so that a request that is repeated
// within a day is known; the journal has them for good.
constexpr std::chrono::days kKept{1};
constexpr std::string_view kSquareOffStrategy = "AUTO_SQUARE_OFF";

// The latest moment at or before `now` at which the IST clock showed `at`.
TimePoint last_time(TimeOfDay at, TimePoint now) {
  const Date today = ist(now).date;
  const TimePoint moment = from_ist(today, std::chrono::minutes{at.minutes});
  return moment <= now ? moment : moment - std::chrono::days{1};
}

// Accounts of the paper exchange; other families have brokers that do their own housekeeping.
bool is_simulated(const trading::AccountId& account) {
  return account.starts_with("paper:") || account.starts_with("analyze:");
}

}  // namespace

void PaperSession::tick() {
  const TimePoint now = clock_.now();
  const std::int64_t minute = epoch_seconds(now) / 60;
  if (minute == last_minute_) return;
  last_minute_ = minute;
  for (const auto& account : desk_.accounts()) {
    if (is_simulated(account)) tend(account, now);
  }
}

void PaperSession::tend(const trading::AccountId& account, TimePoint now) {
  Due found;
  if (!desk_.read_now(account, [&](const Books& books) { found = due(books, now); })) return;
  const trading::Actor system = trading::system_actor();
  for (const std::string& order_id : found.cancel) {
    desk_.cancel(system, account, order_id, [](const auto&) {});
  }
  told_.with([&](auto& told) {
    std::erase_if(told, [&](const auto& entry) {
      return entry.first.first == account && std::ranges::find(found.close, entry.first.second) == found.close.end();
    });
  });
  for (const Books::PositionKey& key : found.close) square_off(account, key);
  if (!found.bookkeeping) return;
  // Decided again from the books as they are when it is written down.
  desk_.keep_books(account, [this, now](const Books& decided) { return bookkeeping(decided, now); },
                   [](const Result<void>&) {});
}

void PaperSession::square_off(const trading::AccountId& account, const Books::PositionKey& key) {
  const trading::CloseScope scope{
      .product = key.product, .instrument = key.instrument, .strategy = std::string{kSquareOffStrategy}};
  desk_.close_all(trading::system_actor(), account, scope,
                  [this, account, key](const trading::Answer<trading::ClosedPositions>& answer) {
                    tell(account, key, answer);
                  });
}

void PaperSession::tell(const trading::AccountId& account, const Books::PositionKey& key,
                        const trading::Answer<trading::ClosedPositions>& answer) {
  const trading::Refusal* why = nullptr;
  if (!answer) why = &answer.error();
  if (answer && !answer->failures.empty()) why = &answer->failures.front().why;
  if (why == nullptr) return;
  const bool news = told_.with([&](auto& told) {
    return std::exchange(told[{account, key}], why->code) != why->code;
  });
  if (!news) return;
  const trading::Actor system = trading::system_actor();
  audit_.record({"squareoff.failed", system.username, system.address, system.request_id,
                 {{"account", account},
                  {"exchange", market::name_of(key.instrument.exchange)},
                  {"symbol", key.instrument.symbol},
                  {"product", trading::name_of(key.product)},
                  {"code", why->code},
                  {"reason", why->error.message}}});
  logger_.error("paper.squareoff_failed",
                {{"account", account}, {"symbol", key.instrument.symbol}, {"reason", why->error.message}});
}

TimePoint PaperSession::intraday_end(market::Exchange exchange, TimePoint now) const {
  if (settings_.hours == MarketHours::Always) return last_time(settings_.session_start, now);
  return last_time(market::square_off_time(exchange), now);
}

PaperSession::Due PaperSession::due(const Books& books, TimePoint now) const {
  Due found;
  for (const trading::Order& order : books.orders()) {
    if (is_over(order, now)) found.cancel.push_back(order.id);
  }
  for (const auto& [key, position] : books.positions()) {
    if (is_left_over(position, now)) found.close.push_back(key);
  }
  found.bookkeeping = !bookkeeping(books, now).empty();
  return found;
}

bool PaperSession::is_over(const trading::Order& order, TimePoint now) const {
  if (order.status != trading::OrderStatus::Open &&
      order.status != trading::OrderStatus::TriggerPending) {
    return false;
  }
  const auto& request = order.request;
  if (has_expired(request.instrument, now)) return true;
  return request.product == Product::Mis && request.strategy != kSquareOffStrategy &&
         order.placed_at < intraday_end(request.instrument.exchange, now);
}

// Also while a closing order waits for a price: to ask again for what is on its way changes nothing.
bool PaperSession::is_left_over(const Position& position, TimePoint now) const {
  return position.product == Product::Mis && !position.quantity.is_zero() &&
         position.opened_at < intraday_end(position.instrument.exchange, now) &&
         !has_expired(position.instrument, now);
}

Price PaperSession::settlement_price(const Position& position) const {
  const auto contract = market::parse_contract(position.instrument.symbol);
  const bool option = contract && (contract->type == market::InstrumentType::Call ||
                                   contract->type == market::InstrumentType::Put);
  if (option && settings_.option_settlement == OptionSettlement::Zero) return {};
  const auto table = instruments_.read();
  const auto* instrument = table->find(position.instrument.exchange, position.instrument.symbol);
  if (instrument != nullptr) {
    if (const auto quote = quotes_.quote(*instrument); quote && quote->last.is_positive()) {
      return quote->last;
    }
  }
  // An option nobody quotes any more is worth nothing; a future what it was entered at.
  return option ? Price{} : position.average_price;
}

std::vector<JournalEvent> PaperSession::bookkeeping(const Books& books, TimePoint now) const {
  std::vector<JournalEvent> events;
  const Date today = ist(now).date;
  const TimePoint midnight = from_ist(today, std::chrono::seconds{0});
  for (const auto& [key, position] : books.positions()) {
    if (!position.quantity.is_zero() && has_expired(key.instrument, now)) {
      events.push_back({now, {}, {}, trading::effect_of_expiry(position, settlement_price(position))});
    } else if (key.product == Product::Cnc && position.opened_at < midnight) {
      const auto found = books.holdings().find(key.instrument);
      const auto* holding = found == books.holdings().end() ? nullptr : &found->second;
      const bool deliverable = !position.quantity.is_negative() || holding != nullptr;
      if (!deliverable) continue;
      events.push_back({now, {}, {}, trading::effect_of_delivery(position, holding, today)});
    }
  }
  const TimePoint session = last_time(settings_.session_start, now);
  const Date session_day = ist(session).date;
  const bool rolled = books.rolled_on().ok() ? books.rolled_on() >= session_day
                                             : books.funds().last_reset >= session;
  if (books.is_open() && !rolled) {
    events.push_back({now, {}, {}, trading::DayRolled{session_day, session - kKept}});
  }
  return events;
}

}  // namespace kavach::paper
