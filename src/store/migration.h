#pragma once

// Schema migrations. Each room that keeps tables owns an ordered list of steps (`schema.h` in the
// room); `app` collects them and runs `migrate` at start-up. A step is applied once, in the same
// transaction as the row that records it; a step whose text has changed since it was applied, or a
// store written by a newer Kavach, stops the start.

#include <span>
#include <string_view>

#include "store/database.h"

namespace kavach::store {

struct Migration {
  int version;            ///< 1, 2, 3 … without gaps inside a room
  std::string_view name;  ///< what it does, for the log
  std::string_view sql;   ///< one or more statements, common to SQLite and PostgreSQL
};

struct Schema {
  std::string_view room;
  std::span<const Migration> migrations;
};

/// Applies what is missing, in the order of `schemas`. Idempotent.
[[nodiscard]] Result<void> migrate(Database& database, std::span<const Schema> schemas);

}  // namespace kavach::store
