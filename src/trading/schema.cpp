#include "trading/schema.h"

#include <array>

namespace kavach::trading {
namespace {

// The journal is only ever appended to. The partial index makes a second intent under one order id
// impossible even if two processes shared the store by mistake.
constexpr std::array kMigrations{
    store::Migration{1, "order journal", R"(
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at_us BIGINT NOT NULL,
  account TEXT NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX journal_one_intent ON journal (order_id) WHERE kind = 'order.intent';
CREATE TABLE journal_snapshot (
  account TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,
  body TEXT NOT NULL
);
)"},
    // A snapshot only shortens a start, so the former ones may go.
    store::Migration{2, "snapshots in parts", R"(
DROP TABLE journal_snapshot;
CREATE TABLE journal_snapshot (
  account TEXT NOT NULL,
  part INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (account, part)
);
)"},
};

}  // namespace

store::Schema trading_schema() { return {"trading", kMigrations}; }

}  // namespace kavach::trading
