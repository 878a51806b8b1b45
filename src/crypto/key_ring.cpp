#include "crypto/key_ring.h"

#include <utility>

#include "core/check.h"
#include "crypto/hkdf.h"
#include "crypto/sha256.h"

namespace kavach::crypto {
namespace {

constexpr std::string_view kSalt = "kavach key ring 1";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdCharacters = 8;

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
  KeyRing ring;
  const auto fill = [](Line& line, Generations from) {
    line.push_back({key_id(from.current), std::move(from.current)});
    for (auto& old : from.older) line.push_back({key_id(old), std::move(old)});
    for (const auto& generation : line) {
      if (generation.secret.size() < kMasterBytesMin) return false;
    }
    return true;
  };
  if (!fill(ring.app_, std::move(app)) || !fill(ring.pepper_, std::move(pepper)) ||
      !fill(ring.field_, std::move(field))) {
    return fail(ErrorCode::InvalidInput,
                "APP_KEY, API_KEY_PEPPER and FERNET_SALT need 32 characters or more each.");
  }
  return ring;
}

const KeyRing::Line& KeyRing::line(Master master) const {
  switch (master) {
    case Master::App: return app_;
    case Master::Pepper: return pepper_;
    case Master::Field: return field_;
  }
  std::unreachable();
}

std::vector<KeyRing::NamedKey> KeyRing::named(Purpose purpose) const {
  std::vector<NamedKey> keys;
  for (const auto& generation : line(master_of(purpose))) {
    keys.push_back({generation.id, hkdf(generation.secret, kSalt, label_of(purpose), kKeyBytes)});
  }
  return keys;
}

std::vector<Secret> KeyRing::derive_all(Purpose purpose) const {
  std::vector<Secret> keys;
  for (auto& named_key : named(purpose)) keys.push_back(std::move(named_key.key));
  return keys;
}

Secret KeyRing::derive(Purpose purpose) const {
  return hkdf(line(master_of(purpose)).front().secret, kSalt, label_of(purpose), kKeyBytes);
}

const std::string& KeyRing::current_id(Master master) const { return line(master).front().id; }

const Secret* KeyRing::pepper(std::string_view id) const {
  for (const auto& generation : pepper_) {
    if (generation.id == id) return &generation.secret;
  }
  return nullptr;
}

}  // namespace kavach::crypto
