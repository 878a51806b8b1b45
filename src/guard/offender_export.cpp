#include "guard/offender_export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/civil_time.h"
#include "core/json.h"
#include "guard/ban_ledger.h"

namespace kavach::guard {
namespace {

constexpr std::size_t kBytesMax = 4UL << 20U;
constexpr std::int64_t kHistoryMax = 1'000;

/// A file name of digits, letters, dots and dashes only, whatever the address.
std::string file_name(const Cidr& network, TimePoint now) {
  std::string name = network.text();
  for (char& c : name) {
    if (c == ':' || c == '/') c = '-';
  }
  return name + "-" + std::to_string(epoch_millis(now)) + ".jsonl";
}

Result<void> failed(const char* what) {
  return fail(ErrorCode::StorageFailed, "The offender's records could not be exported.",
              std::string{what} + ": " + std::strerror(errno));
}

Result<void> write_file(const std::filesystem::path& file, std::string_view content) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return failed("open");
  Result<void> result;
  while (!content.empty() && result) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written > 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      result = failed("write");
    }
  }
  if (result && ::fsync(descriptor) != 0) result = failed("fsync");
  ::close(descriptor);
  return result;
}

}  // namespace

OffenderExport::OffenderExport(std::filesystem::path data_folder, store::Database& database,
                               const AttemptBook& attempts, const Clock& clock, Logger& log, MoreRecords more)
    : folder_{std::move(data_folder) / "ban-exports"},
      database_{database},
      attempts_{attempts},
      clock_{clock},
      log_{log},
      more_{std::move(more)} {}

Result<std::string> OffenderExport::records(const Cidr& network) const {
  std::string out;
  JsonWriter{out}
      .object()
      .field("record", "offender")
      .field("network", network.text())
      .field("exported_at", utc_text(clock_.now()))
      .end();
  out += '\n';
  const std::size_t heading = out.size();
  std::vector<BanRecord> history;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto found = BanLedger::history(reader, network, kHistoryMax);
    if (!found) return pass_on(std::move(found));
    history = *std::move(found);
    return {};
  });
  if (!read) return pass_on(std::move(read));
  for (const BanRecord& record : history) {
    JsonWriter writer{out};
    writer.object().field("record", "ban").field("action", record.action).field("reason", record.reason);
    writer.field("kind", name_of(record.kind)).field("at", utc_text(record.at)).key("expires_at");
    record.expires_at ? writer.value(utc_text(*record.expires_at)) : writer.null();
    writer.field("actor", record.actor).end();
    out += '\n';
  }
  for (const Attempt& attempt : attempts_.of(network)) {
    JsonWriter{out}
        .object()
        .field("record", "attempt")
        .field("kind", name_of(attempt.kind))
        .field("subject", attempt.subject)
        .field("count", attempt.count)
        .field("last_at", utc_text(attempt.last_at))
        .end();
    out += '\n';
  }
  if (more_) {
    more_(network, [&](std::string_view object) {
      if (out.size() + object.size() < kBytesMax) out.append(object) += '\n';
    });
  }
  if (out.size() == heading) out.clear();
  return out;
}

Result<void> OffenderExport::write(const Cidr& network) {
  auto content = records(network);
  Result<void> written;
  if (!content) {
    written = pass_on(std::move(content));
  } else if (content->empty()) {
    return {};
  } else if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    written = failed("mkdir");
  } else {
    written = write_file(folder_ / file_name(network, clock_.now()), *content);
  }
  if (!written) {
    log_.error("ban.export_failed", {{"network", network.text()}, {"detail", written.error().detail}});
  }
  return written;
}

}  // namespace kavach::guard
