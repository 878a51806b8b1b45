#include "crypto/hkdf.h"

#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/text.h"
#include "crypto/hmac.h"

namespace kavach::crypto {

Secret hkdf(const Secret& key_material, std::string_view salt, std::string_view info, std::size_t bytes) {
  require(bytes <= 255 * sizeof(Digest256), "HKDF yields at most 255 blocks");
  Digest256 extracted = HmacSha256{as_bytes(salt)}.sign(key_material.bytes());
  const HmacSha256 expand{extracted};
  wipe(extracted);

  std::vector<std::byte> out;
  out.reserve(bytes);
  Digest256 block{};
  for (char counter = 1; out.size() < bytes; ++counter) {
    const std::string_view previous = counter == 1 ? std::string_view{} : as_text(block);
    block = expand.sign({previous, info, std::string_view{&counter, 1}});
    const auto take = std::min(block.size(), bytes - out.size());
    out.insert(out.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(take));
  }
  Secret derived{out};
  wipe(out);
  wipe(block);
  return derived;
}

}  // namespace kavach::crypto
