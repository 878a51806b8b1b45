// The texts the guard reads from people and browsers: rates, ban lengths, networks, hosts, CSV.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text.h"
#include "expect.h"
#include "guard/attempt_book.h"
#include "guard/ban.h"
#include "guard/csv.h"
#include "guard/host_check.h"
#include "guard/rate.h"

namespace {

using namespace kavach;
using kavach::fuzz::expect;

void read_csv(std::string_view input) {
  std::size_t rows = 0;
  const guard::CsvLimits limits{.rows_max = 8, .fields_max = 4, .field_bytes_max = 32};
  guard::CsvReader reader{limits, [&](const guard::CsvReader::Row& row, std::size_t) -> Result<void> {
                            ++rows;
                            expect(!row.empty() && row.size() <= 4, "a row has a bounded number of fields");
                            for (const std::string& field : row) expect(field.size() <= 32, "fields are bounded");
                            return {};
                          }};
  const bool whole = reader.feed(input.substr(0, input.size() / 2)) && reader.feed(input.substr(input.size() / 2)) &&
                     reader.finish();
  expect(rows <= 8 || !whole, "rows are bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  if (const auto rates = guard::Rates::parse(input)) {
    expect(guard::Rates::parse(rates->text()) == rates, "a rate's canonical text reads back");
  }
  if (const auto network = guard::parse_ban_network(input)) {
    expect(!network->contains(IpAddress::v4(0x7f000001)) || network->base().text().starts_with("127."),
           "no network that is accepted is the whole internet");
    expect(Cidr::parse(network->text()) == *network, "a network's text reads back");
  }
  std::ignore = guard::parse_ban_term(input);
  const std::string host = guard::host_name_of(input);
  expect(host.empty() || host.find_first_of("/@\\ \t\r\n") == std::string::npos, "a host name is a name");
  const std::string shown = guard::presentable(input);
  expect(is_valid_utf8(shown) && shown.size() <= guard::kSubjectBytesMax, "what is shown is harmless");
  std::ignore = guard::check_csv_upload("a.csv", "text/csv", input);
  read_csv(input);
  return 0;
}
