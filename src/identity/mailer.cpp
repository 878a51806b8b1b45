#include "identity/mailer.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "core/check.h"
#include "core/civil_time.h"
#include "core/text.h"
#include "identity/commit.h"
#include "identity/sealed_places.h"
#include "identity/users.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kQueueMax = 100;
constexpr std::size_t kSubjectMax = 200;
constexpr std::size_t kLineMax = 998;
constexpr long kConnectSeconds = 10;
constexpr long kTotalSeconds = 30;

struct ReleaseCurl {
  void operator()(CURL* handle) const noexcept { ::curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};

struct Upload {
  std::string_view left;
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const std::size_t length = std::min(size * count, upload.left.size());
  std::ranges::copy(upload.left.substr(0, length), buffer);
  upload.left.remove_prefix(length);
  return length;
}

bool one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

/// RFC 5322, 3.3, in UTC.
std::string mail_date(TimePoint at) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const Date date{day};
  const auto rest = std::chrono::floor<std::chrono::seconds>(at - day).count();
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, "%s, %02u %s %04d %02d:%02d:%02d +0000",
                                   kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                                   kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                                   static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60),
                                   static_cast<int>(rest % 60));
  return {buffer, static_cast<std::size_t>(length)};
}

Result<void> check_settings(const MailSettings& settings) {
  const bool host_ok = !settings.host.empty() && settings.host.size() <= 253 &&
                       settings.host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
                           std::string::npos;
  if (!host_ok) return fail(ErrorCode::InvalidInput, "The mail server must be a host name.");
  if (settings.port < 1 || settings.port > 65535) return fail(ErrorCode::InvalidInput, "The port must be 1 to 65535.");
  if (settings.username.size() > 254 || !one_line(settings.username)) {
    return fail(ErrorCode::InvalidInput, "The mail server's user name must be one line.");
  }
  return check_email(settings.from);
}

}  // namespace

std::string_view name_of(MailSecurity security) {
  switch (security) {
    case MailSecurity::StartTls: return "starttls";
    case MailSecurity::Tls: return "tls";
    case MailSecurity::None: return "none";
  }
  std::unreachable();
}

std::optional<MailSecurity> parse_mail_security(std::string_view name) {
  for (const auto security : {MailSecurity::StartTls, MailSecurity::Tls, MailSecurity::None}) {
    if (name == name_of(security)) return security;
  }
  return std::nullopt;
}

Result<std::string> format_mail(const Mail& mail, std::string_view from, TimePoint now, std::string_view message_id) {
  if (!check_email(mail.to) || !check_email(from) || !one_line(mail.subject) || mail.subject.size() > kSubjectMax) {
    return fail(ErrorCode::InvalidInput, "The mail's address or subject is not usable.");
  }
  std::string message = "Date: " + mail_date(now) + "\r\nFrom: Kavach <" + std::string{from} + ">\r\nTo: <" + mail.to +
                        ">\r\nSubject: " + mail.subject + "\r\nMessage-ID: <" + std::string{message_id} +
                        ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  for (const auto line : split(mail.text, '\n')) {
    if (!one_line(line) || line.size() > kLineMax) return fail(ErrorCode::InvalidInput, "The mail's text is not usable.");
    message += line;
    message += "\r\n";
  }
  return message;
}

