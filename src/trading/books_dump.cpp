// The books as text, for the snapshot that shortens a start and for comparing two states.

#include <algorithm>

#include "trading/books.h"
#include "trading/fields.h"

namespace kavach::trading {
namespace {

void each_field(auto& visit, Is<Fill> auto& fill) {
  visit("trade_id", fill.trade_id);
  visit("order_id", fill.order_id);
  each_field(visit, fill.instrument);
  visit("side", fill.side);
  visit("product", fill.product);
  visit("quantity", fill.quantity);
  visit("price", fill.price);
  visit("strategy", fill.strategy);
  visit("at", fill.at);
}
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
void each_field(auto& visit, Is<Books::ClientOrder> auto& order) {
  visit("order_id", order.order_id);
  visit("asked", order.asked);
  visit("towards", order.towards);
}

template <class T>
void write_item(JsonWriter& out, const T& item) {
  out.object();
  FieldWriter visit{out};
  each_field(visit, item);
  out.end();
}

template <class T, class Take>
bool read_items(const json::object& in, std::string_view name, Take take) {
  const auto* found = in.if_contains(name);
  if (found == nullptr || !found->is_array()) return false;
  for (const auto& entry : found->get_array()) {
    if (!entry.is_object()) return false;
    FieldReader visit{entry.get_object()};
    T item;
    each_field(visit, item);
    if (!visit.ok()) return false;
    take(std::move(item));
  }
  return true;
}

}  // namespace

std::string Books::dump() const {
  std::string text;
  text.reserve(1024 + orders_.size() * 512 + fills_.size() * 256);
  JsonWriter out{text};
  out.object();
  FieldWriter visit{out};
  visit("opened", opened_);
  visit("rolled_on", rolled_on_);
  out.key("funds");
  write_item(out, funds_);
  out.key("orders").array();
  for (const auto& [id, order] : orders_) write_item(out, order);
  out.end().key("fills").array();
  for (const Fill& fill : fills_) write_item(out, fill);
  out.end().key("positions").array();
  for (const auto& [key, position] : positions_) write_item(out, position);
  out.end().key("holdings").array();
  for (const auto& [key, holding] : holdings_) write_item(out, holding);
  out.end().key("client_orders").array();
  std::vector<const ClientOrder*> clients;
  for (const auto& [id, client] : client_orders_) clients.push_back(&client);
  std::ranges::sort(clients, {}, &ClientOrder::order_id);
  for (const ClientOrder* client : clients) write_item(out, *client);
  out.end().end();
  return text;
}

Result<Books> Books::load(std::string_view dumped) {
  Books books;
  const auto parsed = parse_json(dumped);
  if (parsed && parsed->is_object()) {
    const json::object& in = parsed->get_object();
    FieldReader visit{in};
    visit("opened", books.opened_);
    visit("rolled_on", books.rolled_on_);
    if (const auto* funds = in.if_contains("funds"); funds != nullptr && funds->is_object()) {
      FieldReader inner{funds->get_object()};
      each_field(inner, books.funds_);
      const bool read =
          visit.ok() && inner.ok() &&
          read_items<Order>(in, "orders", [&](Order item) {
            std::string id = item.id;
            books.orders_.emplace_hint(books.orders_.end(), std::move(id), std::move(item));
          }) &&
          read_items<Fill>(in, "fills", [&](Fill item) { books.fills_.push_back(std::move(item)); }) &&
          read_items<Position>(in, "positions", [&](Position item) {
            books.positions_[PositionKey{item.instrument, item.product}] = item;
          }) &&
          read_items<Holding>(in, "holdings", [&](Holding item) {
            books.holdings_[item.instrument] = item;
          }) &&
          read_items<ClientOrder>(in, "client_orders", [&](ClientOrder item) {
            std::string id = item.asked.client_order_id;
            books.client_orders_.emplace(std::move(id), std::move(item));
          });
      if (read) {
        books.rebuild_indexes();
        return books;
      }
    }
  }
  return fail(ErrorCode::StorageCorrupt,
              "A snapshot of the books cannot be read; start with the journal alone.");
}

}  // namespace kavach::trading
