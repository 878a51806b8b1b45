#include "crypto/field_cipher.h"

#include "crypto/fernet.h"
#include "crypto/hkdf.h"

namespace kavach::crypto {
namespace {

constexpr std::string_view kSalt = "kavach field 1";

/// Each part with its length before it, so that no two places share a text.
std::string info_of(const FieldPlace& place) {
  std::string info;
  for (const auto part : {place.table, place.user, place.record, place.column}) {
    info += std::to_string(part.size());
    info += ':';
    info += part;
  }
  return info;
}

Fernet cipher_for(const Secret& root, const FieldPlace& place) {
  return Fernet{hkdf(root, kSalt, info_of(place), Fernet::kKeyBytes)};
}

std::string_view id_part(std::string_view sealed) {
  const auto dot = sealed.find('.');
  return dot == std::string_view::npos ? std::string_view{} : sealed.substr(0, dot);
}

}  // namespace

std::string FieldCipher::seal(const FieldPlace& place, std::string_view plaintext) const {
  const auto root = ring_.current(Purpose::FieldEncryption);
  return root.id + '.' + cipher_for(root.key, place).seal(plaintext, clock_.now(), random_);
}

Result<Secret> FieldCipher::open(const FieldPlace& place, std::string_view sealed) const {
  const auto id = id_part(sealed);
  const auto root = ring_.find(Purpose::FieldEncryption, id);
  if (!root) {
    return fail(ErrorCode::StorageCorrupt,
                "A stored secret was encrypted with a key this gateway does not have.",
                "unknown field key in " + std::string{place.table} + "." + std::string{place.column});
  }
  auto opened = cipher_for(root->key, place).open(sealed.substr(id.size() + 1));
  if (!opened) {
    return fail(ErrorCode::StorageCorrupt, "A stored secret cannot be decrypted.",
                "field refused in " + std::string{place.table} + "." + std::string{place.column});
  }
  return opened;
}

bool FieldCipher::needs_resealing(std::string_view sealed) const {
  return id_part(sealed) != ring_.current_id(Master::Field);
}

}  // namespace kavach::crypto
