// A row of the command table, and what its function is given. The same rows serve the command line, the
// control socket, batch, and `/msg *halley` in band.
//
// Thread: the loop's (or the only one of a command line without a daemon).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/damage_reports.h"
#include "bouncer/cli/command_result.h"
#include "bouncer/cli/daemon.h"
#include "bouncer/config/config.h"
#include "bouncer/core/in_band_commands.h"

namespace halley::cli {

// Who asks.
struct Caller {
  UserId user = 0;  // 0: the operator, from the command line; else that user, in band
  bool admin = true;
  bool overheard = true;  // in band: what is answered is kept, and shown on all of the user's clients
  ProvenBy proven_by = ProvenBy::kToken;  // in band
  bool in_band() const { return user != 0; }
};

enum class Who {
  kOwn,       // a user about their own account in band (USER is left out then), the operator about anybody's
  kAdmin,     // the operator; in band, administrators
  kOperator,  // the operator alone: what touches files
  kAnyone,
  kProgram,  // the program itself, before any daemon is asked: no function
};

struct ArgumentSpec {
  // kUser: required, and left out in band. kFile: required; the program makes it an absolute path, as the
  // daemon has another folder.
  enum class Kind { kRequired, kOptional, kUser, kFile } kind;
  std::string_view name;
};

struct OptionSpec {
  enum class Kind {
    kFlag,      // --name
    kValue,     // --name VALUE, --name=VALUE, name=VALUE
    kRepeated,  // a value that may be given several times
    kSecret,    // --name-stdin takes a line of standard input; name=VALUE where lines are not seen by others
                // (batch)
    kSecretText,  // --name-stdin takes all that is left of standard input
  } kind = Kind::kValue;
  std::string_view name;
  std::string_view value = {};  // what the help calls the value
  std::string_view help;
};

struct CommandCall;
class Follower;

struct Command {
  std::string_view words;  // "user add"
  Who who;
  std::span<const ArgumentSpec> arguments = {};
  std::span<const OptionSpec> options = {};
  std::string_view help;
  CommandResult (*run)(CommandCall& call) = nullptr;  // null: the program itself, or Traits::ask
  struct Traits {
    bool asks_password = false;  // prompted for at a terminal when no option gives it
    bool makes_store = false;    // may make the files when there are none
    // What is gone for good afterwards. Such a command is never suggested; it asks at a terminal, and needs
    // --yes in band.
    std::string_view destroys = {};
    // In place of `run`, for what the store answers later: in a batch there is `run` alone, if at all.
    // Accounts it changes only in the moment in which it answers. What it is given goes when it returns, but
    // for the environment.
    void (*ask)(CommandCall& call, std::function<void(CommandResult)> done) = nullptr;
    // In place of both, for what goes on until whoever asked has gone: on the control socket alone, and in no
    // batch. A result of status 0: it has begun, and the follower is told the rest.
    CommandResult (*follow)(CommandCall& call, const std::shared_ptr<Follower>& follower) = nullptr;
    bool makes_token = false;    // of a device, on a worker's thread, unless it is given a certificate
    bool opens_account = false;  // who has its answer can set the password of the user NAME
  } traits = {};
};

// What commands that destroy take beside their own options.
inline constexpr OptionSpec kYes = {
    .kind = OptionSpec::Kind::kFlag, .name = "yes", .help = "do it without asking"};
inline constexpr OptionSpec kLook = {.kind = OptionSpec::Kind::kFlag,
                                     .name = "look",
                                     .help = "only say whether it could be done, and do nothing"};

// A command line that fits its row. A value; the row outlives it. REQUIRES (all that name one): the row has
// an argument or option of that name.
class ParsedCommand {
 public:
  explicit ParsedCommand(const Command& command) : command_(&command) {}
  const Command& command() const { return *command_; }
  void add(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }

  bool has(std::string_view name) const { return value(name) != nullptr; }
  // An argument or option; null when it was not given. The last one counts.
  const std::string* value(std::string_view name) const {
    for (auto at = values_.rbegin(); at != values_.rend(); ++at) {
      if (at->first == name) return &at->second;
    }
    return nullptr;
  }
  std::string text(std::string_view name) const { return has(name) ? *value(name) : std::string(); }
  std::optional<std::string> optional(std::string_view name) const {
    return has(name) ? std::optional(*value(name)) : std::nullopt;
  }
  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& [key, value] : values_) {
      if (key == name) out.push_back(value);
    }
    return out;
  }
  void remove(std::string_view name) {
    std::erase_if(values_, [name](const auto& item) { return item.first == name; });
  }

 private:
  const Command* command_;
  std::vector<std::pair<std::string_view, std::string>> values_;  // names are the table's
};

// What functions work on. All of it outlives the runner.
struct CommandEnvironment {
  Accounts& accounts;
  const Config& config;
  const Sealer& sealer;
  const net::Clock& clock;
  storage::Store& store;
  DamageReports& damage;
  Daemon* daemon = nullptr;  // null: none runs
};

struct CommandCall {
  CommandEnvironment& environment;
  const ParsedCommand& parsed;
  const Caller& caller;
  std::string user = {};                 // of a Who::kOwn command: the user it is about, who exists
  storage::OnProgress on_progress = {};  // of what takes long; null: nobody looks on

  Accounts& accounts() const { return environment.accounts; }
};

}  // namespace halley::cli
