#include "bouncer/cli/offline.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/cli/command_runner.h"
#include "bouncer/cli/command_table.h"
#include "bouncer/cli/open_files.h"
#include "bouncer/cli/progress_line.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/core/state_kinds.h"
#include "storage/api/store.h"

namespace halley::cli {
namespace {

bool may_make_store(const std::vector<std::string>& args) {
  const Command* command = args.size() > 1 ? find_command(args[0] + " " + args[1]) : nullptr;
  if (command == nullptr && !args.empty()) command = find_command(args[0]);
  return command != nullptr && command->traits.makes_store;
}

// Runs the command on the store's files, and closes them.
CommandResult run_on_files(const Config& config, const ControlRequest& request,
                           const storage::OnProgress& on_progress = {},
                           OpenFiles::WithKey with_key = OpenFiles::WithKey::kTheirs) {
  const auto files = OpenFiles::open(config, with_key);
  if (!files) return CommandResult::refuse(files.error());
  OpenFiles& open = **files;
  CommandRunner runner({.accounts = open.accounts(),
                        .config = config,
                        .sealer = open.sealer(),
                        .clock = open.clock(),
                        .store = open.store(),
                        .damage = open.damage()},
                       open.random(), [&open](const auto& job, const auto& done) {
                         job();
                         open.postbox().post(done);
                       });
  std::optional<CommandResult> answer;
  runner.run({}, request.args, request.input, [&answer](CommandResult result) { answer = std::move(result); },
             {.on_progress = on_progress});
  open.postbox().run_until([&answer] { return answer.has_value(); });
  return std::move(*answer);
}

// What a command made that then failed: a store that nobody asked for.
void discard(const std::filesystem::path& directory, bool had_key, bool had_directory) {
  if (const auto done = storage::discard_empty_store(directory); !done) return;  // it has been put to use
  std::error_code ignored;                                                       // what stays is no store
  if (!had_key) std::filesystem::remove(directory / "halley.key", ignored);
  if (!had_directory) std::filesystem::remove(directory, ignored);
}

// What was sealed with another key cannot be used here: what has to be given again.
std::string to_be_given_again(const storage::Imported& imported, const Sealer& sealer, nlohmann::json& json) {
  std::string text;
  json = nlohmann::json::array();
  for (const storage::NetworkRow& network : imported.networks) {
    for (const auto& [option, secret] : sealed_secrets(network)) {
      if (sealer.unseal(secret.purpose, secret.sealed)) continue;
      text +=
          fmt::format("\n{} of network {} was sealed with another halley.key: halley network set {} {} ...",
                      option, network.name, imported.user.name, network.name);
      json.push_back({{"network", network.name}, {"setting", option}});
    }
  }
  return text;
}

// What another user's device has here already: the import's stay without it.
std::string to_be_made_anew(const storage::Imported& imported, nlohmann::json& json) {
  std::string text;
  json = nlohmann::json::array();
  const auto tell = [&](const std::vector<std::string>& devices, std::string_view what,
                        std::string_view how) {
    for (const std::string& device : devices) {
      const std::string name = device.empty() ? "without a name" : device;
      text += fmt::format(
          "\ndevice {0} has no {1} here: another user's device has the same; "
          "halley device add {2} {0}{3} gives it one",
          name, what, imported.user.name, how);
      json.push_back({{"device", device}, {"lost", what}});
    }
  };
  tell(imported.without_token, "token", "");
  tell(imported.without_certificate, "certificate", " --certificate FINGERPRINT");
  return text;
}

}  // namespace

// Root's own files in the daemon's folder would keep the daemon from starting.
std::string foreign_owner(const std::filesystem::path& directory) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0 || info.st_uid == ::geteuid()) return {};
  return fmt::format(
      "{} belongs to another system user (uid {}); run this as that user, for instance: sudo -u '#{}' halley "
      "...",
      directory.string(), info.st_uid, info.st_uid);
}

CommandResult run_import(const Config& config, const std::string& user, const std::filesystem::path& file) {
  if (std::string why = foreign_owner(config.data_dir); !why.empty())
    return CommandResult::refuse(std::move(why));
  if (const auto fits = check_account_name("user", user); !fits) return CommandResult::refuse(fits.error());
  const bool fresh = !std::filesystem::exists(config.data_dir / "halley.db"),
             had_key = std::filesystem::exists(config.data_dir / "halley.key"),
             had_directory = std::filesystem::exists(config.data_dir);
  // Opened once as any command does: what the journal holds is in the database then.
  if (CommandResult ready = run_on_files(config, {{"user", "list"}, {}}); ready.status != 0) return ready;
  const auto imported = [&] {
    ProgressLine progress;
    return storage::import_user(store_options(config), file, user, move_buffers, progress.teller());
  }();
  if (!imported) {
    if (fresh) discard(config.data_dir, had_key, had_directory);
    return CommandResult::refuse(imported.error());
  }
  net::SystemRandom random;
  const auto sealer = Sealer::open(config.data_dir / "halley.key", random);
  if (!sealer) return CommandResult::refuse(sealer.error());
  nlohmann::json again, lost;
  const std::string text = to_be_given_again(*imported, *sealer, again) + to_be_made_anew(*imported, lost);
  return CommandResult::done(fmt::format("user {}: {}, {}{}", user, counted(imported->events, "line"),
                                         counted(imported->networks.size(), "network"), text),
                             {{"user", user},
                              {"lines", imported->events},
                              {"networks", imported->networks.size()},
                              {"give_again", std::move(again)},
                              {"devices_lost", std::move(lost)}});
}

CommandResult run_offline(const Config& config, const ControlRequest& request,
                          const storage::OnProgress& on_progress) {
  if (std::string why = foreign_owner(config.data_dir); !why.empty())
    return CommandResult::refuse(std::move(why));
  const bool fresh = !std::filesystem::exists(config.data_dir / "halley.db");
  if (fresh && !may_make_store(request.args)) {
    return CommandResult::refuse(fmt::format(
        "there are no data of Halley's in {}: name another folder with --data or --config, or begin "
        "with user add",
        config.data_dir.string()));
  }
  const bool had_key = std::filesystem::exists(config.data_dir / "halley.key"),
             had_directory = std::filesystem::exists(config.data_dir);
  // Whoever only looks at a folder makes none, which would be in the way of the one that belongs there.
  const bool only_looks = !request.args.empty() && request.args[0] == "doctor";
  if (!fresh && !had_key && !only_looks && !may_make_store(request.args))
    return CommandResult::refuse(fmt::format(
        "{} is missing: put back the one that belongs to these data, from where it is kept apart from "
        "the backups. If it is lost, halley serve makes another one, and passwords of networks have to "
        "be given again",
        (config.data_dir / "halley.key").string()));
  CommandResult answer =
      run_on_files(config, request, on_progress,
                   only_looks && !had_key ? OpenFiles::WithKey::kNone : OpenFiles::WithKey::kTheirs);
  if (fresh && answer.status != 0) discard(config.data_dir, had_key, had_directory);
  if (answer.status == 0 && (fresh || answer.changed)) {
    answer.note = fmt::format("{} in {}; no daemon serves them: start one with halley serve",
                              fresh ? "new data were made" : "changed the data", config.data_dir.string());
  }
  return answer;
}

}  // namespace halley::cli
