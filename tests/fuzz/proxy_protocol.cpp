// The PROXY header: never asks for more than the header holds, and once done stays the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"
#include "http/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kavach::fuzz::expect;
  using kavach::http::ProxyHeader;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto header = kavach::http::parse_proxy_header(input);
  if (header.state == ProxyHeader::State::NeedsMore) {
    expect(header.bytes > size, "more is needed than there is");
    expect(header.bytes <= kavach::http::kProxyHeaderBytesMax, "the limit holds");
  }
  if (header.state == ProxyHeader::State::Done) {
    expect(header.bytes <= size, "the header lies inside the input");
    const auto alone = kavach::http::parse_proxy_header(input.substr(0, header.bytes));
    expect(alone.state == ProxyHeader::State::Done && alone.source == header.source,
           "what follows the header does not change it");
  }
  return 0;
}
