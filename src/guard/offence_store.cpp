#include "guard/offence_store.h"

#include <memory>

#include "core/text.h"

namespace kavach::guard {
namespace {

// In one transaction, which orders wait behind; and so many of these in one flush. What is left over is
// written by the next.
constexpr std::size_t kRowsAtOnce = 200;
constexpr int kTransactionsAtOnce = 5;
// More than all bounded tables together can fill.
constexpr int kTransactionsMax = 2'000;
constexpr std::int64_t kDayMicros = Micros{kOffenceWindow}.count();
constexpr std::int64_t kAttemptsKeptDays = 30;

std::string hits_text(const std::vector<std::int64_t>& hits) {
  std::string out;
  for (const std::int64_t hit : hits) out += std::to_string(hit) + ';';
  return out;
}

std::vector<std::int64_t> hits_of(std::string_view text) {
  std::vector<std::int64_t> out;
  for (const std::string_view part : split(text, ';')) {
    if (const auto hit = parse_int(part)) out.push_back(*hit);
  }
  return out;
}

AttemptKind attempt_kind(std::string_view text) {
  if (text == "key_digest") return AttemptKind::KeyDigest;
  return text == "host" ? AttemptKind::Host : AttemptKind::Path;
}

Result<void> write_offenders(store::Transaction& transaction, const std::vector<SavedOffender>& offenders) {
  for (const SavedOffender& offender : offenders) {
    auto removed = transaction.execute("DELETE FROM guard_offenders WHERE network = ?", {offender.network.text()});
    if (!removed) return pass_on(std::move(removed));
    if (offender.offences.empty()) continue;
    auto added = transaction.execute("INSERT INTO guard_offenders (network, offences, updated_at) VALUES (?, ?, ?)",
                                     {offender.network.text(), offender.offences, epoch_micros(offender.updated_at)});
    if (!added) return pass_on(std::move(added));
  }
  return {};
}

Result<void> write_attempts(store::Transaction& transaction, const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    auto removed =
        transaction.execute("DELETE FROM guard_attempts WHERE network = ? AND kind = ? AND subject = ?",
                            {attempt.network.text(), name_of(attempt.kind), attempt.subject});
    if (!removed) return pass_on(std::move(removed));
    if (attempt.count == 0) continue;
    auto added = transaction.execute(
        "INSERT INTO guard_attempts (network, kind, subject, attempts, last_at) VALUES (?, ?, ?, ?, ?)",
        {attempt.network.text(), name_of(attempt.kind), attempt.subject, attempt.count, epoch_micros(attempt.last_at)});
    if (!added) return pass_on(std::move(added));
  }
  return {};
}

Result<void> write_minutes(store::Transaction& transaction, const std::vector<OffenceTally::Minute>& minutes) {
  for (const OffenceTally::Minute& minute : minutes) {
    auto removed = transaction.execute("DELETE FROM guard_offence_tally WHERE minute = ?", {minute.minute});
    if (!removed) return pass_on(std::move(removed));
    auto added = transaction.execute("INSERT INTO guard_offence_tally (minute, offences) VALUES (?, ?)",
                                     {minute.minute, minute.offences});
    if (!added) return pass_on(std::move(added));
  }
  return {};
}

Result<void> write_buckets(store::Transaction& transaction, const std::vector<SavedBucket>& buckets) {
  for (const SavedBucket& bucket : buckets) {
    auto removed = transaction.execute("DELETE FROM guard_rate_buckets WHERE kind = ? AND bucket = ?",
                                       {bucket.table, bucket.key});
    if (!removed) return pass_on(std::move(removed));
    auto added = transaction.execute(
        "INSERT INTO guard_rate_buckets (kind, bucket, hits, expires_at) VALUES (?, ?, ?, ?)",
        {bucket.table, bucket.key, hits_text(bucket.hits), bucket.expires_at});
    if (!added) return pass_on(std::move(added));
  }
  return {};
}

}  // namespace

struct OffenceStore::Changes {
  std::vector<SavedOffender> offenders;
  std::vector<Attempt> attempts;
  std::vector<OffenceTally::Minute> minutes;
  std::vector<SavedBucket> buckets;

