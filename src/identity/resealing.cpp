#include "identity/resealing.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "identity/change_counters.h"
#include "identity/sealed_places.h"

namespace kavach::identity {
namespace {

/// One sealed value and the statement that replaces exactly it: new value, row, old value.
struct Sealed {
  SealedPlace place;
  std::int64_t row{0};
  std::string value;
  std::string_view replace;
  std::string_view topic;
};

constexpr std::string_view kReplaceTotp = "UPDATE user_totp SET sealed_secret = ? WHERE user_id = ? AND sealed_secret = ?";
constexpr std::string_view kReplacePending =
    "UPDATE user_totp SET sealed_pending = ? WHERE user_id = ? AND sealed_pending = ?";
constexpr std::string_view kReplaceCopy = "UPDATE api_keys SET sealed_copy = ? WHERE id = ? AND sealed_copy = ?";
constexpr std::string_view kReplaceSigning = "UPDATE api_keys SET signing_secret = ? WHERE id = ? AND signing_secret = ?";
constexpr std::string_view kReplaceMail = "UPDATE mail_settings SET sealed_password = ? WHERE id = ? AND sealed_password = ?";

Result<std::vector<Sealed>> outdated(store::Database& database, const crypto::FieldCipher& cipher) {
  std::vector<Sealed> found;
  const auto note = [&](SealedPlace place, std::int64_t row_id, const store::Row& row, int column,
                        std::string_view replace, std::string_view topic) {
    if (row.is_null(column) || row.text(column).empty() || !cipher.needs_resealing(row.text(column))) return;
    found.push_back({std::move(place), row_id, std::string{row.text(column)}, replace, topic});
  };
  auto read = database.read([&](store::Reader& reader) -> Result<void> {
    auto totp = reader.query("SELECT user_id, sealed_secret, sealed_pending FROM user_totp", {}, [&](const store::Row& row) {
      const auto user = row.integer(0);
      note(SealedPlace::totp_secret(user), user, row, 1, kReplaceTotp, kSecondFactorsTopic);
      note(SealedPlace::totp_secret(user), user, row, 2, kReplacePending, kSecondFactorsTopic);
    });
    if (!totp) return totp;
    auto keys = reader.query(
        "SELECT id, user_id, digest, sealed_copy, signing_secret FROM api_keys", {}, [&](const store::Row& row) {
          const auto id = row.integer(0);
          const auto user = row.integer(1);
          note(SealedPlace::api_key_copy(user, std::string{row.text(2)}), id, row, 3, kReplaceCopy, kApiKeysTopic);
          note(SealedPlace::signing_secret(user, id), id, row, 4, kReplaceSigning, kApiKeysTopic);
        });
    if (!keys) return keys;
    return reader.query("SELECT id, sealed_password FROM mail_settings", {}, [&](const store::Row& row) {
      note(SealedPlace::mail_password(), row.integer(0), row, 1, kReplaceMail, {});
    });
  });
  if (!read) return pass_on(std::move(read));
  return found;
}

// Orders wait for the same writer: a transaction stays short.
constexpr std::size_t kInOneTransaction = 16;

/// A value under the current key.
struct Renewed {
  const Sealed* from;
  std::string sealed;
};

Result<void> replace(store::Transaction& transaction, std::span<const Renewed> values) {
  for (const auto& [from, sealed] : values) {
    auto updated = transaction.execute(from->replace, {sealed, from->row, from->value});
    if (!updated) return pass_on(std::move(updated));
    if (from->topic.empty()) continue;
    if (auto bumped = bump_counter(transaction, from->topic); !bumped) return bumped;
  }
  return {};
}

}  // namespace

Result<std::size_t> count_unreadable(store::Database& database, const crypto::FieldCipher& cipher) {
  const auto values = outdated(database, cipher);
  if (!values) return pass_on(values);
  return static_cast<std::size_t>(std::ranges::count_if(
      *values, [&](const Sealed& value) { return !cipher.open(value.place.place(), value.value); }));
}

Result<Resealed> reseal_fields(store::Database& database, const crypto::FieldCipher& cipher, std::size_t limit,
                               const NoteResealed& note) {
  const auto values = outdated(database, cipher);
  if (!values) return pass_on(values);
  Resealed pass;
  std::vector<Renewed> renewed;
  for (const auto& value : *values) {
    if (renewed.size() == limit) break;
    const auto opened = cipher.open(value.place.place(), value.value);
    if (opened) {
      renewed.push_back({&value, cipher.seal(value.place.place(), *opened)});
    } else {
      ++pass.unreadable;
    }
  }
  pass.remaining = values->size() - pass.unreadable;
  for (std::span<const Renewed> left{renewed}; !left.empty();) {
    const auto batch = left.first(std::min(left.size(), kInOneTransaction));
    left = left.subspan(batch.size());
    const Resealed now{batch.size(), pass.remaining - batch.size(), pass.unreadable};
    auto written = database.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      if (auto replaced = replace(transaction, batch); !replaced) return replaced;
      return note ? note(transaction, now) : Result<void>{};
    });
    if (!written) return pass_on(std::move(written));
    pass.resealed += now.resealed;
    pass.remaining = now.remaining;
  }
  return pass;
}

}  // namespace kavach::identity
