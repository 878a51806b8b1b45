#include "app/rotation.h"

#include <algorithm>
#include <utility>

#include "app/data_folder.h"
#include "app/secrets_file.h"
#include "identity/pepper_uses.h"
#include "identity/resealing.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kResealedInOneStep = 64;
constexpr std::chrono::hours kPepperStays{1};

// A secret from elsewhere wins over the file, so a new one in the file would never be used.
Result<void> check_origin(const Settings& settings, const std::vector<crypto::Master>& masters) {
  for (const auto master : masters) {
    if (settings.origin(setting_of(master)) == SettingOrigin::Generated) continue;
    const std::string name{row_of(setting_of(master)).name};
    return fail(ErrorCode::Conflict,
                name + " does not come from secrets.env; change it where it is set, keep the former value there as " +
                    name + "_OLDER in secrets.env, restart, and rotate the others one by one.");
  }
  return {};
}

Result<std::optional<RotationRecord>> read_latest(Foundation& base) {
  std::optional<RotationRecord> latest;
  auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
    auto found = latest_rotation(reader);
    if (!found) return pass_on(found);
    latest = std::move(*found);
    return {};
  });
  if (!read) return pass_on(read);
  return latest;
}

}  // namespace

Result<void> request_rotation(Foundation& base, const std::vector<crypto::Master>& masters,
                              const identity::Actor& actor) {
  RotationRecord wanted;
  wanted.masters = masters;
  for (const auto master : masters) wanted.former_ids.push_back(base.ring->current_id(master));
  wanted.actor = actor;
  wanted.requested_at = base.clock.now();
  return base.database->write_and_wait(
      [&](store::Transaction& transaction) { return open_rotation(transaction, *base.audit, wanted); });
}

Result<void> KeyRotation::request(const std::vector<crypto::Master>& masters, const identity::Actor& actor) {
  if (auto ours = check_origin(base_.settings, masters); !ours) return ours;
  return request_rotation(base_, masters, actor);
}

Result<void> KeyRotation::recover() {
  const auto latest = read_latest(base_);
  if (!latest) return pass_on(latest);
  if ((*latest && (*latest)->open()) || base_.ring->ids(crypto::Master::Field).size() == 1) return {};
  return request_rotation(base_, {}, {"system", "", ""});
}

Result<bool> KeyRotation::step() {
  const std::lock_guard lock{stepping_};
  auto latest = read_latest(base_);
  if (!latest) return pass_on(latest);
  if (!*latest || !(*latest)->open()) return true;
  return advance(**latest);
}

Result<bool> KeyRotation::advance(RotationRecord& rotation) {
  if (!has_begun(rotation)) {
    if (auto begun = begin(rotation); !begun) {
      auto closed = give_up(rotation, begun.error());
      if (!closed) return pass_on(closed);
      return pass_on(begun);
    }
    clean_since_.reset();
  }
  const auto noted = [&](store::Transaction& transaction, const identity::Resealed& so_far) {
    return note_resealed(transaction, rotation.id, static_cast<std::int64_t>(so_far.resealed),
                         static_cast<std::int64_t>(so_far.remaining));
  };
  const auto pass = identity::reseal_fields(*base_.database, *base_.cipher, kResealedInOneStep, noted);
  if (!pass) return pass_on(pass);
  if (pass->unreadable > 0) {
    base_.log->error("keys.unreadable_values", {{"count", pass->unreadable},
                                                {"advice", "they cannot be decrypted under any key; set them anew"}});
  }
  if (pass->resealed > 0) {
    clean_since_.reset();
    if (auto followed = options_.follow(); !followed) return pass_on(followed);
    return false;
  }
  const Monotonic now = base_.clock.monotonic();
  if (!clean_since_) clean_since_ = now;
  if (now - *clean_since_ < options_.settles) return false;
  if (auto finished = finish(rotation); !finished) return pass_on(finished);
  return true;
}

bool KeyRotation::has_begun(const RotationRecord& rotation) const {
  for (std::size_t i = 0; i < rotation.masters.size() && i < rotation.former_ids.size(); ++i) {
    if (base_.ring->current_id(rotation.masters[i]) == rotation.former_ids[i]) return false;
  }
  return true;
}

