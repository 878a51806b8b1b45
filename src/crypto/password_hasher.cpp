#include "crypto/password_hasher.h"

#include <argon2.h>

#include <utility>
#include <vector>

#include "core/text.h"
#include "crypto/phc.h"

namespace kavach::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kIdCharacters = 8;

Secret peppered(const Secret& value, const Secret& pepper) {
  std::string joined;
  joined.reserve(value.size() + pepper.size());
  joined += value.reveal();
  joined += pepper.reveal();
  return Secret::take(std::move(joined));
}

std::uint8_t* raw(const std::byte* bytes) {
  return reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(bytes));
}

/// Lanes are computed one after the other on the calling thread: the pool's size stays the bound on
/// how much of the machine hashing may take. The result is the same.
Result<std::vector<std::byte>> argon2id(const Secret& input, const Phc& phc) {
  std::vector<std::byte> out(phc.hash.size());
  argon2_context context{};
  context.out = raw(out.data());
  context.outlen = static_cast<std::uint32_t>(out.size());
  context.pwd = raw(input.bytes().data());
  context.pwdlen = static_cast<std::uint32_t>(input.size());
  context.salt = raw(phc.salt.data());
  context.saltlen = static_cast<std::uint32_t>(phc.salt.size());
  context.t_cost = phc.cost.passes;
  context.m_cost = phc.cost.memory_kib;
  context.lanes = phc.cost.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  const int status = ::argon2id_ctx(&context);
  if (status != ARGON2_OK) {
    return fail(ErrorCode::Unavailable, "The gateway is short of memory; try again.",
                ::argon2_error_message(status));
  }
  return out;
}

std::unexpected<Error> unusable() {
  return fail(ErrorCode::StorageCorrupt, "A stored password hash cannot be used.",
              "not an Argon2id PHC string within bounds, or an unknown pepper");
}

}  // namespace

PasswordHasher::PasswordHasher(const KeyRing& ring, const SecureRandom& random, Argon2Cost cost)
    : ring_{ring}, random_{random}, cost_{cost} {
  Phc phc{cost, std::vector<std::byte>(kSaltBytes), std::vector<std::byte>(kHashBytes)};
  random.fill(phc.salt);
  random.fill(phc.hash);
  decoy_ = format_phc(phc);
}

std::string PasswordHasher::imported(std::string_view pepper_id, std::string_view phc) {
  std::string stored{pepper_id};
  stored += ':';
  stored += phc;
  return stored;
}

Result<std::string> PasswordHasher::hash(const Secret& value) const {
  const auto pepper = ring_.pepper();
  Phc phc{cost_, std::vector<std::byte>(kSaltBytes), std::vector<std::byte>(kHashBytes)};
  random_.fill(phc.salt);
  auto hashed = argon2id(peppered(value, *pepper.secret), phc);
  if (!hashed) return pass_on(std::move(hashed));
  phc.hash = std::move(*hashed);
  return imported(pepper.id, format_phc(phc));
}

Result<Verdict> PasswordHasher::verify(const Secret& value, std::string_view stored) const {
  const auto colon = stored.find(':');
  if (colon != kIdCharacters) return unusable();
  const auto pepper_id = stored.substr(0, colon);
  const auto pepper = ring_.pepper(pepper_id);
  const auto phc = parse_phc(stored.substr(colon + 1));
  if (pepper == nullptr || !phc) return unusable();
  const auto computed = argon2id(peppered(value, *pepper), *phc);
  if (!computed) return pass_on(computed);
  const bool matches = equal_in_constant_time(as_text(*computed), as_text(phc->hash));
  const bool outdated = pepper_id != ring_.pepper().id || phc->cost != cost_;
  return Verdict{.matches = matches, .needs_rehash = matches && outdated};
}

}  // namespace kavach::crypto
