#include "app/console_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "app/commands.h"

namespace kavach::app {

int report(const Error& error) {
  std::fprintf(stderr, "kavach: %s\n", error.message.c_str());
  return kFailed;
}

int with_foundation(const std::filesystem::path& data, const std::function<Result<void>(Foundation&)>& work) {
  auto base = lay_foundation(data, RunAs::Command);
  if (!base) return report(base.error());
  if (auto done = work(**base); !done) return report(done.error());
  return kDone;
}

Result<Secret> read_password() {
  std::string line;
  for (char c = 0; line.size() < 4096;) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') break;
    line += c;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) {
    return fail(ErrorCode::InvalidInput, "No password on standard input; pipe it in as one line.");
  }
  return Secret::take(std::move(line));
}

identity::Actor command_actor() { return {"cli", "", ""}; }

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] + 2 - row[i].size(), ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

}  // namespace kavach::app
