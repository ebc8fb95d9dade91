// Runs command lines: parses them against the table, hashes passwords on a worker thread, changes the
// accounts in one step, and answers when the change is on disk. A batch is many lines in one step: all of
// them or none.
//
// Thread: the loop's. Owner: the composition root (or the command line without a daemon). Destroying it drops
// answers that are on their way. Nothing to hand over: what was done is in the accounts.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/password_queue.h"
#include "bouncer/cli/command.h"
#include "bouncer/cli/command_line.h"

namespace halley::cli {

// Who hears of a command before it is answered; of either there may be none.
struct LookerOn {
  std::shared_ptr<Follower> follower = {};  // of one that goes on
  storage::OnProgress on_progress = {};     // of one that takes long: how far it has got, now and then
};

class CommandRunner {
 public:
  using Work = PasswordQueue::Work;  // as net::Loop::work
  using Done = std::function<void(CommandResult)>;

  static constexpr std::size_t kMostCommandsOfUser =
      8;  // commands of one user in band that are not yet answered

  // `random` outlives it.
  CommandRunner(const CommandEnvironment& environment, net::Random& random, Work work);
  ~CommandRunner();

  // `input`: what standard input held, for --...-stdin and batch. `done` is called once, now or later; not
  // for a command that goes on: of that the follower hears. In band beyond kMostCommandsOfUser: refused.
  void run(const Caller& caller, const std::vector<std::string>& args, std::string input, Done done,
           LookerOn looker = {});

 private:
  struct Line {
    std::size_t number;  // in a batch, from 1
    ParsedCommand parsed;
    bool changed = false;  // accounts, when it was done
  };
  struct Run {
    Caller caller;
    std::vector<Line> lines;
    bool batch = false;
    std::size_t hashed = 0;  // lines whose password or token has been seen to
    std::weak_ptr<Follower> follower = {};
    storage::OnProgress on_progress = {};
    Done done;
  };

  static CommandResult in_line(const Run& run, const Line& line, CommandResult result);
  static std::expected<std::vector<Line>, CommandResult> parse_batch(const Caller& caller, std::string input);
  // What stands against a command that fits its row; empty: nothing.
  void ask_first(Run& run, ParsedCommand& parsed);
  std::string objection(const Caller& caller, const ParsedCommand& parsed) const;
  bool sets_own_password(const Caller& caller, const ParsedCommand& parsed) const;
  std::vector<std::string_view> names_of(UserId id) const;
  void hash_next(std::shared_ptr<Run> run);
  void make_token(const std::shared_ptr<Run>& run);
  void apply(const std::shared_ptr<Run>& run);
  void keep(const std::shared_ptr<Run>& run, CommandResult answer);
  static std::string named(const ParsedCommand& parsed);
  void log_change(const Run& run) const;
  void keep_change(const Run& run, const Line& line, const std::string& who) const;
  void ask(const std::shared_ptr<Run>& run);
  void follow(const std::shared_ptr<Run>& run);
  std::expected<CommandCall, CommandResult> call_of(const Run& run, const Line& line);
  CommandResult apply_line(const Run& run, const Line& line);
  static CommandResult together(std::vector<CommandResult> results);

  CommandEnvironment environment_;
  net::Random& random_;
  PasswordQueue hashes_;
  std::map<UserId, std::size_t> under_way_;  // in band
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley::cli
