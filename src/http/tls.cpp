#include "http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "core/check.h"

namespace kavach::http {
namespace {

constexpr std::string_view kHttp11 = "\x08http/1.1";

std::string library_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

// OpenSSL's own socket BIO calls write(), which raises SIGPIPE on a closed connection. These two
// differ from it in nothing else.
int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto received = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kavach socket");
    require(made != nullptr, "out of memory for TLS");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
  unsigned char* selected = nullptr;
  const int outcome = SSL_select_next_proto(&selected, chosen_size, ours,
                                            static_cast<unsigned>(kHttp11.size()), offered, offered_size);
  *chosen = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_policy(SSL_CTX& context) {
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(&context, select_protocol, nullptr);
  SSL_CTX_set_num_tickets(&context, 1);
  SSL_CTX_set_session_id_context(&context, reinterpret_cast<const unsigned char*>("kavach"), 6);
  return SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_early_data(&context, 0) == 1 &&
         SSL_CTX_set_cipher_list(&context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1 &&
         SSL_CTX_set1_groups_list(&context, "X25519:P-256:P-384") == 1;
}

}  // namespace

void SslFree::operator()(SSL* session) const { SSL_free(session); }
void SslContextFree::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

Result<TlsContext> load_tls_context(const TlsFiles& files) {
  ERR_clear_error();
  TlsContext context{SSL_CTX_new(TLS_server_method())};
  if (!context || !set_policy(*context)) {
    return fail(ErrorCode::Internal, "TLS cannot be set up", library_error());
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_chain.c_str()) != 1) {
    return fail(ErrorCode::InvalidInput,
                "TLS_CERT_FILE cannot be used: a PEM certificate chain is needed", library_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(ErrorCode::InvalidInput,
                "TLS_KEY_FILE cannot be used: it must be the certificate's PEM key", library_error());
  }
  return context;
}

TlsSession::TlsSession(SSL_CTX& context, int descriptor) : session_{SSL_new(&context)} {
  require(session_ != nullptr, "out of memory for TLS");
  BIO* bio = BIO_new(socket_method());
  require(bio != nullptr, "out of memory for TLS");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  SSL_set_accept_state(session_.get());
}

IoResult TlsSession::outcome(int returned) const {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_NONE: return {IoStatus::Done, static_cast<std::size_t>(returned)};
    case SSL_ERROR_WANT_READ: return {IoStatus::WantsRead, 0};
    case SSL_ERROR_WANT_WRITE: return {IoStatus::WantsWrite, 0};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::Ended, 0};
    default: return {IoStatus::Failed, 0};
  }
}

IoResult TlsSession::handshake() {
  ERR_clear_error();
  return outcome(SSL_do_handshake(session_.get()));
}

IoResult TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  return outcome(SSL_read(session_.get(), into.data(), static_cast<int>(into.size())));
}

IoResult TlsSession::write(std::string_view bytes) {
  ERR_clear_error();
  constexpr std::size_t kStepMax = 64 * 1024;
  const auto step = bytes.substr(0, kStepMax);
  return outcome(SSL_write(session_.get(), step.data(), static_cast<int>(step.size())));
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
  ERR_clear_error();
}

}  // namespace kavach::http
