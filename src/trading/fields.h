#pragma once

// One list of fields per record serves both directions, so that what is written can be read back.
// Amounts are exact decimal texts, times are microseconds since 1970; empty and zero fields are left
// out, which keeps a journal row short and lets a record gain fields later.
// Used by the journal and the books' snapshots only.

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/civil_time.h"
#include "core/json.h"
#include "trading/journal_event.h"

namespace kavach::trading {

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

/// Writes the fields of an object that the caller opens and closes.
class FieldWriter {
 public:
  explicit FieldWriter(JsonWriter& out) : out_{out} {}

  void operator()(std::string_view name, const std::string& text) {
    if (!text.empty()) out_.field(name, text);
  }
  void operator()(std::string_view name, bool flag) {
    if (flag) out_.field(name, flag);
  }
  void operator()(std::string_view name, std::int64_t number) {
    if (number != 0) out_.field(name, number);
  }
  void operator()(std::string_view name, TimePoint at) { (*this)(name, epoch_micros(at)); }
  void operator()(std::string_view name, Date date) {
    if (date.ok()) out_.field(name, date_text(date));
  }
  template <class Tag, int kPlaces>
  void operator()(std::string_view name, Fixed<Tag, kPlaces> amount) {
    if (!amount.is_zero()) out_.field(name, amount.text());
  }
  void operator()(std::string_view name, Side side) { out_.field(name, name_of(side)); }
  void operator()(std::string_view name, PriceType type) { out_.field(name, name_of(type)); }
  void operator()(std::string_view name, Product product) { out_.field(name, name_of(product)); }
  void operator()(std::string_view name, market::Exchange exchange) {
    out_.field(name, market::name_of(exchange));
  }
  void operator()(std::string_view name, OrderStatus status) {
    out_.field(name, static_cast<int>(status));
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& part) {
    if (part) (*this)(name, *part);
  }
  template <class T>
    requires std::is_class_v<T>
  void operator()(std::string_view name, const T& part) {
    out_.key(name).object();
    each_field(*this, part);
    out_.end();
  }

 private:
  JsonWriter& out_;
};

/// Reads what FieldWriter wrote. A field of the wrong type or value clears `ok`.
class FieldReader {
 public:
  explicit FieldReader(const json::object& in) : in_{in} {}
  [[nodiscard]] bool ok() const { return ok_; }

  void operator()(std::string_view name, std::string& text) { with_text(name, [&](auto found) {
    text = std::string{found};
    return true;
  }); }
  void operator()(std::string_view name, bool& flag) {
    if (const auto* found = in_.if_contains(name)) {
      ok_ = ok_ && found->is_bool();
      if (ok_) flag = found->get_bool();
    }
  }
  void operator()(std::string_view name, std::int64_t& number) {
    if (const auto* found = in_.if_contains(name)) {
      ok_ = ok_ && found->is_int64();
      if (ok_) number = found->get_int64();
    }
  }
  void operator()(std::string_view name, TimePoint& at) {
    std::int64_t micros = 0;
    (*this)(name, micros);
    at = TimePoint{Micros{micros}};
  }
  void operator()(std::string_view name, Date& date) {
    with_text(name, [&](auto text) { return assign(date, parse_date(text)); });
  }
  template <class Tag, int kPlaces>
  void operator()(std::string_view name, Fixed<Tag, kPlaces>& amount) {
    with_text(name, [&](auto text) { return assign(amount, Fixed<Tag, kPlaces>::parse(text)); });
  }
  void operator()(std::string_view name, Side& side) {
    with_text(name, [&](auto text) { return assign(side, parse_side(text)); });
  }
  void operator()(std::string_view name, PriceType& type) {
    with_text(name, [&](auto text) { return assign(type, parse_price_type(text)); });
  }
  void operator()(std::string_view name, Product& product) {
    with_text(name, [&](auto text) { return assign(product, parse_product(text)); });
  }
  void operator()(std::string_view name, market::Exchange& exchange) {
    with_text(name, [&](auto text) { return assign(exchange, market::parse_exchange(text)); });
  }
  void operator()(std::string_view name, OrderStatus& status) {
    std::int64_t number = 0;
    (*this)(name, number);
    ok_ = ok_ && number >= 0 && number <= static_cast<std::int64_t>(OrderStatus::Rejected);
    if (ok_) status = static_cast<OrderStatus>(number);
  }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& part) {
    if (in_.if_contains(name) != nullptr) (*this)(name, part.emplace());
  }
  template <class T>
    requires std::is_class_v<T>
  void operator()(std::string_view name, T& part) {
    const auto* found = in_.if_contains(name);
    if (found == nullptr) return;
    ok_ = ok_ && found->is_object();
    if (!ok_) return;
    FieldReader inner{found->get_object()};
    each_field(inner, part);
    ok_ = inner.ok();
  }

 private:
  template <class Use>
  void with_text(std::string_view name, Use use) {
    const auto* found = in_.if_contains(name);
    if (found == nullptr) return;
    ok_ = ok_ && found->is_string();
    if (ok_) ok_ = use(std::string_view{found->get_string()});
  }
  template <class T>
  static bool assign(T& to, const std::optional<T>& parsed) {
    if (parsed) to = *parsed;
    return parsed.has_value();
  }

  const json::object& in_;
  bool ok_{true};
};

void each_field(auto& visit, Is<InstrumentKey> auto& key) {
  visit("exchange", key.exchange);
  visit("symbol", key.symbol);
}

void each_field(auto& visit, Is<Actor> auto& actor) {
  visit("user", actor.username);
  visit("credential", actor.credential_id);
  visit("address", actor.address);
  visit("request", actor.request_id);
}

void each_field(auto& visit, Is<OrderRequest> auto& request) {
  each_field(visit, request.instrument);
  visit("side", request.side);
  visit("quantity", request.quantity);
  visit("price_type", request.price_type);
  visit("product", request.product);
  visit("price", request.price);
  visit("trigger_price", request.trigger_price);
  visit("disclosed_quantity", request.disclosed_quantity);
  visit("strategy", request.strategy);
  visit("client_order_id", request.client_order_id);
  visit("request_digest", request.request_digest);
  visit("underlying_price", request.underlying_price);
}

void each_field(auto& visit, Is<Towards> auto& towards) {
  visit("target", towards.target);
  visit("side", towards.side);
  visit("quantity", towards.quantity);
}

void each_field(auto& visit, Is<PendingChange> auto& change) {
  visit("quantity", change.quantity);
  visit("price", change.price);
  visit("trigger_price", change.trigger_price);
  visit("margin", change.margin);
  visit("margin_quantity", change.margin_quantity);
  visit("reserved", change.reserved);
}

void each_field(auto& visit, Is<Order> auto& order) {
  visit("id", order.id);
  visit("broker_id", order.broker_id);
  each_field(visit, order.request);
  visit("status", order.status);
  visit("filled", order.filled);
  visit("average_price", order.average_price);
  visit("reference_price", order.reference_price);
  visit("margin", order.margin_blocked);
  visit("margin_quantity", order.margin_quantity);
  visit("leverage", order.leverage);
  visit("rejection_reason", order.rejection_reason);
  visit("change", order.change);
  visit("cancel_requested", order.cancel_requested);
  visit("to_target", order.to_target);
  visit("placed_at", order.placed_at);
  visit("updated_at", order.updated_at);
}

}  // namespace kavach::trading