Mailer::Mailer(Parts parts) : parts_{std::move(parts)}, worker_{1, kQueueMax} {
  require(::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl does not start");
}

Mailer::~Mailer() { worker_.stop(); }

Result<void> Mailer::load() {
  std::optional<Configured> found;
  auto read = parts_.database.read([&](store::Reader& reader) {
    return reader.query("SELECT host, port, username, sealed_password, sender, security FROM mail_settings WHERE id = 1", {},
                        [&](const store::Row& row) {
                          const auto security = parse_mail_security(row.text(5));
                          if (!security) return;  // never less security than was asked for
                          found = Configured{{std::string{row.text(0)}, static_cast<int>(row.integer(1)),
                                              std::string{row.text(2)}, std::string{row.text(4)}, *security, !row.is_null(3)},
                                             std::string{row.text(3)}};
                        });
  });
  if (!read) return read;
  configured_.replace(std::move(found));
  return {};
}

std::optional<MailSettings> Mailer::settings() const {
  const auto configured = configured_.read();
  if (!configured->has_value()) return std::nullopt;
  return (*configured)->settings;
}

Task<Result<void>> Mailer::configure(MailSettings settings, std::optional<Secret> password, Actor actor,
                                     Executor& executor) {
  if (auto valid = check_settings(settings); !valid) co_return valid;
  Configured next{std::move(settings), {}};
  const auto before = configured_.read();
  if (password && !password->empty()) {
    next.sealed_password = parts_.cipher.seal(SealedPlace::mail_password().place(), *password);
  } else if (before->has_value()) {
    // A password is for the server it was given for: another server must not be sent it.
    const bool same_server = (*before)->settings.host == next.settings.host;
    if (same_server) next.sealed_password = (*before)->sealed_password;
  }
  next.settings.password_set = !next.sealed_password.empty();
  store::Unit unit = [this, next, actor](store::Transaction& transaction) -> Result<void> {
    const store::Param sealed =
        next.sealed_password.empty() ? store::Param{} : store::Param{std::string_view{next.sealed_password}};
    auto written = transaction.execute(
        "INSERT INTO mail_settings (id, host, port, username, sealed_password, sender, security) "
        "VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET host = excluded.host, port = excluded.port, "
        "username = excluded.username, sealed_password = excluded.sealed_password, sender = excluded.sender, "
        "security = excluded.security",
        {next.settings.host, std::int64_t{next.settings.port}, next.settings.username, sealed, next.settings.from,
         name_of(next.settings.security)});
    if (!written) return pass_on(std::move(written));
    return parts_.audit.append(transaction, actor.event("mail.configured", {{"host", next.settings.host},
                                                                            {"security", name_of(next.settings.security)}}));
  };
  co_return co_await commit(executor, parts_.database, std::move(unit),
                            [this, next] { configured_.replace(std::optional{next}); });
}

Result<void> Mailer::deliver(const Mail& mail) const {
  const auto configured = configured_.read();
  if (!configured->has_value()) return fail(ErrorCode::Conflict, "Mail is not set up: give a server in the settings.");
  const auto& settings = (*configured)->settings;
  const auto message_id = parts_.random.hex(16) + "@kavach";
  const auto message = format_mail(mail, settings.from, parts_.clock.now(), message_id);
  if (!message) return pass_on(message);

  const std::unique_ptr<CURL, ReleaseCurl> curl{::curl_easy_init()};
  const std::string recipient = "<" + mail.to + ">";
  const std::unique_ptr<curl_slist, ReleaseCurl> recipients{::curl_slist_append(nullptr, recipient.c_str())};
  if (!curl || !recipients) return fail(ErrorCode::Unavailable, "The mail could not be prepared.");
  const bool tls = settings.security == MailSecurity::Tls;
  const std::string url = (tls ? "smtps://" : "smtp://") + settings.host + ":" + std::to_string(settings.port) + "/kavach";
  const std::string sender = "<" + settings.from + ">";
  Upload upload{*message};
  std::array<char, CURL_ERROR_SIZE> why{};
  ::curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  ::curl_easy_setopt(curl.get(), CURLOPT_USE_SSL,
                     static_cast<long>(settings.security == MailSecurity::None ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  ::curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  ::curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, sender.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  ::curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &give);
  ::curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
  ::curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  ::curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  ::curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kTotalSeconds);
  ::curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why.data());
  if (!parts_.certificates.empty()) ::curl_easy_setopt(curl.get(), CURLOPT_CAINFO, parts_.certificates.c_str());
  if (!settings.username.empty()) {
    const auto password = parts_.cipher.open(SealedPlace::mail_password().place(), (*configured)->sealed_password);
    if (!password) return pass_on(password);
    std::string text{password->reveal()};
    ::curl_easy_setopt(curl.get(), CURLOPT_USERNAME, settings.username.c_str());
    ::curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, text.c_str());  // libcurl keeps a copy of its own
    wipe(text);
  }
  if (const CURLcode code = ::curl_easy_perform(curl.get()); code != CURLE_OK) {
    return fail(ErrorCode::Unavailable, "The mail server did not take the mail; check its settings.",
                why[0] != '\0' ? why.data() : ::curl_easy_strerror(code));
  }
  return {};
}

void Mailer::send(Mail mail) {
  if (!settings()) return;
  run([this, mail = std::move(mail)] { deliver_now(mail); });
}

void Mailer::deliver_now(const Mail& mail) const {
  if (!settings()) return;
  if (const auto sent = deliver(mail); !sent) {
    const Error& error = sent.error();
    parts_.log.warning("mail.failed", {{"detail", error.detail.empty() ? error.message : error.detail}});
  }
}

void Mailer::run(Job job) {
  if (!worker_.try_post(std::move(job))) parts_.log.warning("mail.queue_full");
}

Task<Result<void>> Mailer::send_and_wait(Mail mail, Executor& executor) {
  co_return co_await resume_on<Result<void>>(executor, [this, &mail](auto complete) {
    auto report = std::make_shared<decltype(complete)>(std::move(complete));
    const bool queued = worker_.try_post([this, mail = std::move(mail), report] { (*report)(deliver(mail)); });
    if (!queued) (*report)(fail(ErrorCode::Busy, "Too many mails are waiting; try again in a minute."));
  });
}

}  // namespace kavach::identity
