#pragma once

// A blocking TLS client and a self-signed certificate, made with the library itself.

#include <openssl/ssl.h>
#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"
#include "support/raw_client.h"

namespace kavach::http {

/// Writes an ECDSA P-256 key and a certificate for `name` into `folder`.
[[nodiscard]] TlsFiles make_certificate(const std::filesystem::path& folder, const std::string& name);

struct TlsClientSettings {
  int version_max{TLS1_3_VERSION};
  std::string alpn{};  ///< in wire form
};

class TlsClient {
 public:
  TlsClient(std::uint16_t port, const TlsClientSettings& settings);

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] std::string version() const { return SSL_get_version(session_.get()); }
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] std::string certificate_name() const;
  bool send(std::string_view bytes);
  /// Reads until `count` bytes came or the connection ended.
  [[nodiscard]] std::string read(std::size_t count);
  [[nodiscard]] std::string read_to_end() { return read(std::string::npos); }

 private:
  test::RawClient tcp_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> session_{nullptr, SSL_free};
  bool is_connected_{false};
};

}  // namespace kavach::http
