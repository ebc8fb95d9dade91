// The commands of the group "upload": files that users have uploaded, which the daemon keeps.
#include <fmt/format.h>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {

CommandResult upload_list(CommandCall& call) {
  const Daemon* daemon = call.environment.daemon;
  if (daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could tell; start one with halley serve");
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const UploadedFile& file : daemon->uploads(call.accounts().find_user(call.user)->id)) {
    json.push_back({{"name", file.name}, {"bytes", file.bytes}, {"time", format_time(file.time_ms)}});
    rows.push_back({file.name, format_bytes(file.bytes), format_time(file.time_ms)});
  }
  return CommandResult::done(rows.empty() ? "no files were uploaded" : text_table(rows), std::move(json));
}

CommandResult upload_remove(CommandCall& call) {
  Daemon* daemon = call.environment.daemon;
  if (daemon == nullptr) return CommandResult::refuse("no daemon runs that could do it");
  const std::string name = call.parsed.text("NAME");
  // What is looked at is not taken back afterwards, as changes of accounts are.
  if (call.parsed.has(kLook.name)) {
    const auto files = daemon->uploads(call.accounts().find_user(call.user)->id);
    return std::ranges::find(files, name, &UploadedFile::name) != files.end()
               ? CommandResult::done(name)
               : CommandResult::refuse(fmt::format("there is no file {}; see upload list", name));
  }
  if (!daemon->remove_upload(call.accounts().find_user(call.user)->id, name))
    return CommandResult::refuse(fmt::format("there is no file {}; see upload list", name));
  return CommandResult::change(fmt::format("{} removed", name), {{"name", name}});
}

}  // namespace halley::cli
