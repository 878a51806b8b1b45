#include "app/key_report.h"

#include <map>

#include "app/rotation_record.h"
#include "identity/pepper_uses.h"

namespace kavach::app {
namespace {

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string needs(const identity::PepperUses& uses) {
  if (uses.passwords == 0 && uses.api_keys == 0) return "nothing; it is forgotten within the hour";
  std::string text;
  if (uses.passwords > 0) text = counted(uses.passwords, "password", "passwords");
  if (uses.api_keys > 0) {
    if (!text.empty()) text += " and ";
    text += counted(uses.api_keys, "API key", "API keys");
  }
  return text + ", until next used";
}

std::string needed_by(crypto::Master master, const std::string& id, const std::map<std::string, identity::PepperUses>& peppers) {
  switch (master) {
    case crypto::Master::App: return "backups, audit signatures and recovery codes of its time";
    case crypto::Master::Pepper: {
      const auto found = peppers.find(id);
      return needs(found == peppers.end() ? identity::PepperUses{} : found->second);
    }
    case crypto::Master::Field: return "what the rotation has not encrypted again yet";
  }
  return {};
}

console::RotationView view_of(const RotationRecord& rotation) {
  console::RotationView view;
  view.state = rotation.open() ? "running" : rotation.problem.empty() ? "done" : "failed";
  for (const auto master : rotation.masters) view.masters.emplace_back(name_of(master));
  view.requested_by = rotation.actor.name;
  view.requested_at = rotation.requested_at;
  view.finished_at = rotation.finished_at;
  view.resealed = rotation.resealed;
  view.remaining = rotation.remaining;
  view.problem = rotation.problem;
  return view;
}

}  // namespace

Result<console::KeysView> report_keys(Foundation& base) {
  const auto peppers = identity::pepper_uses(*base.database);
  if (!peppers) return pass_on(peppers);
  console::KeysView keys;
  const auto settings = base.settings.list();
  for (const auto master : {crypto::Master::App, crypto::Master::Pepper, crypto::Master::Field}) {
    console::MasterKeyView view;
    view.name = name_of(master);
    view.setting = row_of(setting_of(master)).name;
    for (const auto& shown : settings) {
      if (shown.name == view.setting) view.source = shown.origin;
    }
    const auto ids = base.ring->ids(master);
    view.current = ids.front();
    for (std::size_t i = 1; i < ids.size(); ++i) view.older.push_back({ids[i], needed_by(master, ids[i], *peppers)});
    keys.masters.push_back(std::move(view));
  }
  auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
    const auto latest = latest_rotation(reader);
    if (!latest) return pass_on(latest);
    if (*latest) keys.rotation = view_of(**latest);
    return {};
  });
  if (!read) return pass_on(read);
  return keys;
}

}  // namespace kavach::app
