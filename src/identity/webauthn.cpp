#include "identity/webauthn.h"

#include <algorithm>

#include "core/json.h"
#include "core/net_address.h"
#include "core/text.h"
#include "crypto/ed25519.h"
#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "identity/cbor.h"

namespace kavach::identity {
namespace {

constexpr std::byte kUserPresent{0x01};
constexpr std::byte kUserVerified{0x04};
constexpr std::byte kAttestedData{0x40};
constexpr std::byte kExtensions{0x80};
constexpr std::size_t kHeadBytes = 37;  // rpIdHash 32, flags 1, signCount 4
constexpr std::size_t kAaguidBytes = 16;
constexpr std::size_t kCredentialIdMax = 1023;
constexpr std::int64_t kKeyTypeOkp = 1;
constexpr std::int64_t kKeyTypeEc2 = 2;
constexpr std::int64_t kCurveP256 = 1;
constexpr std::int64_t kCurveEd25519 = 6;

std::unexpected<Error> refused(std::string why) {
  return fail(ErrorCode::InvalidInput, "The passkey was not accepted; try again.", std::move(why));
}

Result<void> check_client_data(std::string_view text, std::string_view type, const RelyingParty& party,
                               std::string_view challenge) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return refused("client data is not an object");
  const auto& object = parsed->get_object();
  const auto equals = [&](std::string_view name, std::string_view wanted) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() && std::string_view{value->get_string()} == wanted;
  };
  if (!equals("type", type)) return refused("client data of another ceremony");
  if (challenge.empty() || !equals("challenge", challenge)) return refused("another challenge");
  if (!equals("origin", party.origin)) return refused("another origin");
  if (const auto* cross = object.if_contains("crossOrigin"); cross != nullptr && *cross != false) {
    return refused("cross-origin");
  }
  return {};
}

struct AuthenticatorHead {
  std::byte flags{};
  std::uint32_t sign_count{0};
};

Result<AuthenticatorHead> check_head(std::span<const std::byte> data, const RelyingParty& party,
                                     UserVerification verification) {
  if (data.size() < kHeadBytes) return refused("short authenticator data");
  const auto expected = crypto::sha256(party.id);
  if (!std::ranges::equal(data.first(expected.size()), expected)) return refused("another relying party");
  AuthenticatorHead head;
  head.flags = data[32];
  for (std::size_t i = 33; i < kHeadBytes; ++i) {
    head.sign_count = (head.sign_count << 8U) | std::to_integer<std::uint32_t>(data[i]);
  }
  if ((head.flags & kUserPresent) == std::byte{}) return refused("nobody was present");
  if (verification == UserVerification::Required && (head.flags & kUserVerified) == std::byte{}) {
    return refused("the user was not verified");
  }
  return head;
}

Result<CredentialPublicKey> read_key(const CborValue& cose) {
  const auto number = [&](std::int64_t label) -> std::int64_t {
    const auto* value = cose.at(label);
    return value != nullptr && value->integer() != nullptr ? *value->integer() : 0;
  };
  const auto coordinate = [&](std::int64_t label) -> std::vector<std::byte> {
    const auto* value = cose.at(label);
    return value != nullptr && value->bytes() != nullptr ? *value->bytes() : std::vector<std::byte>{};
  };
  CredentialPublicKey key{number(3), coordinate(-2), coordinate(-3)};
  const bool es256 = key.algorithm == kCoseEs256 && number(1) == kKeyTypeEc2 && number(-1) == kCurveP256 &&
                     key.x.size() == 32 && key.y.size() == 32;
  const bool eddsa = key.algorithm == kCoseEdDsa && number(1) == kKeyTypeOkp && number(-1) == kCurveEd25519 &&
                     key.x.size() == 32;
  if (!es256 && !eddsa) return refused("a key we did not ask for");
  if (eddsa) key.y.clear();
  return key;
}

Result<NewCredential> read_credential(std::span<const std::byte> data, std::byte flags) {
  auto rest = data.subspan(kHeadBytes);
  if (rest.size() < kAaguidBytes + 2) return refused("short attested data");
  rest = rest.subspan(kAaguidBytes);
  const std::size_t length = std::to_integer<std::size_t>(rest[0]) << 8U | std::to_integer<std::size_t>(rest[1]);
  rest = rest.subspan(2);
  if (length == 0 || length > kCredentialIdMax || length > rest.size()) return refused("credential id length");
  NewCredential credential;
  credential.id.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
  rest = rest.subspan(length);
  const auto cose = read_cbor(rest);
  if (!cose) return refused("public key is not CBOR");
  auto key = read_key(cose->value);
  if (!key) return pass_on(std::move(key));
  credential.public_key = std::move(*key);
  rest = rest.subspan(cose->bytes_read);
  if ((flags & kExtensions) != std::byte{}) {
    const auto extensions = read_cbor(rest);
    if (!extensions || extensions->value.map() == nullptr) return refused("extensions are not a map");
    rest = rest.subspan(extensions->bytes_read);
  }
  if (!rest.empty()) return refused("bytes after the authenticator data");
  return credential;
}

}  // namespace

