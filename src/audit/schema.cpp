#include "audit/schema.h"

#include <array>

namespace kavach::audit {
namespace {

constexpr std::array<store::Migration, 3> kMigrations{{
    {1, "audit chain",
     "CREATE TABLE audit_events ("
     " seq BIGINT PRIMARY KEY,"
     " at_us BIGINT NOT NULL,"
     " kind TEXT NOT NULL,"
     " actor TEXT NOT NULL,"
     " address TEXT NOT NULL,"
     " request_id TEXT NOT NULL,"
     " body TEXT NOT NULL,"
     " prev_hash TEXT NOT NULL,"
     " hash TEXT NOT NULL);"
     "CREATE TABLE audit_segments ("
     " number BIGINT PRIMARY KEY,"
     " day TEXT NOT NULL,"
     " first_seq BIGINT NOT NULL,"
     " last_seq BIGINT NOT NULL,"
     " first_prev_hash TEXT NOT NULL,"
     " last_hash TEXT NOT NULL,"
     " root TEXT NOT NULL,"
     " previous TEXT NOT NULL,"
     " sealed_at_us BIGINT NOT NULL,"
     " public_key TEXT NOT NULL,"
     " signature TEXT NOT NULL);"},
    {2, "traffic records",
     "CREATE TABLE traffic_records ("
     " id INTEGER PRIMARY KEY,"
     " at_us BIGINT NOT NULL,"
     " address TEXT NOT NULL,"
     " method TEXT NOT NULL,"
     " route TEXT NOT NULL,"
     " host TEXT NOT NULL,"
     " status INTEGER NOT NULL,"
     " refusal TEXT NOT NULL,"
     " request_id TEXT NOT NULL,"
     " principal TEXT NOT NULL,"
     " duration_us BIGINT NOT NULL,"
     " queue_us BIGINT NOT NULL,"
     " guard_us BIGINT NOT NULL,"
     " handler_us BIGINT NOT NULL);"
     "CREATE INDEX traffic_records_by_time ON traffic_records (at_us);"
     "CREATE TABLE traffic_floods ("
     " id INTEGER PRIMARY KEY,"
     " at_us BIGINT NOT NULL,"
     " until_us BIGINT NOT NULL,"
     " offender TEXT NOT NULL,"
     " route TEXT NOT NULL,"
     " status INTEGER NOT NULL,"
     " refusal TEXT NOT NULL,"
     " requests BIGINT NOT NULL);"
     "CREATE INDEX traffic_floods_by_time ON traffic_floods (at_us);"},
    {3, "latency records",
     "CREATE TABLE latency_orders ("
     " id INTEGER PRIMARY KEY,"
     " at_us BIGINT NOT NULL,"
     " order_id TEXT NOT NULL,"
     " route TEXT NOT NULL,"
     " status TEXT NOT NULL,"
     " total_ns BIGINT NOT NULL,"
     " queue_ns BIGINT NOT NULL,"
     " guard_ns BIGINT NOT NULL,"
     " validation_ns BIGINT NOT NULL,"
     " risk_ns BIGINT NOT NULL,"
     " journal_ns BIGINT NOT NULL,"
     " broker_ns BIGINT NOT NULL,"
     " handler_ns BIGINT NOT NULL,"
     " reply_ns BIGINT NOT NULL);"
     "CREATE INDEX latency_orders_by_time ON latency_orders (at_us);"
     "CREATE TABLE latency_minutes ("
     " at_us BIGINT NOT NULL,"
     " route TEXT NOT NULL,"
     " requests BIGINT NOT NULL,"
     " p50_ns BIGINT NOT NULL,"
     " p95_ns BIGINT NOT NULL,"
     " p99_ns BIGINT NOT NULL,"
     " p999_ns BIGINT NOT NULL,"
     " max_ns BIGINT NOT NULL,"
     " PRIMARY KEY (route, at_us));"},
}};

}  // namespace

store::Schema audit_schema() { return {"audit", kMigrations}; }

}  // namespace kavach::audit
