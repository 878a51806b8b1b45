#pragma once

// Comma-separated values by RFC 4180: CRLF line ends, quotes where needed.

#include <initializer_list>
#include <string>
#include <string_view>

namespace kavach::api {

void append_csv_row(std::string& out, std::initializer_list<std::string_view> cells);

}  // namespace kavach::api
