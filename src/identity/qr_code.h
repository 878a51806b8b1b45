#pragma once

// A QR code (ISO/IEC 18004) for enrolling an authenticator app. The console draws it itself, so the
// secret in it goes to no image service. Pure.

#include <string>

#include "core/result.h"
#include "core/secret.h"

namespace kavach::identity {

struct QrCode {
  int size{0};       ///< modules on a side, without the quiet zone
  Secret modules;    ///< row by row, `1` dark and `0` light: it contains the secret
};

[[nodiscard]] Result<QrCode> qr_code(const Secret& text);
/// The same as a picture of its own, with the quiet zone of four modules.
[[nodiscard]] Secret qr_svg(const QrCode& code);

}  // namespace kavach::identity
