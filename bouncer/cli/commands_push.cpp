// The commands of the group "push".
#include <fmt/format.h>

#include <charconv>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

std::string sent_text(const PushLine& line) {
  if (!line.trouble.empty()) return "not taken: " + line.trouble;
  return line.sent_ms != 0 ? "sent " + format_time(line.sent_ms) : "nothing sent yet";
}

}  // namespace

CommandResult push_list(CommandCall& call) {
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could tell; start one with halley serve");
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const PushLine& line : call.environment.daemon->pushes(call.accounts().find_user(call.user)->id)) {
    json.push_back({{"id", line.id},
                    {"network", line.network},
                    {"by", line.by},
                    {"service", line.origin},
                    {"created", format_time(line.created_ms)},
                    {"sent", format_time(line.sent_ms)},
                    {"trouble", line.trouble}});
    rows.push_back({fmt::format("{}", line.id), line.by, line.network.empty() ? "all networks" : line.network,
                    line.origin, fmt::format("since {}", format_time(line.created_ms)), sent_text(line)});
  }
  return CommandResult::done(rows.empty() ? "nobody is told by Web Push" : text_table(rows), std::move(json));
}

CommandResult push_remove(CommandCall& call) {
  if (call.environment.daemon == nullptr) return CommandResult::refuse("no daemon runs that could do it");
  const std::string text = call.parsed.text("ID");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return CommandResult::usage(fmt::format("\"{}\" is no number of a subscription; see push list", text));
  if (const auto done = call.environment.daemon->push_remove(call.accounts().find_user(call.user)->id, id);
      !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("subscription {} removed", id), {{"user", call.user}, {"id", id}});
}

}  // namespace halley::cli
