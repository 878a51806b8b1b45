#include "audit/export_text.h"

namespace kavach::audit {
namespace {

void separate(std::string& row) {
  if (!row.empty() && row.back() != '\n') row += ',';
}

}  // namespace

Result<void> write_out(Export& pieces, const std::function<bool(std::string_view)>& sink) {
  for (;;) {
    const auto piece = pieces.next();
    if (!piece) return pass_on(piece);
    if (piece->empty() || !sink(*piece)) return {};
  }
}

void append_csv_text(std::string& row, std::string_view text) {
  separate(row);
  row += '"';
  if (!text.empty() && std::string_view{"=+-@\t\r'"}.contains(text.front())) row += '\'';
  for (const char c : text) {
    if (c == '"') row += '"';
    row += c;
  }
  row += '"';
}

void append_csv_number(std::string& row, std::int64_t number) {
  separate(row);
  row += std::to_string(number);
}

std::string contains_pattern(std::string_view text) {
  std::string pattern{"%"};
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  pattern += '%';
  return pattern;
}

}  // namespace kavach::audit
