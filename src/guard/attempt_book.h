#pragma once

// What attackers tried, for the console and for the export before a permanent ban: paths that do not
// exist, keyed digests of unknown API keys, host names. Bounded: the longest-unseen entry goes first.
// Thread-safe.

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"

namespace kavach::guard {

enum class AttemptKind { Path, KeyDigest, Host };
[[nodiscard]] std::string_view name_of(AttemptKind kind);

struct Attempt {
  Cidr network;
  AttemptKind kind{AttemptKind::Path};
  std::string subject;  ///< printable, at most kSubjectBytesMax bytes
  std::int64_t count{1};
  TimePoint last_at{};
};

inline constexpr std::size_t kSubjectBytesMax = 120;

class AttemptBook {
 public:
  explicit AttemptBook(std::size_t attempts_max = 10'000) : attempts_max_{attempts_max} {}

  void note(const Cidr& network, AttemptKind kind, std::string_view subject, TimePoint now);
  /// Newest first.
  [[nodiscard]] std::vector<Attempt> latest(AttemptKind kind, std::size_t limit) const;
  [[nodiscard]] std::vector<Attempt> of(const Cidr& network) const;
  /// Who asked for this host name.
  [[nodiscard]] std::vector<Cidr> networks_for_host(std::string_view host) const;
  void forget(const Cidr& network, AttemptKind kind);

  /// Changed since the last call, at most `limit`; a count of 0 says that the attempt is forgotten.
  [[nodiscard]] std::vector<Attempt> changes(std::size_t limit);
  void restore(const Attempt& attempt);

 private:
  struct Entry {
    Attempt attempt;
    bool changed{true};
    bool stored{false};
  };
  struct Book {
    std::list<Entry> entries;  ///< newest first
    std::unordered_map<std::string, std::list<Entry>::iterator> places;
    std::vector<Attempt> gone;  ///< stored once and forgotten since; at most attempts_max_
  };
  static std::string key_of(const Cidr& network, AttemptKind kind, std::string_view subject);
  void put(Book& book, Attempt attempt, bool changed);
  void drop(Book& book, std::list<Entry>::iterator entry);

  const std::size_t attempts_max_;
  Guarded<Book> book_;
};

/// What may be stored and shown of a path, host or URL an attacker chose: printable ASCII, shortened, and its
/// words only. A longer one may be a secret in the wrong place (R31), so `*` stands for it.
[[nodiscard]] std::string presentable(std::string_view text);

}  // namespace kavach::guard
