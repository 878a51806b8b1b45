#include "trading/order_state.h"

namespace kavach::trading {
namespace {

using S = OrderStatus;
constexpr std::optional<OrderStatus> kNone{};

struct TableRow {
  OrderStatus from;
  std::array<std::optional<OrderStatus>, kOrderEvents.size()> to;
};

// clang-format off
constexpr std::array<TableRow, kOrderStatuses.size()> kTable{{
    // from              Accepted  AcceptedPending     Rejected     Lost        Triggered FilledPartly  FilledWhole  Cancelled
    {S::Journaled,      {S::Open,  S::TriggerPending,  S::Rejected, S::Unknown, S::Open,  S::Open,      S::Complete, S::Cancelled}},
    {S::Unknown,        {S::Open,  S::TriggerPending,  S::Rejected, kNone,      S::Open,  S::Open,      S::Complete, S::Cancelled}},
    {S::Open,           {kNone,    kNone,              S::Rejected, kNone,      kNone,    S::Open,      S::Complete, S::Cancelled}},
    {S::TriggerPending, {kNone,    kNone,              S::Rejected, kNone,      S::Open,  S::Open,      S::Complete, S::Cancelled}},
    {S::Complete,       {kNone,    kNone,              kNone,       kNone,      kNone,    S::Complete,  S::Complete, kNone}},
    {S::Cancelled,      {kNone,    kNone,              kNone,       kNone,      kNone,    S::Cancelled, S::Complete, kNone}},
    {S::Rejected,       {kNone,    kNone,              kNone,       kNone,      kNone,    S::Rejected,  S::Complete, kNone}},
}};
// clang-format on

}  // namespace

std::optional<OrderStatus> next_status(OrderStatus status, OrderEvent event) {
  for (const TableRow& row : kTable) {
    if (row.from == status) return row.to[static_cast<std::size_t>(event)];
  }
  return std::nullopt;
}

}  // namespace kavach::trading
