// The commands of the group "outbox".
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/irc/multiline.h"

namespace halley::cli {
namespace {

std::optional<std::uint64_t> line_number(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

using Do = std::expected<void, std::string> (Daemon::*)(UserId user, std::uint64_t id);

CommandResult with_line(CommandCall& call, Do what, std::string_view done) {
  if (call.environment.daemon == nullptr) return CommandResult::refuse("no daemon runs that could do it");
  const std::string text = call.parsed.text("ID");
  const auto id = line_number(text);
  if (!id) return CommandResult::usage(fmt::format("\"{}\" is no number of a line; see outbox list", text));
  const auto result = (call.environment.daemon->*what)(call.accounts().find_user(call.user)->id, *id);
  if (!result) return CommandResult::refuse(result.error());
  return CommandResult::done(fmt::format("line {} {}", *id, done), {{"user", call.user}, {"id", *id}});
}

}  // namespace

CommandResult outbox_list(CommandCall& call) {
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could tell; start one with halley serve");
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const OutboxLine& line : call.environment.daemon->outbox(call.accounts().find_user(call.user)->id)) {
    json.push_back({{"id", line.id},
                    {"network", line.network},
                    {"state", line.state},
                    {"command", line.command},
                    {"target", line.target},
                    {"text", line.text},
                    {"time", format_time(line.time_ms)}});
    rows.push_back(
        {fmt::format("{}", line.id), line.state, line.network, line.target, irc::on_one_line(line.text)});
  }
  return CommandResult::done(rows.empty() ? "nothing waits" : text_table(rows), std::move(json));
}

CommandResult outbox_cancel(CommandCall& call) {
  return with_line(call, &Daemon::outbox_cancel, "forgotten");
}

CommandResult outbox_send(CommandCall& call) {
  return with_line(call, &Daemon::outbox_send, "is said again");
}

}  // namespace halley::cli
