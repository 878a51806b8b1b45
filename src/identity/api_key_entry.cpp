#include "identity/api_key_entry.h"

namespace kavach::identity {
namespace {

std::optional<std::vector<Cidr>> parse_allow(std::string_view text) {
  std::vector<Cidr> allow;
  if (text.empty()) return allow;
  for (const auto part : split(text, ',')) {
    const auto network = Cidr::parse(part);
    if (!network) return std::nullopt;  // fewer networks than meant would be too many addresses
    allow.push_back(*network);
  }
  return allow;
}

std::optional<std::string> optional_text(const store::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string{row.text(column)};
}

}  // namespace

std::string allow_text(const std::vector<Cidr>& allow) {
  std::string text;
  for (const auto& network : allow) {
    if (!text.empty()) text += ',';
    text += network.text();
  }
  return text;
}

void ApiKeys::Entry::note_use(TimePoint at, const IpAddress& client) const {
  state->usage.with([&](Usage& use) {
    use.at = at;
    use.address = client;
    use.unwritten = true;
  });
}

std::optional<ApiKeys::Entry> ApiKeys::Entry::from(const store::Row& row) {
  Entry entry;
  const auto digest = from_hex(row.text(4));
  const auto scope = parse_key_scope(row.text(3));
  auto allow = parse_allow(row.text(13));
  if (!digest || digest->size() != entry.digest.size() || !scope || !allow) return std::nullopt;
  std::ranges::copy(*digest, entry.digest.begin());
  entry.id = row.integer(0);
  entry.user = row.integer(1);
  entry.name = row.text(2);
  entry.scope = *scope;
  entry.hash = row.text(5);
  entry.hint = row.text(6);
  entry.sealed_copy = optional_text(row, 7);
  entry.created_at = time_at(row, 8);
  entry.expires_at = optional_time_at(row, 9);
  entry.grace_until = optional_time_at(row, 10);
  entry.revoked_at = optional_time_at(row, 11);
  entry.exposed_at = optional_time_at(row, 12);
  entry.allow = std::move(*allow);
  entry.state->usage.with([&](Usage& use) {
    use.at = optional_time_at(row, 14);
    use.written_address = row.text(15);
  });
  entry.signing_secret = optional_text(row, 16);
  return entry;
}

}  // namespace kavach::identity
