#pragma once

// Prepared statements of one connection, found by the text's address and length: a statement is a
// literal, so its address names it, and finding it costs a few nanoseconds. The stored text is
// compared all the same, so that a caller who breaks the rule gets a slow answer and not a wrong
// one.

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace kavach::store {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Used by one thread at a time, as its connection.
class SqliteStatements {
 public:
  /// A statement on loan; reset and given back when it goes.
  class Loan {
   public:
    Loan() = default;
    Loan(sqlite3_stmt* statement, bool* lent) : statement_{statement}, lent_{lent} {
      *lent_ = true;
    }
    explicit Loan(Statement own) : own_{std::move(own)}, statement_{own_.get()} {}
    Loan(Loan&& other) noexcept
        : own_{std::move(other.own_)}, statement_{other.statement_}, lent_{other.lent_} {
      other.statement_ = nullptr;
      other.lent_ = nullptr;
    }
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (statement_ != nullptr) sqlite3_reset(statement_);
      if (lent_ != nullptr) *lent_ = false;
    }
    [[nodiscard]] sqlite3_stmt* get() const { return statement_; }

   private:
    Statement own_{};
    sqlite3_stmt* statement_{nullptr};
    bool* lent_{nullptr};
  };

  /// On failure `loan.get()` is null and `code` the extended result code. Refuses (SQLITE_MISUSE) a
  /// text with more than one statement.
  [[nodiscard]] Loan borrow(sqlite3* connection, std::string_view sql, int& code);
  void clear() { cache_.clear(); }

 private:
  static constexpr std::size_t kCachedMax = 1024;

  struct Key {
    const char* text;
    std::size_t length;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return (reinterpret_cast<std::size_t>(key.text) ^ (key.length << 48U)) *
             0x9e3779b97f4a7c15ULL;
    }
  };
  struct Entry {
    Statement statement;
    bool lent{false};
  };

  std::unordered_map<Key, Entry, KeyHash> cache_;
};

}  // namespace kavach::store
