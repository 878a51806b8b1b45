#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>

#include "app/commands.h"
#include "app/process_hardening.h"
#include "app/version.h"

namespace kavach::app {
namespace {

using std::filesystem::path;

// What was chosen: set by the callback of the subcommand, run after parsing has succeeded.
using Chosen = std::function<int(const path&)>;

std::string default_data_folder() {
  const char* named = std::getenv("KAVACH_DATA");
  return named != nullptr && *named != '\0' ? named : "./data";
}

// Passwords come only this way, never as an argument that other users of the machine could see.
void need_password_on_stdin(CLI::App& command) {
  command.add_flag_callback("--password-stdin", [] {}, "Read the password from standard input")->required();
}

// Options live as long as the parser: CLI11 keeps references to them.
template <class Options>
std::shared_ptr<Options> keep() {
  return std::make_shared<Options>();
}

void add_serve(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("serve", "Run the gateway");
  auto options = keep<ServeOptions>();
  command->add_flag("--print-settings", options->print_settings,
                    "Show every setting, where it came from, and exit");
  command->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_serve(data, *options); };
  });
}

void add_setup(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("setup", "Create the owner without a browser");
  auto options = keep<SetupOptions>();
  command->add_option("--username", options->username, "The owner's name")->required();
  command->add_option("--email", options->email, "The owner's mail address")->required();
  need_password_on_stdin(*command);
  command->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_setup(data, *options); };
  });
}

void add_user(CLI::App& app, Chosen& chosen) {
  auto* user = app.add_subcommand("user", "Accounts")->require_subcommand(1);
  auto* add = user->add_subcommand("add", "Add an account");
  auto options = keep<UserAddOptions>();
  add->add_option("--username,username", options->username, "The user's name")->required();
  add->add_option("--email", options->email, "The user's mail address")->required();
  add->add_option("--role", options->role, "owner, trader or viewer")
      ->check(CLI::IsMember({"owner", "trader", "viewer"}))
      ->required();
  need_password_on_stdin(*add);
  add->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_user_add(data, *options); };
  });
  user->add_subcommand("list", "List accounts")->callback([&chosen] { chosen = command_user_list; });
  auto name = keep<std::string>();
  auto* disable = user->add_subcommand("disable", "End an account's sessions, keys and sockets");
  disable->add_option("username", *name)->required();
  disable->callback([&chosen, name] {
    chosen = [name](const path& data) { return command_user_disable(data, *name); };
  });
  auto* reset = user->add_subcommand("reset-password", "Set a new password");
  reset->add_option("username", *name)->required();
  need_password_on_stdin(*reset);
  reset->callback([&chosen, name] {
    chosen = [name](const path& data) { return command_user_reset_password(data, *name); };
  });
  auto* forget = user->add_subcommand("reset-second-factor", "Remove a lost authenticator, recovery codes and passkeys");
  forget->add_option("username", *name)->required();
  forget->callback([&chosen, name] {
    chosen = [name](const path& data) { return command_user_reset_second_factor(data, *name); };
  });
}

void add_apikey(CLI::App& app, Chosen& chosen) {
  auto* apikey = app.add_subcommand("apikey", "API keys")->require_subcommand(1);
  auto* create = apikey->add_subcommand("create", "Create a key and print it, once");
  auto options = keep<ApiKeyOptions>();
  create->add_option("--user", options->user, "Whose key")->required();
  create->add_option("--name", options->name, "What it is for")->default_val("key");
  create->add_option("--scope", options->scope, "trade, square-off (cancel, close and read) or read")
      ->check(CLI::IsMember({"trade", "square-off", "read"}))
      ->default_val("trade");
  create->add_option("--expires", options->expires, "How long it lives, such as 30d");
  create->add_option("--allow", options->allow, "A network it may be used from; repeatable");
  create->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_apikey_create(data, *options); };
  });
  auto user = keep<std::string>();
  auto* list = apikey->add_subcommand("list", "List keys, never their values");
  list->add_option("--user", *user, "Only this user's");
  list->callback([&chosen, user] {
    chosen = [user](const path& data) { return command_apikey_list(data, *user); };
  });
  auto which = keep<std::string>();
  auto* revoke = apikey->add_subcommand("revoke", "Revoke a key at once");
  revoke->add_option("id", *which, "Its id or name")->required();
  revoke->callback([&chosen, which] {
    chosen = [which](const path& data) { return command_apikey_revoke(data, *which); };
  });
}

void add_bans(CLI::App& app, Chosen& chosen) {
  auto options = keep<BanOptions>();
  auto* ban = app.add_subcommand("ban", "Ban an address or network");
  ban->add_option("address", options->address)->required();
  ban->add_option("--for", options->duration, "24h, 48h, 7d, any duration, or permanent")->default_val("24h");
  ban->add_option("--reason", options->reason)->default_val("manual");
  ban->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_ban(data, *options); };
  });
  auto address = keep<std::string>();
  auto* unban = app.add_subcommand("unban", "Lift a ban");
  unban->add_option("address", *address)->required();
  unban->callback([&chosen, address] {
    chosen = [address](const path& data) { return command_unban(data, *address); };
  });
  app.add_subcommand("bans", "List bans")->callback([&chosen] { chosen = command_bans; });

  auto* allow = app.add_subcommand("allow", "The allow list")->require_subcommand(1);
  auto* add = allow->add_subcommand("add", "Never ban this network");
  add->add_option("cidr", *address)->required();
  add->callback([&chosen, address] {
    chosen = [address](const path& data) { return command_allow_add(data, *address); };
  });
  auto* remove = allow->add_subcommand("remove", "Take a network off the list");
  remove->add_option("cidr", *address)->required();
  remove->callback([&chosen, address] {
    chosen = [address](const path& data) { return command_allow_remove(data, *address); };
  });
  allow->add_subcommand("list", "Show the list")->callback([&chosen] { chosen = command_allow_list; });
}

