#include "api/mode_switch.h"

#include <string>
#include <utility>

namespace kavach::api {

ModeSwitch::ModeSwitch(store::Database& database, audit::AuditLog& audit)
    : database_{database}, audit_{audit} {}

Result<void> ModeSwitch::load() {
  std::set<identity::UserId> analyzing;
  const auto read = database_.read([&analyzing](store::Reader& reader) {
    return reader.query("SELECT user_id FROM api_modes WHERE is_analyze = 1", {},
                        [&analyzing](const store::Row& row) { analyzing.insert(row.integer(0)); });
  });
  if (!read) return pass_on(read);
  analyzing_.replace(std::move(analyzing));
  return {};
}

bool ModeSwitch::is_analyze(identity::UserId user) const {
  return analyzing_.read()->contains(user);
}

trading::AccountId ModeSwitch::account_of(identity::UserId user) const {
  return account_in_mode(user, is_analyze(user));
}

void ModeSwitch::set(const trading::Actor& actor, identity::UserId user, bool analyze,
                     store::Done done) {
  audit::Event event{.kind = "trading.mode",
                     .actor = actor.username,
                     .address = actor.address,
                     .request_id = actor.request_id,
                     .fields = {{"mode", analyze ? "analyze" : "live"},
                                {"credential", actor.credential_id}}};
  database_.write(
      [this, user, analyze, event = std::move(event)](store::Transaction& transaction) -> Result<void> {
        const auto stored = transaction.execute(
            "INSERT INTO api_modes (user_id, is_analyze) VALUES (?, ?) "
            "ON CONFLICT (user_id) DO UPDATE SET is_analyze = excluded.is_analyze",
            {user, std::int64_t{analyze ? 1 : 0}});
        if (!stored) return pass_on(stored);
        return audit_.append(transaction, event);
      },
      [this, user, analyze, done = std::move(done)](Result<void> result) mutable {
        if (result) hold(user, analyze);
        done(std::move(result));
      });
}

void ModeSwitch::hold(identity::UserId user, bool analyze) {
  std::set<identity::UserId> analyzing = *analyzing_.read();
  if (analyze) {
    analyzing.insert(user);
  } else {
    analyzing.erase(user);
  }
  analyzing_.replace(std::move(analyzing));
}

trading::AccountId account_in_mode(identity::UserId user, bool analyze) {
  return (analyze ? "analyze:" : "paper:") + std::to_string(user);
}

}  // namespace kavach::api
