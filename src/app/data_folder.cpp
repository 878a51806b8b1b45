#include "app/data_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/dotenv.h"
#include "app/private_file.h"
#include "core/text.h"

namespace kavach::app {
namespace {

constexpr Setting kGenerated[] = {Setting::AppKey, Setting::ApiKeyPepper, Setting::FernetSalt};

std::unexpected<Error> refuse(const std::filesystem::path& path, const char* what) {
  return fail(ErrorCode::StorageFailed, path.string() + " " + what, std::strerror(errno));
}

Result<void> generate(const std::filesystem::path& path, const SecureRandom& random) {
  std::string text = "# Keep this file: without it no password, key or token in this folder can be used.\n";
  for (const Setting setting : kGenerated) {
    text += std::string{row_of(setting).name} + "=" + random.hex(32) + "\n";
  }
  auto written = replace_private_file(path, text);
  wipe(text);
  return written;
}

}  // namespace

Result<void> prepare_data_folder(const std::filesystem::path& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) {
    if (::mkdir(folder.c_str(), 0700) != 0) {
      return refuse(folder, "cannot be created; create it, or name another with --data.");
    }
    return {};
  }
  if (!S_ISDIR(info.st_mode)) return refuse(folder, "is not a folder; name another with --data.");
  if (info.st_uid != ::geteuid()) {
    return refuse(folder, "belongs to another user; run Kavach as its owner, or chown it.");
  }
  if ((info.st_mode & 077U) != 0) {
    return fail(ErrorCode::Forbidden, folder.string() + " can be entered by others; run: chmod 700 " +
                                          folder.string());
  }
  return {};
}

Result<void> adopt_secrets(Settings& settings, const SecureRandom& random) {
  const std::filesystem::path path = settings.data_folder() / "secrets.env";
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (auto made = generate(path, random); !made) return made;
  } else if ((info.st_mode & 077U) != 0) {
    return fail(ErrorCode::Forbidden,
                path.string() + " can be read by others; run: chmod 600 " + path.string());
  }
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto values = parse_dotenv(text);
  wipe(text);
  if (!values) return fail(ErrorCode::StorageCorrupt, path.string() + ": " + values.error().message);
  for (const Setting setting : kGenerated) {
    const std::string name{row_of(setting).name};
    if (const auto older = values->find(name + "_OLDER"); older != values->end()) {
      for (const std::string_view generation : split(older->second, ',')) {
        settings.adopt_older(setting, Secret{trim(generation)});
      }
      wipe(older->second);
    }
    const auto found = values->find(name);
    if (!settings.secret(setting).empty()) continue;
    if (found == values->end() || found->second.size() < 32) {
      return fail(ErrorCode::StorageCorrupt, path.string() + " has lost " +
                                                 name + "; restore the file from your backup.");
    }
    settings.adopt_generated(setting, Secret::take(std::move(found->second)));
  }
  return {};
}

}  // namespace kavach::app
