#include <cstdio>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/import_openalgo.h"

namespace kavach::app {

int command_import_openalgo(const std::filesystem::path& data, const ImportOptions& options) {
  auto imported = import_openalgo(data, options, [](const std::string& step) {
    std::printf("%s…\n", step.c_str());
    std::fflush(stdout);
  });
  if (!imported) return report(imported.error());
  const char* verb = options.dry_run ? "would be taken over" : "taken over";
  for (const std::string& line : imported->taken) std::printf("%s: %s\n", verb, line.c_str());
  for (const std::string& line : imported->not_taken) std::printf("not taken over: %s\n", line.c_str());
  if (options.dry_run) std::printf("nothing was changed\n");
  return kDone;
}

}  // namespace kavach::app