  [[nodiscard]] bool empty() const {
    return offenders.empty() && attempts.empty() && minutes.empty() && buckets.empty();
  }
};

Result<void> OffenceStore::flush() { return write_changes(kTransactionsAtOnce); }

Result<void> OffenceStore::flush_all() { return write_changes(kTransactionsMax); }

Result<void> OffenceStore::write_changes(int transactions_max) {
  for (int i = 0; i < transactions_max; ++i) {
    const auto changes = std::make_shared<const Changes>(
        Changes{tracker_.changes(kRowsAtOnce), attempts_.changes(kRowsAtOnce), tally_.changes(),
                limiter_.save_changed(kRowsAtOnce)});
    if (changes->empty()) return {};
    if (auto written = write(changes); !written) return written;
  }
  return {};
}

Result<void> OffenceStore::write(std::shared_ptr<const Changes> changes) {
  return database_.write_and_wait([changes](store::Transaction& transaction) -> Result<void> {
    if (auto done = write_offenders(transaction, changes->offenders); !done) return done;
    if (auto done = write_attempts(transaction, changes->attempts); !done) return done;
    if (auto done = write_minutes(transaction, changes->minutes); !done) return done;
    return write_buckets(transaction, changes->buckets);
  });
}

Result<void> OffenceStore::load() {
  const TimePoint now = clock_.now();
  const std::int64_t since = epoch_micros(now) - kDayMicros;
  std::vector<SavedBucket> buckets;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto done = reader.query("SELECT network, offences, updated_at FROM guard_offenders WHERE updated_at > ?", {since},
                             [&](const store::Row& row) {
                               const auto network = Cidr::parse(row.text(0));
                               if (!network) return;
                               tracker_.restore({*network, std::string{row.text(1)}, TimePoint{Micros{row.integer(2)}}},
                                                now);
                             });
    if (!done) return done;
    done = reader.query("SELECT network, kind, subject, attempts, last_at FROM guard_attempts ORDER BY last_at", {},
                        [&](const store::Row& row) {
                          const auto network = Cidr::parse(row.text(0));
                          if (!network) return;
                          attempts_.restore({*network, attempt_kind(row.text(1)), std::string{row.text(2)},
                                             row.integer(3), TimePoint{Micros{row.integer(4)}}});
                        });
    if (!done) return done;
    done = reader.query("SELECT minute, offences FROM guard_offence_tally WHERE minute > ?",
                        {since / Micros{std::chrono::minutes{1}}.count()}, [&](const store::Row& row) {
                          tally_.restore({row.integer(0), row.integer(1)});
                        });
    if (!done) return done;
    return reader.query("SELECT kind, bucket, hits, expires_at FROM guard_rate_buckets WHERE expires_at > ?",
                        {epoch_micros(now)}, [&](const store::Row& row) {
                          buckets.push_back({std::string{row.text(0)}, std::string{row.text(1)}, hits_of(row.text(2)),
                                             row.integer(3)});
                        });
  });
  if (!read) return read;
  limiter_.restore(buckets);
  return {};
}

Result<void> OffenceStore::sweep() {
  const std::int64_t now = epoch_micros(clock_.now());
  return database_.write_and_wait([now](store::Transaction& transaction) -> Result<void> {
    const std::int64_t day_ago = now - kDayMicros;
    auto done = transaction.execute("DELETE FROM guard_offenders WHERE updated_at <= ?", {day_ago});
    if (done) {
      done = transaction.execute("DELETE FROM guard_attempts WHERE last_at <= ?", {now - kAttemptsKeptDays * kDayMicros});
    }
    if (done) {
      done = transaction.execute("DELETE FROM guard_offence_tally WHERE minute <= ?",
                                 {day_ago / Micros{std::chrono::minutes{1}}.count()});
    }
    if (done) done = transaction.execute("DELETE FROM guard_rate_buckets WHERE expires_at <= ?", {now});
    if (!done) return pass_on(std::move(done));
    return {};
  });
}

}  // namespace kavach::guard
