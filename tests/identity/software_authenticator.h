#pragma once

// An authenticator in software: makes what a browser would send, correctly, or wrong in one named way.

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/text.h"
#include "crypto/sha256.h"

namespace kavach::identity::test {

class SoftwareAuthenticator {
 public:
  std::string origin{"https://trade.example.org"};
  std::string party_id{"trade.example.org"};
  std::uint8_t flags{0x45};  ///< present, verified, attested data
  std::uint32_t counter{1};
  std::string format{"none"};
  bool cross_origin{false};
  std::string id{"credential-0001"};

  SoftwareAuthenticator() : key_{::EVP_EC_gen("P-256")} {}

  json::object register_for(std::string_view challenge, std::string_view type = "webauthn.create") const {
    std::string auth = head(flags);
    auth += std::string(16, '\0');
    auth += static_cast<char>(id.size() >> 8U);
    auth += static_cast<char>(id.size());
    auth += id + cose();
    std::string object = "\xA3\x63" "fmt";
    object += static_cast<char>(0x60 + format.size());
    object += format + "\x67" "attStmt" "\xA0" "\x68" "authData" "\x58";
    object += static_cast<char>(auth.size());
    object += auth;
    return wrap({{"clientDataJSON", b64(client_data(type, challenge))}, {"attestationObject", b64(object)}});
  }

  json::object sign_for(std::string_view challenge, std::string_view type = "webauthn.get") {
    const std::string client = client_data(type, challenge);
    const std::string data = head(static_cast<std::uint8_t>(flags & ~0x40U));
    const auto digest = crypto::sha256(client);
    return wrap({{"clientDataJSON", b64(client)},
                 {"authenticatorData", b64(data)},
                 {"signature", b64(sign(data + std::string{as_text(digest)}))}});
  }

 private:
  struct Release {
    void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
  };

  static std::string b64(std::string_view bytes) { return to_base64url(as_bytes(bytes)); }

  json::object wrap(json::object response) const {
    return {{"id", b64(id)}, {"rawId", b64(id)}, {"type", "public-key"}, {"response", std::move(response)}};
  }

  std::string client_data(std::string_view type, std::string_view challenge) const {
    std::string text;
    JsonWriter{text}.object().field("type", type).field("challenge", challenge).field("origin", origin)
        .field("crossOrigin", cross_origin).end();
    return text;
  }

  std::string head(std::uint8_t with) const {
    std::string data{as_text(crypto::sha256(party_id))};
    data += static_cast<char>(with);
    for (int shift = 24; shift >= 0; shift -= 8) data += static_cast<char>(counter >> static_cast<unsigned>(shift));
    return data;
  }

  std::string cose() const {
    std::array<unsigned char, 65> point{};
    std::size_t length = 0;
    ::EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length);
    const std::string text{reinterpret_cast<const char*>(point.data()), length};
    return std::string{"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10} + text.substr(1, 32) + "\x22\x58\x20" + text.substr(33);
  }

  std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, Release> context{::EVP_MD_CTX_new()};
    std::array<unsigned char, 80> signature{};
    std::size_t length = signature.size();
    ::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key_.get());
    ::EVP_DigestSign(context.get(), signature.data(), &length,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size());
    return {reinterpret_cast<const char*>(signature.data()), length};
  }

  std::unique_ptr<EVP_PKEY, Release> key_;
};

}  // namespace kavach::identity::test
