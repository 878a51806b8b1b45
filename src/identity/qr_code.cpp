#include "identity/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace kavach::identity {
namespace {

constexpr int kQuietZone = 4;

struct Release {
  void operator()(QRcode* code) const noexcept { ::QRcode_free(code); }
};

}  // namespace

Result<QrCode> qr_code(const Secret& text) {
  std::string terminated{text.reveal()};
  const std::unique_ptr<QRcode, Release> made{
      ::QRcode_encodeString(terminated.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1)};
  wipe(terminated);
  if (!made) return fail(ErrorCode::Internal, "The QR code could not be made.");
  QrCode code;
  code.size = made->width;
  std::string modules;
  for (int at = 0; at < made->width * made->width; ++at) modules += (made->data[at] & 1U) != 0 ? '1' : '0';
  code.modules = Secret::take(std::move(modules));
  return code;
}

Secret qr_svg(const QrCode& code) {
  const std::string side = std::to_string(code.size + 2 * kQuietZone);
  std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + side + ' ' + side +
                    R"(" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d=")";
  const auto modules = code.modules.reveal();
  for (int row = 0; row < code.size; ++row) {
    for (int column = 0; column < code.size; ++column) {
      if (modules[static_cast<std::size_t>(row * code.size + column)] != '1') continue;
      svg += 'M' + std::to_string(column + kQuietZone) + ' ' + std::to_string(row + kQuietZone) + "h1v1h-1z";
    }
  }
  svg += R"(" fill="#000"/></svg>)";
  return Secret::take(std::move(svg));
}

}  // namespace kavach::identity
