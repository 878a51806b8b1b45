#pragma once

// Mail by SMTP (libcurl), on one worker with a bounded queue. The server's settings are kept in the
// store, its password encrypted. Used for password resets and for notices of new devices.
//
// Thread rule: everything on any thread; `load` blocks. Nothing is sent until settings exist.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/task.h"
#include "core/worker_pool.h"
#include "crypto/field_cipher.h"
#include "identity/actor.h"
#include "store/database.h"

namespace kavach::identity {

enum class MailSecurity { StartTls, Tls, None };
[[nodiscard]] std::string_view name_of(MailSecurity security);
[[nodiscard]] std::optional<MailSecurity> parse_mail_security(std::string_view name);

struct MailSettings {
  std::string host;
  int port{587};
  std::string username;  ///< empty: no authentication
  std::string from;
  MailSecurity security{MailSecurity::StartTls};
  bool password_set{false};
};

struct Mail {
  std::string to;
  std::string subject;  ///< ASCII
  std::string text;     ///< UTF-8, lines separated by \n
};

/// The message with its headers (RFC 5322), CRLF line ends, no line above 998 bytes. A CR or LF in an
/// address or the subject cannot start a header: such a mail is refused.
[[nodiscard]] Result<std::string> format_mail(const Mail& mail, std::string_view from, TimePoint now,
                                              std::string_view message_id);

class Mailer {
 public:
  struct Parts {
    store::Database& database;
    audit::AuditLog& audit;
    const crypto::FieldCipher& cipher;
    const Clock& clock;
    const SecureRandom& random;
    Logger& log;
    std::string certificates{};  ///< a file of the authorities to trust; empty: the system's
  };
  explicit Mailer(Parts parts);
  ~Mailer();

  [[nodiscard]] Result<void> load();
  /// Nothing when mail is not set up.
  [[nodiscard]] std::optional<MailSettings> settings() const;
  /// An absent password stays as it is.
  [[nodiscard]] Task<Result<void>> configure(MailSettings settings, std::optional<Secret> password, Actor actor,
                                             Executor& executor);

  /// Queues a mail, or does nothing where mail is not set up; a full queue and a failed delivery are logged, never reported to whoever caused it.
  void send(Mail mail);
  /// Queues work that ends in a mail or in nothing, so that both take the caller the same time.
  void run(Job job);
  /// Delivers on this thread and logs a failure. Blocking: inside `run` only.
  void deliver_now(const Mail& mail) const;
  /// Delivers one and says how it went. For the console's test button.
  [[nodiscard]] Task<Result<void>> send_and_wait(Mail mail, Executor& executor);
  /// Finishes what is queued. At shutdown, before what the jobs use is destroyed.
  void stop() { worker_.stop(); }

 private:
  struct Configured {
    MailSettings settings;
    std::string sealed_password;
  };

  [[nodiscard]] Result<void> deliver(const Mail& mail) const;

  Parts parts_;
  Snapshot<std::optional<Configured>> configured_;
  WorkerPool worker_;
};

}  // namespace kavach::identity
