#include "app/secrets_file.h"

#include <fstream>
#include <iterator>

#include "app/dotenv.h"
#include "app/private_file.h"
#include "core/text.h"

namespace kavach::app {
namespace {

std::string name_of(Setting setting) { return std::string{row_of(setting).name}; }
std::string older_name(Setting setting) { return name_of(setting) + "_OLDER"; }

}  // namespace

SecretsFile::~SecretsFile() {
  for (auto& [name, value] : values_) wipe(value);
}

Result<SecretsFile> SecretsFile::load(const std::filesystem::path& data_folder) {
  SecretsFile file;
  file.path_ = data_folder / "secrets.env";
  std::ifstream stream{file.path_, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  auto values = parse_dotenv(text);
  wipe(text);
  if (!values) return fail(ErrorCode::StorageCorrupt, file.path_.string() + ": " + values.error().message);
  file.values_ = std::move(*values);
  return file;
}

bool SecretsFile::holds(Setting setting) const { return values_.contains(name_of(setting)); }

std::vector<Secret> SecretsFile::older(Setting setting) const {
  std::vector<Secret> generations;
  const auto found = values_.find(older_name(setting));
  if (found == values_.end()) return generations;
  for (const auto part : split(found->second, ',')) {
    if (const auto generation = trim(part); !generation.empty()) generations.emplace_back(generation);
  }
  return generations;
}

void SecretsFile::renew(Setting setting, const Secret& fresh) {
  std::string& present = values_[name_of(setting)];
  std::string& older = values_[older_name(setting)];
  older = older.empty() ? present : present + "," + older;
  wipe(present);
  present = fresh.reveal();
}

void SecretsFile::add_older(Setting setting, const Secret& generation) {
  if (const auto found = values_.find(name_of(setting)); found != values_.end() && found->second == generation.reveal()) {
    return;
  }
  for (const Secret& known : older(setting)) {
    if (known == generation) return;
  }
  std::string& list = values_[older_name(setting)];
  if (!list.empty()) list += ',';
  list += generation.reveal();
}

void SecretsFile::forget_older(Setting setting) {
  const auto found = values_.find(older_name(setting));
  if (found == values_.end()) return;
  wipe(found->second);
  values_.erase(found);
}

void SecretsFile::forget_older(Setting setting, const Secret& generation) {
  std::string kept;
  for (const Secret& known : older(setting)) {
    if (known == generation) continue;
    if (!kept.empty()) kept += ',';
    kept += known.reveal();
  }
  std::string& list = values_[older_name(setting)];
  wipe(list);
  list = std::move(kept);
}

Result<void> SecretsFile::save() const {
  std::string text = "# Keep this file: without it no password, key or token in this folder can be used.\n";
  for (const auto& [name, value] : values_) {
    if (!value.empty()) text.append(name).append("=").append(value).append("\n");
  }
  auto written = replace_private_file(path_, text);
  wipe(text);
  return written;
}

}  // namespace kavach::app
