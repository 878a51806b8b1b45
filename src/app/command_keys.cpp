#include <cstdio>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/rotation.h"

namespace kavach::app {

int command_keys_rotate(const std::filesystem::path& data, const RotateOptions& options) {
  auto rotated = rotate_keys(data, options.only);
  if (!rotated) return report(rotated.error());
  std::printf("%s; %lld stored secrets were encrypted again. Back up now: an older backup needs the secrets.env of its "
              "time\n",
              rotated->resumed ? "the interrupted rotation is finished" : "rotated",
              static_cast<long long>(rotated->resealed));
  return kDone;
}

}  // namespace kavach::app