std::optional<RelyingParty> RelyingParty::from(std::string_view host_server) {
  const auto scheme_end = host_server.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const auto scheme = host_server.substr(0, scheme_end);
  auto authority = host_server.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find('/'));
  const auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
  std::string host{authority.substr(0, colon)};
  const std::string port{colon == std::string_view::npos ? std::string_view{} : authority.substr(colon)};
  if (const auto address = IpAddress::parse(host)) {
    if (!address->is_loopback()) return std::nullopt;
    host = "localhost";
  }
  if (host.empty() || (scheme != "https" && host != "localhost")) return std::nullopt;
  return RelyingParty{to_lower(host), to_lower(scheme) + "://" + to_lower(host) + port};
}

std::string CredentialPublicKey::text() const {
  return std::to_string(algorithm) + ':' + to_hex(x) + ':' + to_hex(y);
}

std::optional<CredentialPublicKey> CredentialPublicKey::parse(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto algorithm = parse_int(parts[0]);
  auto x = from_hex(parts[1]);
  auto y = from_hex(parts[2]);
  if (!algorithm || !x || !y) return std::nullopt;
  return CredentialPublicKey{*algorithm, std::move(*x), std::move(*y)};
}

std::optional<std::string> challenge_in(std::string_view client_data_json) {
  const auto parsed = parse_json(client_data_json);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto* challenge = parsed->get_object().if_contains("challenge");
  if (challenge == nullptr || !challenge->is_string()) return std::nullopt;
  return std::string{challenge->get_string()};
}

Result<NewCredential> verify_registration(const RelyingParty& party, std::string_view challenge,
                                          std::string_view client_data_json,
                                          std::span<const std::byte> attestation_object,
                                          UserVerification verification) {
  auto client = check_client_data(client_data_json, "webauthn.create", party, challenge);
  if (!client) return pass_on(std::move(client));
  const auto attestation = read_cbor(attestation_object);
  if (!attestation || attestation->bytes_read != attestation_object.size()) return refused("attestation is not CBOR");
  const auto* format = attestation->value.at("fmt");
  const auto* statement = attestation->value.at("attStmt");
  const auto* data = attestation->value.at("authData");
  // No attestation was asked for, so none is believed.
  if (format == nullptr || format->text() == nullptr || *format->text() != "none") return refused("attestation format");
  if (statement == nullptr || statement->map() == nullptr || !statement->map()->empty()) return refused("attestation statement");
  if (data == nullptr || data->bytes() == nullptr) return refused("no authenticator data");
  const auto head = check_head(*data->bytes(), party, verification);
  if (!head) return pass_on(head);
  if ((head->flags & kAttestedData) == std::byte{}) return refused("no credential");
  auto credential = read_credential(*data->bytes(), head->flags);
  if (credential) credential->sign_count = head->sign_count;
  return credential;
}

Result<std::uint32_t> verify_assertion(const RelyingParty& party, std::string_view challenge,
                                       std::string_view client_data_json,
                                       std::span<const std::byte> authenticator_data,
                                       std::span<const std::byte> signature, const CredentialPublicKey& key,
                                       UserVerification verification) {
  auto client = check_client_data(client_data_json, "webauthn.get", party, challenge);
  if (!client) return pass_on(std::move(client));
  const auto head = check_head(authenticator_data, party, verification);
  if (!head) return pass_on(head);
  const auto client_digest = crypto::sha256(client_data_json);
  std::string message{as_text(authenticator_data)};
  message += as_text(client_digest);
  const bool valid = key.algorithm == kCoseEs256   ? crypto::verify_es256(key.x, key.y, message, signature)
                     : key.algorithm == kCoseEdDsa ? crypto::verify_ed25519(key.x, message, signature)
                                                   : false;
  if (!valid) return refused("signature");
  return head->sign_count;
}

bool counter_may_follow(std::uint32_t stored, std::uint32_t presented) {
  return (stored == 0 && presented == 0) || presented > stored;
}

}  // namespace kavach::identity
