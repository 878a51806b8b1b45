#include "trading/spooled_entry.h"

#include <optional>
#include <ranges>
#include <utility>

#include "trading/fields.h"
#include "trading/journal_codec.h"
#include "trading/outcome_events.h"

namespace kavach::trading {
namespace {

struct Row {
  TimePoint at{};
  std::string account;
  std::string order_id;
  std::string kind;
  std::string body;
};

void each_field(auto& visit, Is<Row> auto& row) {
  visit("at", row.at);
  visit("account", row.account);
  visit("order", row.order_id);
  visit("kind", row.kind);
  visit("body", row.body);
}

// The news that an event was made of.
struct NewsOf {
  using News = std::optional<std::pair<Fact::Source, decltype(Fact::what)>>;

  News operator()(const OrderAccepted& event) const {
    return {{Fact::Source::Place, BrokerOutcome{Accepted{event.broker_id, {}}}}};
  }
  News operator()(const OrderRejected& event) const { return {{Fact::Source::Venue, Happening{RejectedAtVenue{event.reason}}}}; }
  News operator()(const OrderLost& event) const {
    return {{Fact::Source::Place, BrokerOutcome{OutcomeUnknown{event.reason}}}};
  }
  News operator()(const OrderTriggered&) const { return {{Fact::Source::Venue, Happening{Triggered{}}}}; }
  News operator()(const OrderFilled& event) const {
    const Filled filled{event.trade_id, event.quantity, event.price};
    if (event.broker_id.empty()) return {{Fact::Source::Venue, Happening{filled}}};
    return {{Fact::Source::Place, BrokerOutcome{Accepted{event.broker_id, {filled}}}}};
  }
  News operator()(const OrderCancelled& event) const {
    return {{Fact::Source::Venue, Happening{CancelledAtVenue{event.reason}}}};
  }
  News operator()(const ChangeMade&) const { return {{Fact::Source::Modify, BrokerOutcome{Accepted{}}}}; }
  News operator()(const ChangeRefused& event) const {
    return {{Fact::Source::Modify, BrokerOutcome{Declined{event.reason}}}};
  }
  News operator()(const CancelRefused& event) const {
    return {{Fact::Source::Cancel, BrokerOutcome{Declined{event.reason}}}};
  }
  News operator()(const auto&) const { return std::nullopt; }
};

// Intents stand for themselves.
std::vector<JournalEvent> still_news(const Books& books, const JournalEvent& event) {
  const Order* order = books.find_order(event.order_id);
  if (std::holds_alternative<OrderIntended>(event.what)) {
    return order == nullptr ? std::vector{event} : std::vector<JournalEvent>{};
  }
  if (order == nullptr) return {};
  if (std::holds_alternative<CancelIntended>(event.what)) {
    const bool news = is_working(order->status) && !order->cancel_requested;
    return news ? std::vector{event} : std::vector<JournalEvent>{};
  }
  const auto news = std::visit(NewsOf{}, event.what);
  if (!news) return {};
  return events_of(books, *order, Fact{event.order_id, news->first, news->second}, event.at).events;
}

}  // namespace

std::string encode_entry(const SpooledEntry& entry) {
  std::string text;
  JsonWriter out{text};
  FieldWriter visit{out};
  out.object();
  visit("actor", entry.actor);
  out.key("events").array();
  for (const JournalEvent& event : entry.events) {
    const Row row{event.at, event.account, event.order_id, std::string{kind_of(event)}, encode_body(event)};
    out.object();
    each_field(visit, row);
    out.end();
  }
  out.end().end();
  return text;
}

Result<SpooledEntry> decode_entry(std::string_view text) {
  const auto unreadable = [] {
    return fail(ErrorCode::StorageCorrupt, "A record that waited for the order journal cannot be read.");
  };
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return unreadable();
  const json::object& object = parsed->get_object();
  SpooledEntry entry;
  FieldReader in{object};
  in("actor", entry.actor);
  const auto* events = object.if_contains("events");
  if (!in.ok() || events == nullptr || !events->is_array()) return unreadable();
  for (const json::value& value : events->get_array()) {
    if (!value.is_object()) return unreadable();
    Row row;
    FieldReader fields{value.get_object()};
    each_field(fields, row);
    if (!fields.ok()) return unreadable();
    auto event = decode_event(row.at, row.account, row.order_id, row.kind, row.body);
    if (!event) return pass_on(event);
    entry.events.push_back(std::move(*event));
  }
  if (entry.events.empty()) return unreadable();
  return entry;
}

std::vector<JournalEvent> still_news(const Books& books, const SpooledEntry& entry) {
  // An entry is one piece of news. What else it holds is the change that this news put an end to, and that
  // follows from the books again.
  return still_news(books, entry.events.back());
}

}  // namespace kavach::trading