void add_kill_switch(CLI::App& app, Chosen& chosen) {
  auto* kill_switch = app.add_subcommand("kill-switch", "Stop all trading at once, or release it")->require_subcommand(1);
  auto options = keep<KillSwitchOptions>();
  auto* on = kill_switch->add_subcommand("on", "Stop everybody's orders and cancel those that work");
  on->add_option("--reason", options->reason, "For the record")->default_val("by command");
  on->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_kill_switch(data, *options); };
  });
  auto* off = kill_switch->add_subcommand("off", "Let orders through again; asks first");
  off->add_option("--reason", options->reason, "For the record")->default_val("by command");
  off->add_flag("--yes", options->yes, "Do not ask");
  off->callback([&chosen, options] {
    options->on = false;
    chosen = [options](const path& data) { return command_kill_switch(data, *options); };
  });
  kill_switch->add_subcommand("status", "ACTIVE, REDUCING or HALTED, as recorded")->callback([&chosen] {
    chosen = command_kill_switch_status;
  });
}

void add_audit(CLI::App& app, Chosen& chosen) {
  auto* audit = app.add_subcommand("audit", "The audit chain")->require_subcommand(1);
  auto head = keep<std::string>();
  auto* verify = audit->add_subcommand("verify", "Check the whole chain; exit 1 names the first bad record");
  verify->add_option("--head", *head, "An exported head to check against truncation and rollback");
  verify->callback([&chosen, head] {
    chosen = [head](const path& data) { return command_audit_verify(data, *head); };
  });
  auto options = keep<AuditExportOptions>();
  auto* exported = audit->add_subcommand("export", "Write records to standard output");
  exported->add_option("--from", options->from, "First day, YYYY-MM-DD");
  exported->add_option("--to", options->to, "Last day, YYYY-MM-DD");
  exported->add_option("--format", options->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->default_val("jsonl");
  exported->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_audit_export(data, *options); };
  });
}

void add_backup(CLI::App& app, Chosen& chosen) {
  auto file = keep<std::string>();
  auto* backup = app.add_subcommand("backup", "Write an encrypted backup, also while the gateway runs");
  backup->add_option("file", *file, "The new file")->required();
  backup->callback([&chosen, file] {
    chosen = [file](const path& data) { return command_backup(data, *file); };
  });
  auto* restore = app.add_subcommand("restore", "Put a backup in place of the database; the gateway must be stopped");
  restore->add_option("file", *file, "The backup")->required();
  restore->callback([&chosen, file] {
    chosen = [file](const path& data) { return command_restore(data, *file); };
  });
}

void add_keys(CLI::App& app, Chosen& chosen) {
  auto* keys = app.add_subcommand("keys", "The master secrets")->require_subcommand(1);
  keys->add_subcommand("list", "List their generations, never their values")->callback([&chosen] {
    chosen = command_keys_list;
  });
  auto options = keep<RotateOptions>();
  auto* rotate = keys->add_subcommand("rotate", "Make new master secrets and re-encrypt, also while the gateway runs");
  rotate->add_option("--only", options->only, "app, pepper or field")->check(CLI::IsMember({"app", "pepper", "field"}));
  rotate->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_keys_rotate(data, *options); };
  });
}

void add_import(CLI::App& app, Chosen& chosen) {
  auto options = keep<ImportOptions>();
  auto* import = app.add_subcommand("import-openalgo", "Take over users, keys, settings and bans of an OpenAlgo install");
  import->add_option("--database", options->database, "Its openalgo.db")->required();
  import->add_option("--logs", options->logs, "Its logs.db, where its bans are");
  import->add_option("--env", options->env, "Its .env")->required();
  import->add_flag("--dry-run", options->dry_run, "Say what would be taken over and change nothing");
  import->callback([&chosen, options] {
    chosen = [options](const path& data) { return command_import_openalgo(data, *options); };
  });
}

int print_version(const path&) {
  std::printf("kavach %s\n", kVersion);
  return kDone;
}

}  // namespace

int run(int argc, char** argv) {
  harden_process();
  end_when_out_of_memory();
  return_large_blocks();
  CLI::App app{"Kavach: a guarded gateway between trading programs and brokers", "kavach"};
  app.require_subcommand(1);
  app.fallthrough();
  std::string data = default_data_folder();
  app.add_option("--data", data, "The data folder (default: $KAVACH_DATA, else ./data)");

  Chosen chosen;
  add_serve(app, chosen);
  add_setup(app, chosen);
  add_user(app, chosen);
  add_apikey(app, chosen);
  add_bans(app, chosen);
  add_kill_switch(app, chosen);
  add_audit(app, chosen);
  add_backup(app, chosen);
  add_keys(app, chosen);
  add_import(app, chosen);
  app.add_subcommand("doctor", "Check this installation; exit 1 on a finding")->callback([&chosen] {
    chosen = command_doctor;
  });
  app.add_subcommand("version", "Print the version")->callback([&chosen] { chosen = print_version; });
  app.add_subcommand("help", "Show this help")->callback([&app, &chosen] {
    chosen = [&app](const path&) {
      std::fputs(app.help().c_str(), stdout);
      return kDone;
    };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0) return app.exit(wrong);
    std::fprintf(stderr, "kavach: %s; see kavach help\n", wrong.what());
    return kWrongUsage;
  }
  try {
    return chosen(path{data});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "kavach: cannot go on: %s\n", failure.what());
    return kFailed;
  }
}

}  // namespace kavach::app
