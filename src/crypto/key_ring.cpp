#include "crypto/key_ring.h"

#include <algorithm>
#include <utility>

#include "crypto/hkdf.h"
#include "crypto/sha256.h"

namespace kavach::crypto {
namespace {

constexpr std::string_view kSalt = "kavach key ring 1";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdCharacters = 8;
constexpr std::size_t kPurposes = static_cast<std::size_t>(Purpose::FieldEncryption) + 1;

// Labels are part of the stored data's format: a changed label is a lost key.
std::string_view label_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::SessionDigest: return "session digest";
    case Purpose::CsrfToken: return "csrf token";
    case Purpose::DeviceCookie: return "device cookie";
    case Purpose::OneTimeToken: return "one-time token";
    case Purpose::RecoveryCode: return "recovery code";
    case Purpose::OAuthState: return "oauth state";
    case Purpose::PasskeyHandle: return "passkey handle";
    case Purpose::OffenceDigest: return "offence digest";
    case Purpose::AuditSigning: return "audit signing";
    case Purpose::Backup: return "backup";
    case Purpose::ApiKeyDigest: return "api key digest";
    case Purpose::FieldEncryption: return "field encryption";
  }
  std::unreachable();
}

Secret derived(const Secret& master, Purpose purpose) { return hkdf(master, kSalt, label_of(purpose), kKeyBytes); }

}  // namespace

Master master_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::ApiKeyDigest: return Master::Pepper;
    case Purpose::FieldEncryption: return Master::Field;
    case Purpose::SessionDigest:
    case Purpose::CsrfToken:
    case Purpose::DeviceCookie:
    case Purpose::OneTimeToken:
    case Purpose::RecoveryCode:
    case Purpose::OAuthState:
    case Purpose::PasskeyHandle:
    case Purpose::OffenceDigest:
    case Purpose::AuditSigning:
    case Purpose::Backup: return Master::App;
  }
  std::unreachable();
}

std::string key_id(const Secret& master) {
  const Secret label = hkdf(master, kSalt, "public key id", kKeyBytes);
  return sha256_hex(label.reveal()).substr(0, kIdCharacters);
}

Result<KeyRing> KeyRing::create(Generations app, Generations pepper, Generations field) {
  if (app.current == pepper.current || app.current == field.current || pepper.current == field.current) {
    return fail(ErrorCode::InvalidInput,
                "APP_KEY, API_KEY_PEPPER and FERNET_SALT must be three different secrets.");
  }
  Keys keys;
  const auto fill = [](Line& line, Generations from) {
    line.push_back({key_id(from.current), std::move(from.current)});
    for (auto& old : from.older) line.push_back({key_id(old), std::move(old)});
    return std::ranges::all_of(line, [](const Generation& made) { return made.secret.size() >= kMasterBytesMin; });
  };
  if (!fill(keys.app, std::move(app)) || !fill(keys.pepper, std::move(pepper)) || !fill(keys.field, std::move(field))) {
    return fail(ErrorCode::InvalidInput,
                "APP_KEY, API_KEY_PEPPER and FERNET_SALT need 32 characters or more each.");
  }
  for (std::size_t i = 0; i < kPurposes; ++i) {
    const auto purpose = static_cast<Purpose>(i);
    Macs& macs = keys.macs.emplace_back();
    for (const auto& generation : keys.line(master_of(purpose))) macs.emplace_back(derived(generation.secret, purpose));
  }
  return KeyRing{std::make_shared<const Keys>(std::move(keys))};
}

void KeyRing::adopt(KeyRing fresh) { keys_->replace(fresh.keys()); }

const KeyRing::Line& KeyRing::Keys::line(Master master) const {
  switch (master) {
    case Master::App: return app;
    case Master::Pepper: return pepper;
    case Master::Field: return field;
  }
  std::unreachable();
}

KeyRing::NamedKey KeyRing::current(Purpose purpose) const {
  const auto held = keys();
  const Generation& newest = held->line(master_of(purpose)).front();
  return {newest.id, derived(newest.secret, purpose)};
}

std::optional<KeyRing::NamedKey> KeyRing::find(Purpose purpose, std::string_view id) const {
  const auto held = keys();
  for (const auto& generation : held->line(master_of(purpose))) {
    if (generation.id == id) return NamedKey{generation.id, derived(generation.secret, purpose)};
  }
  return std::nullopt;
}

std::vector<Secret> KeyRing::derive_all(Purpose purpose) const {
  const auto held = keys();
  std::vector<Secret> all;
  for (const auto& generation : held->line(master_of(purpose))) all.push_back(derived(generation.secret, purpose));
  return all;
}

std::shared_ptr<const KeyRing::Macs> KeyRing::macs(Purpose purpose) const {
  const auto held = keys();
  return {held, &held->macs[static_cast<std::size_t>(purpose)]};
}

KeyRing::NamedPepper KeyRing::pepper() const {
  const auto held = keys();
  return {held->pepper.front().id, {held, &held->pepper.front().secret}};
}

std::shared_ptr<const Secret> KeyRing::pepper(std::string_view id) const {
  const auto held = keys();
  for (const auto& generation : held->pepper) {
    if (generation.id == id) return {held, &generation.secret};
  }
  return nullptr;
}

std::vector<std::string> KeyRing::ids(Master master) const {
  std::vector<std::string> ids;
  for (const auto& generation : keys()->line(master)) ids.push_back(generation.id);
  return ids;
}

std::string KeyRing::current_id(Master master) const { return keys()->line(master).front().id; }

}  // namespace kavach::crypto
