#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdio>

#include "app/commands.h"
#include "app/console_output.h"
#include "core/civil_time.h"

namespace kavach::app {
namespace {

// What an operator should change, each as one sentence that says how.
class Findings {
 public:
  void check(bool holds, const std::string& advice) {
    if (!holds) list_.push_back(advice);
  }
  [[nodiscard]] const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

bool is_private(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) != 0 || (info.st_mode & 077U) == 0;
}

void check_files(const Settings& settings, Findings& findings) {
  const auto& folder = settings.data_folder();
  for (const char* name : {"secrets.env", "kavach.env", "kavach.db"}) {
    const auto path = folder / name;
    findings.check(is_private(path), path.string() + " can be read by others; run: chmod 600 " + path.string());
  }
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) == 0) {
    const auto free_mib = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize / (1024 * 1024);
    findings.check(free_mib >= 512, "only " + std::to_string(free_mib) + " MiB are free on the data folder's disk; free some.");
  }
}

void check_network(const Settings& settings, Findings& findings) {
  const bool https = settings.text(Setting::HostServer).starts_with("https://");
  const bool tls = !settings.text(Setting::TlsCertFile).empty();
  const bool proxied = !settings.text(Setting::TrustedProxies).empty();
  const auto address = *IpAddress::parse(settings.text(Setting::ListenAddress));
  findings.check(tls == !settings.text(Setting::TlsKeyFile).empty(),
                 "set TLS_CERT_FILE and TLS_KEY_FILE together, or neither.");
  findings.check(address.is_loopback() || tls || proxied,
                 "LISTEN_ADDRESS " + address.text() +
                     " accepts strangers without TLS; set TLS_CERT_FILE and TLS_KEY_FILE, or listen on 127.0.0.1 "
                     "behind a proxy.");
  findings.check(address.is_loopback() || https,
                 "HOST_SERVER is http while the port is open to others: cookies are not Secure; use https.");
  findings.check(!https || tls || proxied,
                 "HOST_SERVER is https, but nothing here speaks TLS and no proxy is trusted; set TLS_CERT_FILE or "
                 "TRUSTED_PROXIES.");
  if (tls) {
    for (const Setting file : {Setting::TlsCertFile, Setting::TlsKeyFile}) {
      findings.check(std::filesystem::exists(settings.text(file)),
                     std::string{row_of(file).name} + " names a file that does not exist.");
    }
    findings.check(is_private(settings.text(Setting::TlsKeyFile)), "the TLS key can be read by others; chmod 600 it.");
  }
}

// A one-time password is good for half a minute, so a clock that is off locks its users out.
void check_clock(const Foundation& base, Findings& findings) {
  const auto year = static_cast<int>(ist(base.clock.now()).date.year());
  findings.check(year >= 2025 && year <= 2100, "the system clock is wrong; set it and run a time service.");
}

void check_proxies(const Foundation& base, Findings& findings) {
  bool unknown = false;
  (void)base.database->read([&](store::Reader& reader) {
    return reader.query("SELECT 1 FROM audit_events WHERE kind = ? LIMIT 1", {std::string_view{"proxy.unknown"}},
                        [&](const store::Row&) { unknown = true; });
  });
  findings.check(!unknown || !base.settings.text(Setting::TrustedProxies).empty(),
                 "a proxy stands in front and TRUSTED_PROXIES is empty, so all clients share its address; set it.");
}

}  // namespace

int command_doctor(const std::filesystem::path& data) {
  bool healthy = false;
  const int code = with_foundation(data, [&](Foundation& base) -> Result<void> {
    Findings findings;
    check_files(base.settings, findings);
    check_network(base.settings, findings);
    check_clock(base, findings);
    check_proxies(base, findings);
    findings.check(base.users->has_owner(), "there is no owner yet; open the setup link or run kavach setup.");
    for (const std::string& finding : findings.list()) std::printf("finding: %s\n", finding.c_str());
    healthy = findings.list().empty();
    if (healthy) std::printf("healthy\n");
    return {};
  });
  return code == kDone && !healthy ? kFailed : code;
}

}  // namespace kavach::app
