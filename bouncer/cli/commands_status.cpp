// status, unlock, notice, reload, version and help.
#include <fmt/format.h>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/command_help.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/cli/version.h"
#include "bouncer/irc/bytes.h"

namespace halley::cli {
namespace {

constexpr std::size_t kMostNotice = 1000;

nlohmann::json to_json(const UserStatus& user) {
  nlohmann::json networks = nlohmann::json::array();
  for (const auto& network : user.networks) {
    networks.push_back({{"name", network.name},
                        {"state", network.link},
                        {"nick", network.nick},
                        {"channels", network.channels},
                        {"trouble", network.trouble}});
  }
  nlohmann::json clients = nlohmann::json::array();
  for (const auto& client : user.clients)
    clients.push_back({{"client", client.description}, {"live", client.live}});
  return {{"name", user.name},  {"enabled", user.enabled},           {"networks", networks},
          {"clients", clients}, {"push_subscriptions", user.pushes}, {"resting", user.resting}};
}

nlohmann::json to_json(const storage::StoreFigures& store) {
  return {{"events", store.events},
          {"journal_used", store.journal_used},
          {"journal_size", store.journal_size},
          {"database_bytes", store.database_bytes},
          {"wal_bytes", store.wal_bytes},
          {"indexed_behind", store.indexed_behind},
          {"last_group_us", store.last_group_us},
          {"trouble", store.trouble}};
}

std::string user_text(const UserStatus& user) {
  std::string out = user.name + (user.enabled ? "" : " (disabled)");
  if (!user.resting.empty()) out += fmt::format(" (networks are left: {})", user.resting);
  std::vector<std::vector<std::string>> rows;
  for (const auto& network : user.networks) {
    std::string state = network.link;
    if (network.link == "connected") {
      state += fmt::format(" as {}, {} channel{}", network.nick, network.channels,
                           network.channels == 1 ? "" : "s");
    }
    if (!network.trouble.empty()) state += ": " + network.trouble;
    rows.push_back({"  " + network.name, state});
  }
  for (const auto& client : user.clients) {
    rows.push_back({"  client", client.description + (client.live ? "" : " (reading what it missed)")});
  }
  if (user.pushes > 0) rows.push_back({"  push", fmt::format("{} subscribed", user.pushes)});
  if (!rows.empty()) out += "\n" + text_table(rows);
  return out;
}

std::string store_text(const storage::StoreFigures& store) {
  std::string out = fmt::format(
      "{}, database {}, journal {} of {} in use, last commit {:.1f} ms", counted(store.events, "line"),
      format_bytes(store.database_bytes + store.wal_bytes), format_bytes(store.journal_used),
      format_bytes(store.journal_size), static_cast<double>(store.last_group_us) / 1000);
  if (store.indexed_behind > 0)
    out += fmt::format(", {} not yet indexed", counted(store.indexed_behind, "line"));
  if (!store.trouble.empty()) out += fmt::format("\nwriting fails, and is tried again: {}", store.trouble);
  return out;
}

CommandResult status_without_daemon(const CommandCall& call) {
  const auto users = call.accounts().users();
  std::size_t networks = 0;
  for (const auto* user : users) networks += call.accounts().networks(user->id).size();
  return CommandResult::done(fmt::format("no daemon runs with the data in {}; users: {}, networks: {}",
                                         call.environment.config.data_dir.string(), users.size(), networks),
                             {{"running", false}, {"users", users.size()}, {"networks", networks}});
}

// Damage that starts found is said first, until somebody says that they have seen it.
CommandResult with_damage(const CommandCall& call, CommandResult result) {
  if (!call.caller.admin) return result;
  DamageReports& damage = call.environment.damage;
  result.json["damage"] = nlohmann::json::array();
  std::string text;
  for (const auto& found : damage.found()) {
    result.json["damage"].push_back({{"found", format_time(found.found_ms)}, {"what", found.what}});
    text += fmt::format("DAMAGE, as the start of {} found: {}\n", format_time(found.found_ms), found.what);
  }
  if (!text.empty() && call.parsed.has("acknowledge")) {
    damage.acknowledge();
    text += "This is not shown again.\n";
  } else if (!text.empty()) {
    text += "Each user is told in their own log. When you have seen it: status --acknowledge\n";
  }
  result.text.insert(0, text);
  return result;
}

CommandResult status_of_daemon(const CommandCall& call) {
  const StatusReport report = call.environment.daemon->status(call.caller.user);
  nlohmann::json json{{"running", true}, {"version", kVersion}, {"uptime_s", report.uptime_s}};
  json["users"] = nlohmann::json::array();
  for (const auto& user : report.users) json["users"].push_back(to_json(user));
  std::string text = fmt::format("Halley {}, up {}", kVersion, format_duration(report.uptime_s));
  if (!call.caller.in_band()) {  // figures of the whole bouncer are not each user's
    json["memory_bytes"] = report.memory_bytes;
    json["store"] = to_json(report.store);
    json["text_logs_trouble"] = report.text_logs_trouble;
    text += fmt::format(", {} of memory\n{}", format_bytes(report.memory_bytes), store_text(report.store));
    if (!report.text_logs_trouble.empty())
      text += fmt::format("\nplain-text logs wait, and are tried again: {}", report.text_logs_trouble);
  }
  for (const auto& user : report.users) text += "\n" + user_text(user);
  return CommandResult::done(std::move(text), std::move(json));
}

}  // namespace

CommandResult status(CommandCall& call) {
  if (call.parsed.has("acknowledge") && !call.caller.admin)
    return CommandResult::refuse("what was lost is for administrators to acknowledge");
  return with_damage(
      call, call.environment.daemon == nullptr ? status_without_daemon(call) : status_of_daemon(call));
}

CommandResult unlock(CommandCall& call) {
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could have locked anybody out");
  const auto done = call.environment.daemon->unlock(call.parsed.text("ADDRESS|USER"));
  if (!done) return CommandResult::refuse(done.error());
  return CommandResult::done(*done, {{"unlocked", *done}});
}

CommandResult notice(CommandCall& call) {
  const std::string text = call.parsed.text("TEXT");
  if (text.empty() || text.size() > kMostNotice || irc::has_forbidden_byte(text))
    return CommandResult::usage(fmt::format("a notice is one line of 1 to {} bytes", kMostNotice));
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could tell anybody; start one with halley serve");
  const std::size_t users = call.environment.daemon->notice(text);
  return CommandResult::done(fmt::format("said to {} user{}", users, users == 1 ? "" : "s"),
                             {{"users", users}});
}

CommandResult reload(CommandCall& call) {
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could reload; start one with halley serve");
  const auto done = call.environment.daemon->reload();
  if (!done) return CommandResult::refuse(done.error());
  return CommandResult::done(*done, {{"reloaded", true}});
}

CommandResult version(CommandCall&) {
  return CommandResult::done(fmt::format("halley {}", kVersion), {{"version", kVersion}});
}

CommandResult help(CommandCall& call) {
  std::string words = call.parsed.text("COMMAND");
  if (call.parsed.has("WORD")) words += " " + call.parsed.text("WORD");
  std::string text = help_text(words, call.caller);
  if (text.empty()) return CommandResult::usage(unknown_command({words}, call.caller));
  return CommandResult::done(std::move(text));
}

}  // namespace halley::cli