Result<void> KeyRotation::begin(const RotationRecord& rotation) {
  if (auto ours = check_origin(base_.settings, rotation.masters); !ours) return ours;
  auto secrets = SecretsFile::load(base_.settings.data_folder());
  if (!secrets) return pass_on(secrets);
  for (const auto master : rotation.masters) {
    secrets->renew(setting_of(master), Secret::take(base_.random.hex(kSecretBytes)));
  }
  auto saved = secrets->save();
  // Whatever became of the file: the gateway and the commands beside it must not disagree.
  if (auto followed = follow_secrets(); !followed) return followed;
  if (has_begun(rotation)) return {};
  return saved ? fail(ErrorCode::StorageFailed, "secrets.env was written and has not changed. Check the disk.") : saved;
}

Result<void> KeyRotation::finish(RotationRecord& rotation) {
  clean_since_.reset();
  auto secrets = SecretsFile::load(base_.settings.data_folder());
  if (!secrets) return pass_on(secrets);
  secrets->forget_older(Setting::FernetSalt);
  if (auto saved = secrets->save(); !saved) return saved;
  if (auto followed = follow_secrets(); !followed) return followed;
  return base_.database->write_and_wait([&](store::Transaction& transaction) {
    return close_rotation(transaction, *base_.audit, rotation, base_.clock.now(), {});
  });
}

Result<void> KeyRotation::give_up(const RotationRecord& rotation, const Error& problem) {
  return base_.database->write_and_wait([&](store::Transaction& transaction) {
    return close_rotation(transaction, *base_.audit, rotation, base_.clock.now(), problem.message);
  });
}

Result<void> KeyRotation::follow_secrets() {
  auto settings = Settings::load(base_.settings.data_folder(), process_environment());
  if (!settings) return pass_on(settings);
  if (auto adopted = adopt_secrets(*settings, base_.random); !adopted) return adopted;
  auto fresh = key_ring_of(*settings);
  if (!fresh) return pass_on(fresh);
  for (const auto master : {crypto::Master::App, crypto::Master::Pepper, crypto::Master::Field}) {
    const auto ids = fresh->ids(master);
    if (std::ranges::find(ids, base_.ring->current_id(master)) != ids.end()) continue;
    return fail(ErrorCode::Conflict, std::string{row_of(setting_of(master)).name} +
                                         " has been replaced meanwhile and its former value is not kept as _OLDER in "
                                         "secrets.env; add it.");
  }
  base_.ring->adopt(std::move(*fresh));
  return options_.follow();
}

Result<std::size_t> KeyRotation::retire_peppers() {
  const std::lock_guard lock{stepping_};
  const auto latest = read_latest(base_);
  if (!latest) return pass_on(latest);
  if (*latest && ((*latest)->open() || base_.clock.now() < *(*latest)->finished_at + kPepperStays)) return 0;
  auto needed = identity::pepper_uses(*base_.database);
  if (!needed) return pass_on(needed);
  auto secrets = SecretsFile::load(base_.settings.data_folder());
  if (!secrets) return pass_on(secrets);
  std::size_t forgotten = 0;
  for (const Secret& older : secrets->older(Setting::ApiKeyPepper)) {
    if (needed->contains(crypto::key_id(older))) continue;
    secrets->forget_older(Setting::ApiKeyPepper, older);
    ++forgotten;
  }
  if (forgotten == 0) return 0;
  if (auto saved = secrets->save(); !saved) return pass_on(saved);
  if (auto followed = follow_secrets(); !followed) return pass_on(followed);
  return forgotten;
}

Result<RotationReport> rotate_keys(const std::filesystem::path& data_folder,
                                   const std::vector<crypto::Master>& masters) {
  auto lock = store::FolderLock::take(data_folder);
  if (!lock) return pass_on(lock);
  auto base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  KeyRotation rotation{**base, {.follow = [] { return Result<void>{}; }, .settles = Monotonic{0}}};
  if (auto recovered = rotation.recover(); !recovered) return pass_on(recovered);
  RotationReport report;
  auto latest = read_latest(**base);
  if (!latest) return pass_on(latest);
  report.resumed = *latest && (*latest)->open();
  if (!report.resumed) {
    if (auto asked = rotation.request(masters, {"cli", "", ""}); !asked) return pass_on(asked);
  }
  for (;;) {
    auto finished = rotation.step();
    if (!finished) return pass_on(finished);
    if (*finished) break;
  }
  latest = read_latest(**base);
  if (!latest) return pass_on(latest);
  report.resealed = (*latest)->resealed;
  return report;
}

}  // namespace kavach::app
