#include "tls_client.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>

namespace kavach::http {
namespace {

template <class Write>
void write_pem(const std::filesystem::path& path, Write write) {
  FILE* file = std::fopen(path.c_str(), "w");
  write(file);
  std::fclose(file);
}

}  // namespace

TlsFiles make_certificate(const std::filesystem::path& folder, const std::string& name) {
  const TlsFiles files{folder / "cert.pem", folder / "key.pem"};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  write_pem(files.certificate_chain, [&](FILE* file) { PEM_write_X509(file, certificate.get()); });
  write_pem(files.private_key, [&](FILE* file) {
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

TlsClient::TlsClient(std::uint16_t port, const TlsClientSettings& settings) : tcp_{port} {
  std::signal(SIGPIPE, SIG_IGN);  // the library's own socket layer writes without MSG_NOSIGNAL
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context_.get(), settings.version_max);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_security_level(context_.get(), 0);
  session_.reset(SSL_new(context_.get()));
  if (!settings.alpn.empty()) {
    SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(settings.alpn.data()),
                        static_cast<unsigned>(settings.alpn.size()));
  }
  SSL_set_fd(session_.get(), tcp_.descriptor());
  is_connected_ = SSL_connect(session_.get()) == 1;
}

std::string TlsClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string TlsClient::certificate_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      SSL_get1_peer_certificate(session_.get()), X509_free};
  char name[64]{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

bool TlsClient::send(std::string_view bytes) {
  return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string TlsClient::read(std::size_t count) {
  std::string all;
  char buffer[16 * 1024];
  while (all.size() < count) {
    const int got = SSL_read(session_.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace kavach::http
