#include <cstdio>
#include <fstream>

#include "app/commands.h"
#include "app/console_output.h"
#include "audit/audit_query.h"
#include "audit/audit_sealer.h"
#include "audit/audit_verify.h"
#include "core/civil_time.h"
#include "core/text.h"
#include "crypto/ed25519.h"

namespace kavach::app {
namespace {

bool print_piece(std::string_view piece) {
  return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
}

// The start of a day in IST, the trading day.
Result<std::optional<TimePoint>> day_start(const std::string& text, std::chrono::days later) {
  if (text.empty()) return std::optional<TimePoint>{};
  const auto date = parse_date(text);
  if (!date) return fail(ErrorCode::InvalidInput, "Give days as YYYY-MM-DD.");
  return std::optional{from_ist(*date, std::chrono::seconds{0}) + later};
}

Result<audit::AuditTrust> trust_of(Foundation& base, const std::string& head_file) {
  audit::AuditTrust trust;
  for (const Secret& seed : base.ring->derive_all(crypto::Purpose::AuditSigning)) {
    trust.public_keys.push_back(to_hex(crypto::Ed25519Signer{seed}.public_key()));
  }
  if (head_file.empty()) return trust;
  std::ifstream file{head_file};
  std::string line;
  std::string last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  auto head = audit::parse_signed_head(last);
  if (!head) return pass_on(head);
  trust.kept_head = std::move(*head);
  return trust;
}

}  // namespace

int command_audit_verify(const std::filesystem::path& data, const std::string& head_file) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto trust = trust_of(base, head_file);
    if (!trust) return pass_on(trust);
    auto verdict = audit::verify_audit(*base.database, *trust);
    if (!verdict) return pass_on(verdict);
    if (!verdict->intact()) {
      return fail(ErrorCode::StorageCorrupt, "The audit chain is broken at record " +
                                                 std::to_string(verdict->first_bad->seq) + ": " +
                                                 verdict->first_bad->what);
    }
    std::printf("intact: %lld records, %lld sealed segments\n", static_cast<long long>(verdict->records),
                static_cast<long long>(verdict->segments));
    return {};
  });
}

int command_audit_export(const std::filesystem::path& data, const AuditExportOptions& options) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    auto from = day_start(options.from, std::chrono::days{0});
    if (!from) return pass_on(from);
    auto until = day_start(options.to, std::chrono::days{1});
    if (!until) return pass_on(until);
    audit::AuditSealer sealer{*base.database, *base.audit, base.clock,
                              base.ring->derive(crypto::Purpose::AuditSigning)};
    const auto format =
        options.format == "csv" ? audit::ExportFormat::Csv : audit::ExportFormat::JsonLines;
    const auto pieces = audit::begin_audit_export(
        *base.database, [&sealer](const audit::ChainHead& head) { return sealer.sign(head); }, {*from, *until, format});
    return audit::write_out(*pieces, print_piece);
  });
}

}  // namespace kavach::app
