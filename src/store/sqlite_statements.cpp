#include "store/sqlite_statements.h"

#include <cstring>
#include <utility>

namespace kavach::store {
namespace {

Statement prepare(sqlite3* connection, std::string_view sql, int& code) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                            SQLITE_PREPARE_PERSISTENT, &raw, &rest);
  Statement statement{raw};
  if (code != SQLITE_OK) return {};
  const std::string_view tail{rest, sql.size() - static_cast<std::size_t>(rest - sql.data())};
  if (raw == nullptr || tail.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    code = SQLITE_MISUSE;
    return {};
  }
  return statement;
}

}  // namespace

SqliteStatements::Loan SqliteStatements::borrow(sqlite3* connection, std::string_view sql,
                                                int& code) {
  code = SQLITE_OK;
  const Key key{sql.data(), sql.size()};
  if (const auto found = cache_.find(key); found != cache_.end()) {
    Entry& entry = found->second;
    const char* stored = sqlite3_sql(entry.statement.get());
    const bool same =
        std::strncmp(stored, sql.data(), sql.size()) == 0 && stored[sql.size()] == '\0';
    if (same && !entry.lent) return Loan{entry.statement.get(), &entry.lent};
    // A query inside the callback of the same query, or a text that was not immortal.
    Statement own = prepare(connection, sql, code);
    return code == SQLITE_OK ? Loan{std::move(own)} : Loan{};
  }
  Statement statement = prepare(connection, sql, code);
  if (code != SQLITE_OK) return {};
  if (cache_.size() >= kCachedMax) {
    std::erase_if(cache_, [](const auto& item) { return !item.second.lent; });
  }
  Entry& entry = cache_[key];
  entry.statement = std::move(statement);
  return Loan{entry.statement.get(), &entry.lent};
}

}  // namespace kavach::store
