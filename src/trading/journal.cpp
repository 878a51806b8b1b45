#include "trading/journal.h"

#include <algorithm>

#include "core/text.h"
#include "crypto/sha256.h"
#include "trading/audit_record.h"
#include "trading/journal_codec.h"

namespace kavach::trading {
namespace {

// A length before each part keeps two different sets of rows from hashing alike.
void add_part(crypto::Sha256& digest, std::string_view part) {
  digest.update(std::to_string(part.size())).update(":").update(part);
}

/// SQLite holds a row it writes or reads in one piece.
constexpr std::size_t kSnapshotPart = 64 * 1024;

Result<void> save_parts(store::Transaction& transaction, const Journal::Snapshot& snapshot) {
  const std::string_view account{snapshot.account};
  const auto former = transaction.execute("DELETE FROM journal_snapshot WHERE account = ?", {account});
  if (!former) return pass_on(former);
  std::string_view rest{snapshot.body};
  std::int64_t part = 0;
  do {
    const auto written = transaction.execute(
        "INSERT INTO journal_snapshot (account, part, seq, body) VALUES (?, ?, ?, ?)",
        {account, part++, snapshot.seq, rest.substr(0, kSnapshotPart)});
    if (!written) return pass_on(written);
    rest.remove_prefix(std::min(kSnapshotPart, rest.size()));
  } while (!rest.empty());
  return {};
}

std::string digest_of(const std::vector<Journal::Line>& lines) {
  crypto::Sha256 digest;
  for (const auto& line : lines) {
    add_part(digest, std::to_string(epoch_micros(line.at)));
    add_part(digest, line.account);
    add_part(digest, line.order_id);
    add_part(digest, line.kind);
    add_part(digest, line.body);
  }
  return to_hex(digest.finish());
}

}  // namespace

Journal::Entry Journal::prepare(const std::vector<JournalEvent>& events, const Actor& actor) {
  check(!events.empty(), "a journal entry needs an event");
  Entry entry;
  entry.lines.reserve(events.size());
  for (const JournalEvent& event : events) {
    entry.lines.push_back(
        Line{event.at, event.account, event.order_id, kind_of(event), encode_body(event)});
  }
  entry.record = audit_record(events.back(), actor);
  entry.record.fields.emplace_back("rows", static_cast<std::int64_t>(events.size()));
  entry.record.fields.emplace_back("digest", digest_of(entry.lines));
  return entry;
}

Result<void> Journal::append(store::Transaction& transaction, const Entry& entry) {
  const std::int64_t before = last_seq_;
  transaction.on_rollback([this, before] { last_seq_ = before; });
  std::int64_t seq = before;
  for (const Line& line : entry.lines) {
    const auto written = transaction.execute(
        "INSERT INTO journal (seq, at_us, account, order_id, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
        {++seq, epoch_micros(line.at), std::string_view{line.account},
         std::string_view{line.order_id}, line.kind, std::string_view{line.body}});
    if (!written) return pass_on(written);
  }
  last_seq_ = seq;
  return audit_.append(transaction, entry.record);
}

Result<std::vector<Journal::Snapshot>> Journal::snapshots() {
  std::vector<Snapshot> found;
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query("SELECT account, seq, body FROM journal_snapshot ORDER BY account, part", {},
                        [&](const store::Row& row) {
                          if (found.empty() || found.back().account != row.text(0)) {
                            found.push_back({AccountId{row.text(0)}, row.integer(1), {}});
                          }
                          found.back().body += row.text(2);
                        });
  });
  if (!read) return pass_on(read);
  return found;
}

Result<void> Journal::save(const std::vector<Snapshot>& snapshots) {
  return database_.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    for (const Snapshot& snapshot : snapshots) {
      if (auto saved = save_parts(transaction, snapshot); !saved) return saved;
    }
    return {};
  });
}

Result<void> Journal::replay(std::int64_t after, const OnEvent& on_event) {
  Result<void> outcome;
  std::int64_t last = after;
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query(
        "SELECT seq, at_us, account, order_id, kind, body FROM journal WHERE seq > ? ORDER BY seq",
        {after}, [&](const store::Row& row) {
          last = row.integer(0);
          if (!outcome) return;
          auto event = decode_event(TimePoint{Micros{row.integer(1)}}, row.text(2), row.text(3),
                                    row.text(4), row.text(5));
          outcome = event ? on_event(last, *event) : pass_on(event);
        });
  });
  if (!read) return read;
  if (outcome) {
    last_seq_ = last;
    durable_up_to(last);
  }
  return outcome;
}

void Journal::write(store::Unit unit, store::Done done) {
  begin_work();
  database_.write(std::move(unit), [this, done = std::move(done)](Result<void> result) mutable {
    done(std::move(result));
    end_work();
  });
}

void Journal::begin_work() {
  const std::lock_guard lock{mutex_};
  ++working_;
}

void Journal::end_work() {
  const std::lock_guard lock{mutex_};
  if (--working_ == 0) idle_.notify_all();
}

void Journal::wait_idle() {
  std::unique_lock lock{mutex_};
  idle_.wait(lock, [this] { return working_ == 0; });
}

void Journal::durable_up_to(std::int64_t seq) {
  std::int64_t known = durable_seq_.load();
  while (known < seq && !durable_seq_.compare_exchange_weak(known, seq)) {
  }
}

}  // namespace kavach::trading
