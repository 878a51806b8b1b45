#include "app/schema.h"

#include <array>

namespace kavach::app {

store::Schema app_schema() {
  static constexpr std::array<store::Migration, 2> kMigrations{{
      {1, "rotations of the master secrets",
       "CREATE TABLE key_rotations (id BIGINT PRIMARY KEY, masters TEXT NOT NULL, former_ids TEXT NOT NULL, "
       "actor TEXT NOT NULL, address TEXT NOT NULL, request_id TEXT NOT NULL, requested_at BIGINT NOT NULL, "
       "resealed BIGINT NOT NULL, remaining BIGINT NOT NULL, finished_at BIGINT, problem TEXT NOT NULL);"},
      {2, "the kill switch by command",
       "CREATE TABLE kill_switch_requests (id BIGINT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, "
       "asked_at BIGINT NOT NULL, obeyed_at BIGINT);"},
  }};
  return {"app", kMigrations};
}

}  // namespace kavach::app
