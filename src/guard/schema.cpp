#include "guard/schema.h"

namespace kavach::guard {
namespace {

// Times are microseconds since 1970 in UTC. A network is its canonical text.
constexpr store::Migration kMigrations[] = {
    {1, "bans, allow list, live settings, counters",
     R"sql(
CREATE TABLE guard_bans (
  network TEXT PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, ban_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT, created_by TEXT NOT NULL);
CREATE TABLE guard_ban_history (
  id BIGINT PRIMARY KEY, network TEXT NOT NULL, action TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
  at BIGINT NOT NULL, expires_at BIGINT, actor TEXT NOT NULL);
CREATE INDEX guard_ban_history_network ON guard_ban_history (network, id);
CREATE TABLE guard_allow_list (
  network TEXT PRIMARY KEY, note TEXT NOT NULL, source TEXT NOT NULL, created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL);
CREATE TABLE guard_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE guard_versions (topic TEXT PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO guard_versions (topic, version) VALUES ('allow_list', 0);
INSERT INTO guard_versions (topic, version) VALUES ('settings', 0);
CREATE TABLE guard_rate_buckets (
  kind TEXT NOT NULL, bucket TEXT NOT NULL, hits TEXT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY (kind, bucket));
CREATE TABLE guard_offenders (network TEXT PRIMARY KEY, offences TEXT NOT NULL, updated_at BIGINT NOT NULL);
CREATE TABLE guard_attempts (
  network TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, attempts BIGINT NOT NULL,
  last_at BIGINT NOT NULL, PRIMARY KEY (network, kind, subject));
CREATE TABLE guard_offence_tally (minute BIGINT PRIMARY KEY, offences BIGINT NOT NULL);
)sql"},
};

}  // namespace

store::Schema guard_schema() { return {"guard", kMigrations}; }

}  // namespace kavach::guard
