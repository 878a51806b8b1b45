#include "api/schema.h"

#include <array>

namespace kavach::api {

store::Schema api_schema() {
  static constexpr std::array<store::Migration, 1> kMigrations{{
      {1, "trading modes and chart preferences",
       "CREATE TABLE api_modes (user_id BIGINT PRIMARY KEY, is_analyze INTEGER NOT NULL);"
       "CREATE TABLE chart_preferences (user_id BIGINT NOT NULL, name TEXT NOT NULL, "
       "content TEXT NOT NULL, PRIMARY KEY (user_id, name));"},
  }};
  return {"api", kMigrations};
}

}  // namespace kavach::api
