#pragma once

// Comma-separated values as the wire contract's clients parse them: RFC 4180, quotes only where needed.
// For programs; what people open in a spreadsheet goes through audit/export_text.h.

#include <initializer_list>
#include <string>
#include <string_view>

namespace kavach::api {

void append_csv_row(std::string& out, std::initializer_list<std::string_view> cells);

}  // namespace kavach::api
