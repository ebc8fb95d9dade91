#include "bouncer/cli/command_runner.h"

#include <fmt/format.h>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/password.h"
#include "bouncer/accounts/unsaved.h"
#include "bouncer/cli/command_table.h"
#include "bouncer/cli/follower.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/cli/typed_words.h"

namespace halley::cli {
namespace {

// Beside the logins, which have two at once of their own.
constexpr std::size_t kMostCommandHashes = 1;
constexpr std::size_t kMostCommandHashesOfOne = 64;

// The name of the row's kUser argument; empty: it has none.
std::string_view user_argument(const Command& command) {
  for (const auto& spec : command.arguments) {
    if (spec.kind == ArgumentSpec::Kind::kUser) return spec.name;
  }
  return {};
}

}  // namespace

CommandRunner::CommandRunner(const CommandEnvironment& environment, net::Random& random, Work work)
    : environment_(environment), random_(random), hashes_(std::move(work), kMostCommandHashes) {}

CommandRunner::~CommandRunner() = default;

void CommandRunner::run(const Caller& caller, const std::vector<std::string>& args, std::string input,
                        Done done, LookerOn looker) {
  auto run = std::make_shared<Run>();
  run->caller = caller;
  run->follower = looker.follower;
  run->on_progress = std::move(looker.on_progress);
  run->done = std::move(done);
  if (caller.in_band()) {
    if (under_way_[caller.user] >= kMostCommandsOfUser)
      return run->done(CommandResult::refuse(
          fmt::format("{} commands are not yet answered; wait for them", kMostCommandsOfUser)));
    ++under_way_[caller.user];
    run->done = [this, user = caller.user, alive = std::weak_ptr<int>(alive_), done = std::move(run->done),
                 typed = caller.overheard && may_hold_secret(args) ? args : std::vector<std::string>()](
                    CommandResult result) {
      if (!alive.expired() && --under_way_[user] == 0) under_way_.erase(user);
      if (!alive.expired() && result.status != 0)
        result.error = without_typed(std::move(result.error), typed, names_of(user));
      done(std::move(result));
    };
  }
  if (!args.empty() && args[0] == "batch" && args.size() == 1 && !caller.in_band()) {
    auto lines = parse_batch(caller, std::move(input));
    if (!lines) return run->done(std::move(lines.error()));
    run->batch = true;
    run->lines = std::move(*lines);
    return hash_next(std::move(run));
  }
  Input source(std::move(input));
  auto parsed = parse_command(args, caller, caller.in_band() ? nullptr : &source);
  if (!parsed) return run->done(std::move(parsed.error()));
  if (std::string why = objection(caller, *parsed); !why.empty())
    return run->done(CommandResult::refuse(std::move(why)));
  ask_first(*run, *parsed);
  run->lines.push_back({1, std::move(*parsed)});
  hash_next(std::move(run));
}

// What the user's own things are called is no secret to them.
std::vector<std::string_view> CommandRunner::names_of(UserId id) const {
  std::vector<std::string_view> names;
  const Accounts& accounts = environment_.accounts;
  if (const auto* user = accounts.user(id)) names.emplace_back(user->name);
  for (const auto* network : accounts.networks(id)) names.emplace_back(network->name);
  for (const auto* device : accounts.devices(id)) names.emplace_back(device->name);
  return names;
}

// In band a command without a name is about its caller.
bool CommandRunner::sets_own_password(const Caller& caller, const ParsedCommand& parsed) const {
  const Command& command = parsed.command();
  if (!user_argument(command).empty()) return command.traits.asks_password;
  const auto* named = environment_.accounts.find_user(parsed.text("NAME"));
  return named != nullptr && named->id == caller.user &&
         (parsed.has("password") || parsed.has("password-hash") || command.traits.opens_account);
}

std::string CommandRunner::objection(const Caller& caller, const ParsedCommand& parsed) const {
  if (caller.in_band() && caller.proven_by == ProvenBy::kToken && sets_own_password(caller, parsed))
    return "a new password for oneself needs the current one: log in with it here (a device's token or a web "
           "login is not enough), or see Devices, notices, password in the page, or POST "
           "/api/account/password";
  return {};
}

// In band what destroys is not done without --yes: then it is looked whether it could be, and said how.
void CommandRunner::ask_first(Run& run, ParsedCommand& parsed) {
  const Command& command = parsed.command();
  if (!run.caller.in_band() || command.traits.destroys.empty() || parsed.has(kYes.name) ||
      parsed.has(kLook.name))
    return;
  parsed.add(kLook.name, "yes");
  std::string words(command.words);
  for (const auto& argument : command.arguments) {
    if (argument.kind != ArgumentSpec::Kind::kUser) words += " " + parsed.text(argument.name);
  }
  run.done = [why = fmt::format("this removes {}, for good; if you want that, say: {} --yes",
                                command.traits.destroys, words),
              done = std::move(run.done)](CommandResult result) {
    done(result.status == 0 ? CommandResult::refuse(why) : std::move(result));
  };
}

CommandResult CommandRunner::in_line(const Run& run, const Line& line, CommandResult result) {
  if (run.batch)
    result.error = fmt::format("line {}: {}; nothing of the batch was done", line.number, result.error);
  return result;
}

std::expected<std::vector<CommandRunner::Line>, CommandResult> CommandRunner::parse_batch(
    const Caller& caller, std::string input) {
  std::vector<Line> lines;
  Input source(std::move(input));
  std::string text;
  for (std::size_t number = 1; source.line(text); ++number) {
    const auto refuse = [number](int status, std::string_view why) {
      CommandResult result =
          CommandResult::refuse(fmt::format("line {}: {}; nothing of the batch was done", number, why));
      result.status = status;
      return std::unexpected(std::move(result));
    };
    auto words = shell_words(text);
    if (!words) return refuse(2, words.error());
    if (words->empty() || words->front().starts_with('#')) continue;
    auto parsed = parse_command(*words, caller, nullptr);
    if (!parsed && parsed.error().status == 0) return refuse(2, "help has no place in a batch");
    if (!parsed) return refuse(parsed.error().status, parsed.error().error);
    if (parsed->command().run == nullptr)
      return refuse(2, fmt::format("{} has no place in a batch", words->front()));
    if (!parsed->command().traits.destroys.empty() && parsed->has(kLook.name))
      return refuse(2, fmt::format("--{} has no place in a batch, which does what it says", kLook.name));
    lines.push_back({number, std::move(*parsed)});
    wipe(text);
  }
  return lines;
}

// One password after the other: a batch with plain passwords takes its time, and must not keep logins
// waiting.
void CommandRunner::hash_next(std::shared_ptr<Run> run) {
  for (; run->hashed < run->lines.size(); ++run->hashed) {
    ParsedCommand& parsed = run->lines[run->hashed].parsed;
    if (parsed.command().traits.makes_token && !parsed.has("certificate") && !parsed.has("make-certificate"))
      return make_token(run);
    if (!parsed.has("password")) continue;
    const auto refuse = [&](std::string why) {
      run->done(in_line(*run, run->lines[run->hashed], CommandResult::refuse(std::move(why))));
    };
    if (parsed.has("password-hash")) return refuse("give a password or a hash of one, not both");
    struct Job {
      std::string password, hash;
      ~Job() { wipe(password); }
    };
    auto job = std::make_shared<Job>();
    job->password = parsed.text("password");
    if (std::string why = check_new_password(job->password); !why.empty()) return refuse(std::move(why));
    parsed.remove("password");
    // The job may outlive the runner; what it needs outlives both.
    const bool queued =
        hashes_.add({.who = std::to_string(run->caller.user),
                     .still_wanted = nullptr,
                     .run = [job, random = &random_] { job->hash = hash_password(job->password, *random); },
                     .finished =
                         [job, run, this, alive = std::weak_ptr<int>(alive_)](bool) {
                           if (alive.expired()) return;
                           run->lines[run->hashed].parsed.add("password-hash", job->hash);
                           ++run->hashed;
                           hash_next(run);
                         }},
                    kMostCommandHashesOfOne);
    if (!queued) refuse("too many passwords wait to be hashed; try again in a moment");
    return;
  }
  apply(run);
}

// A device's token, with what SCRAM needs of it: as slow as a quick hash.
void CommandRunner::make_token(const std::shared_ptr<Run>& run) {
  const Line& line = run->lines[run->hashed];
  const auto* own = environment_.accounts.user(run->caller.user);
  const std::string user = run->caller.in_band() ? (own != nullptr ? own->name : std::string())
                                                 : line.parsed.text(user_argument(line.parsed.command()));
  struct Job {
    std::string salt;
    Accounts::NewToken made;
  };
  auto job = std::make_shared<Job>();
  job->salt = environment_.accounts.scram_salt(user);
  const bool queued =
      hashes_.add({.who = std::to_string(run->caller.user),
                   .still_wanted = nullptr,
                   .run = [job, random = &random_] { job->made = Accounts::make_token(job->salt, *random); },
                   .finished =
                       [job, run, this, alive = std::weak_ptr<int>(alive_)](bool) {
                         if (alive.expired()) return;
                         ParsedCommand& parsed = run->lines[run->hashed].parsed;
                         parsed.add("token", std::move(job->made.token));
                         parsed.add("scram-keys", std::move(job->made.scram_keys));
                         ++run->hashed;
                         hash_next(run);
                       }},
                  kMostCommandHashesOfOne);
  if (!queued)
    run->done(in_line(*run, line,
                      CommandResult::refuse("too many tokens and passwords wait to be made; try "
                                            "again in a moment")));
}

// A question to the store: answered later.
void CommandRunner::ask(const std::shared_ptr<Run>& run) {
  auto call = call_of(*run, run->lines.front());
  if (!call) return run->done(std::move(call.error()));
  run->lines.front().parsed.command().traits.ask(
      *call, [this, run, alive = std::weak_ptr<int>(alive_)](CommandResult result) {
        run->lines.front().changed = result.changed;
        if (!alive.expired()) keep(run, std::move(result));
      });
}

// What goes on is logged when it begins: it shows what a user says and hears.
void CommandRunner::follow(const std::shared_ptr<Run>& run) {
  auto call = call_of(*run, run->lines.front());
  if (!call) return run->done(std::move(call.error()));
  const auto follower = run->follower.lock();
  const Command& command = run->lines.front().parsed.command();
  if (!follower)
    return run->done(CommandResult::refuse(
        fmt::format("{} follows a daemon, and none runs; start one with halley serve", command.words)));
  CommandResult result = command.traits.follow(*call, follower);
  if (result.status != 0) return run->done(std::move(result));
  follower->begin();
  run->lines.front().changed = true;  // nothing, but the user may see that it was done
  log_change(*run);
}

void CommandRunner::apply(const std::shared_ptr<Run>& run) {
  if (!run->batch && run->lines.front().parsed.command().traits.follow != nullptr) return follow(run);
  if (!run->batch && run->lines.front().parsed.command().traits.ask != nullptr) return ask(run);
  Accounts& accounts = environment_.accounts;
  std::vector<CommandResult> results;
  bool changed = false;
  for (Line& line : run->lines) {
    CommandResult result = apply_line(*run, line);
    if (result.status != 0) {
      accounts.rollback();
      return run->done(in_line(*run, line, std::move(result)));
    }
    line.changed = result.changed;
    changed = changed || result.changed;
    results.push_back(std::move(result));
  }
  CommandResult answer = run->batch ? together(std::move(results)) : std::move(results.front());
  answer.changed = changed;
  keep(run, std::move(answer));
}

// What was changed is committed before it is told.
void CommandRunner::keep(const std::shared_ptr<Run>& run, CommandResult answer) {
  Accounts& accounts = environment_.accounts;
  const ParsedCommand& first = run->lines.front().parsed;
  const bool looks =
      answer.status == 0 && !run->batch && !first.command().traits.destroys.empty() && first.has(kLook.name);
  if (looks) {
    answer = CommandResult::done(fmt::format("this would remove {}", first.command().traits.destroys),
                                 {{"would_remove", first.command().traits.destroys}});
  }
  if (!answer.changed) {
    accounts.rollback();
    return run->done(std::move(answer));
  }
  if (!accounts.takes_changes(run->caller.user)) {
    accounts.rollback();
    return run->done(CommandResult::refuse(
        "nothing was done: too many changes wait for the disk; see status, and try again when it is well"));
  }
  accounts.flush(
      [this, run, answer = std::move(answer),
       alive = std::weak_ptr<int>(alive_)](storage::Status status) mutable {
        if (alive.expired()) return;
        if (status) log_change(*run);
        if (!status) {
          answer = CommandResult::refuse(unsaved_text(status.error()));
        }
        run->done(std::move(answer));
      },
      run->caller.user);
}

// A command in the words of the log: with names, which have been found good, and no values.
std::string CommandRunner::named(const ParsedCommand& parsed) {
  std::string what(parsed.command().words);
  for (const auto& spec : parsed.command().arguments) {
    const bool name = spec.kind == ArgumentSpec::Kind::kUser || spec.name == "NAME" || spec.name == "NEW";
    if (name && parsed.has(spec.name)) what += " " + parsed.text(spec.name);
  }
  return what;
}

// For the operator's log: who changed what.
void CommandRunner::log_change(const Run& run) const {
  const Accounts& accounts = environment_.accounts;
  const auto* caller = accounts.user(run.caller.user);
  const std::string what =
      run.batch ? "batch of " + counted(run.lines.size(), "command") : named(run.lines.front().parsed);
  const std::string who =
      run.caller.in_band() ? (caller != nullptr ? caller->name : "a user who is gone") : "the operator";
  accounts.audit().info(fmt::format("{} by {}", what, who));
  for (const Line& line : run.lines) {
    if (line.changed) keep_change(run, line, who);
  }
}

// For whoever looks at the account that it is about.
void CommandRunner::keep_change(const Run& run, const Line& line, const std::string& who) const {
  const Accounts& accounts = environment_.accounts;
  const ParsedCommand& parsed = line.parsed;
  const std::string_view argument = user_argument(parsed.command());
  const storage::UserRow* about = nullptr;
  if (!argument.empty()) {
    about = run.caller.in_band() ? accounts.user(run.caller.user) : accounts.find_user(parsed.text(argument));
  } else if (parsed.command().words.starts_with("user ")) {
    about = accounts.find_user(parsed.has("NEW") ? parsed.text("NEW") : parsed.text("NAME"));
  }
  if (about == nullptr) return;
  std::string_view from = "the command line";
  if (run.caller.in_band()) from = run.caller.overheard ? "IRC" : "the web";
  accounts.audit().about(
      about->id,
      {.kind = AuditEntry::What::kChange, .who = who, .from = std::string(from), .what = named(parsed)});
}

// The command, and the user it is about.
std::expected<CommandCall, CommandResult> CommandRunner::call_of(const Run& run, const Line& line) {
  CommandCall call{.environment = environment_,
                   .parsed = line.parsed,
                   .caller = run.caller,
                   .on_progress = run.on_progress};
  const std::string_view argument = user_argument(line.parsed.command());
  if (argument.empty()) return call;
  if (run.caller.in_band()) {
    const auto* own = environment_.accounts.user(run.caller.user);
    if (own == nullptr) return std::unexpected(CommandResult::refuse("this account is gone"));
    call.user = own->name;
  } else {
    const auto found = environment_.accounts.require_user(line.parsed.text(argument));
    if (!found) return std::unexpected(CommandResult::refuse(found.error()));
    call.user = (*found)->name;
  }
  return call;
}

CommandResult CommandRunner::apply_line(const Run& run, const Line& line) {
  const Command& command = line.parsed.command();
  if (command.run == nullptr) {
    return CommandResult::usage(fmt::format("{} works on the command line only", command.words));
  }
  auto call = call_of(run, line);
  return call ? command.run(*call) : std::move(call.error());
}

// Of a thousand lines only what is worth seeing, and their number.
CommandResult CommandRunner::together(std::vector<CommandResult> results) {
  CommandResult all;
  all.json = nlohmann::json::array();
  for (auto& result : results) {
    if (result.show_in_batch || !result.changed) all.text += result.text + "\n";
    all.json.push_back(std::move(result.json));
  }
  all.text += counted(results.size(), "command") + " done";
  return all;
}

}  // namespace halley::cli
