// The books as text, for the snapshot that shortens a start and for comparing two states.

#include <optional>
#include <tuple>

#include "trading/books.h"
#include "trading/fields.h"

namespace kavach::trading {

/// Of the account itself, in the first line of a dump.
struct BooksHead {
  bool opened{false};
  Date rolled_on{};
  Funds funds;
};

// Outside of the unnamed namespace, where FieldWriter and FieldReader would not find them.
void each_field(auto& visit, Is<Position> auto& position) {
  each_field(visit, position.instrument);
  visit("product", position.product);
  visit("quantity", position.quantity);
  visit("average_price", position.average_price);
  visit("cost", position.cost);
  visit("realised_today", position.realised_today);
  visit("realised_total", position.realised_total);
  visit("margin", position.margin_blocked);
  visit("opened_at", position.opened_at);
  visit("touched_at", position.touched_at);
}
void each_field(auto& visit, Is<Holding> auto& holding) {
  each_field(visit, holding.instrument);
  visit("quantity", holding.quantity);
  visit("average_price", holding.average_price);
  visit("cost", holding.cost);
  visit("settled_on", holding.settled_on);
}
void each_field(auto& visit, Is<Funds> auto& funds) {
  visit("capital", funds.capital);
  visit("available", funds.available);
  visit("used_margin", funds.used_margin);
  visit("realised_today", funds.realised_today);
  visit("realised_total", funds.realised_total);
  visit("last_reset", funds.last_reset);
  visit("reset_count", funds.reset_count);
}
void each_field(auto& visit, Is<Books::Execution> auto& fill) {
  visit("trade_id", fill.trade_id);
  visit("order_id", fill.order_id);
  visit("quantity", fill.quantity);
  visit("price", fill.price);
  visit("at", fill.at);
}
void each_field(auto& visit, Is<Books::ClientOrder> auto& order) {
  visit("order_id", order.order_id);
  visit("asked", order.asked);
  visit("towards", order.towards);
}

void each_field(auto& visit, Is<BooksHead> auto& head) {
  visit("opened", head.opened);
  visit("rolled_on", head.rolled_on);
  visit("funds", head.funds);
}

namespace {

template <class T>
void write_line(std::string& text, std::string_view name, const T& item) {
  JsonWriter out{text};
  FieldWriter visit{out.object()};
  visit(name, item);
  out.end();
  text += '\n';
}

std::unexpected<Error> unreadable() {
  return fail(ErrorCode::StorageCorrupt,
              "A snapshot of the books cannot be read; start with the journal alone.");
}

}  // namespace

std::string Books::dump() const {
  std::string text;
  text.reserve(1024 + orders_.size() * 320 + fills_.size() * 160);
  write_line(text, "head", BooksHead{opened_, rolled_on_, funds_});
  for (const auto& order : orders_) write_line(text, "order", *order);
  for (const auto& fill : fills_) write_line(text, "fill", *fill);
  for (const auto& [key, position] : positions_) write_line(text, "position", position);
  for (const auto& [key, holding] : holdings_) write_line(text, "holding", holding);
  for (const auto& [id, client] : asked_otherwise_) write_line(text, "asked", client);
  return text;
}

// Line by line, so that a start needs room for one line beside the books.
Result<Books> Books::load(std::string_view dumped) {
  Books books;
  bool has_head = false;
  while (!dumped.empty()) {
    const std::size_t end = dumped.find('\n');
    if (end == std::string_view::npos) return unreadable();
    const auto line = parse_json(dumped.substr(0, end));
    dumped.remove_prefix(end + 1);
    if (!line || !line->is_object() || !books.read(line->get_object())) return unreadable();
    has_head = has_head || line->get_object().contains("head");
  }
  if (!has_head) return unreadable();
  books.rebuild_indexes();
  return books;
}

bool Books::read(const json::object& line) {
  FieldReader visit{line};
  std::optional<BooksHead> head;
  std::optional<Order> order;
  std::optional<Execution> fill;
  std::optional<Position> position;
  std::optional<Holding> holding;
  std::optional<ClientOrder> asked;
  visit("head", head);
  visit("order", order);
  visit("fill", fill);
  visit("position", position);
  visit("holding", holding);
  visit("asked", asked);
  if (!visit.ok()) return false;
  if (head) std::tie(opened_, rolled_on_, funds_) = std::tie(head->opened, head->rolled_on, head->funds);
  if (order) add(std::move(*order));
  if (fill && find_order(fill->order_id) == nullptr) return false;
  if (fill) fills_.push_back(std::make_shared<const Execution>(std::move(*fill)));
  if (position) positions_[PositionKey{position->instrument, position->product}] = *position;
  if (holding) holdings_[holding->instrument] = *holding;
  if (asked) asked_otherwise_.emplace(asked->order_id, std::move(*asked));
  return true;
}

}  // namespace kavach::trading
