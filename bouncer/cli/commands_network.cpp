// The commands of the group "network".
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/client_cert.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/network_url.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/setting_options.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

// "#a,#b key" -> {#a, ""}, {#b, "key"}
std::vector<storage::ChannelRow> channel_list(std::string_view text) {
  std::vector<storage::ChannelRow> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    const std::size_t space = std::min(item.find(' '), item.size());
    std::string_view key = item.substr(space);
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    if (!item.empty()) out.push_back({0, std::string(item.substr(0, space)), std::string(key)});
  }
  return out;
}

Accounts::NetworkDraft read_draft(const CommandCall& call) {
  const ParsedCommand& parsed = call.parsed;
  Accounts::NetworkDraft draft;
  draft.settings = values_of(parsed, network_settings());
  if (parsed.has("URL")) draft.settings.set("url", parsed.text("URL"));
  if (parsed.has("join")) draft.join = channel_list(parsed.text("join"));
  return draft;
}

std::string fingerprint_of(const CommandCall& call, const storage::NetworkRow& row) {
  if (row.sealed_client_cert.empty()) return {};
  const auto pem = call.environment.sealer.unseal(seal_purpose::kClientCert, row.sealed_client_cert);
  return pem ? client_cert_fingerprint(*pem).value_or("") : "";
}

bool has_plain(const storage::NetworkRow& row) {
  return std::ranges::any_of(split_urls(row.urls), [](auto url) { return url.starts_with("irc://"); });
}

// The state of one network, as the daemon tells it; a name alone when no daemon runs.
NetworkStatus state_of(const CommandCall& call, const storage::NetworkRow& row) {
  if (call.environment.daemon != nullptr) {
    for (auto& user : call.environment.daemon->status(row.user).users) {
      for (auto& network : user.networks) {
        if (network.name == row.name) return std::move(network);
      }
    }
  }
  NetworkStatus state;
  state.name = row.name;
  state.link = row.enabled ? "no daemon runs" : "disabled";
  state.nick = row.nick;
  return state;
}

std::string state_text(const NetworkStatus& state) {
  std::string out = state.link;
  if (state.link == "connected") out += fmt::format(" as {}", state.nick);
  if (!state.trouble.empty()) out += fmt::format(": {}", state.trouble);
  return out;
}

nlohmann::json to_json(const CommandCall& call, const storage::NetworkRow& row) {
  nlohmann::json channels = nlohmann::json::array();
  for (const auto* channel : call.accounts().channels(row.id)) channels.push_back(channel->name);
  const NetworkStatus state = state_of(call, row);
  nlohmann::json json{{"name", row.name},        {"enabled", row.enabled}, {"channels", channels},
                      {"plain", has_plain(row)}, {"state", state.link},    {"trouble", state.trouble}};
  for (const NetworkSetting& setting : network_settings())
    json[setting.json_name()] = json_of(setting, row, &call.environment.sealer);
  return json;
}

// What the owner must know once: plain text, and the fingerprint to tell the network's services.
std::string remarks(const CommandCall& call, const storage::NetworkRow& row) {
  std::string out;
  if (has_plain(row)) out += "\nirc:// is plain: everybody on the way can read along; prefer ircs://";
  const std::string fingerprint = row.sasl_mechanism == "EXTERNAL" ? fingerprint_of(call, row) : "";
  if (!fingerprint.empty()) {
    out += fmt::format(
        "\nfingerprint of the client certificate (SHA-256): {}\n"
        "add it at the network, for instance with: /msg NickServ CERT ADD {}",
        fingerprint, fingerprint);
  }
  return out;
}

CommandResult set_enabled(CommandCall& call, bool enabled) {
  Accounts::NetworkDraft draft;
  draft.enabled = enabled;
  const auto set = call.accounts().set_network(call.user, call.parsed.text("NAME"), draft);
  if (!set) return CommandResult::refuse(set.error());
  const storage::NetworkRow& row = **set;
  std::string text = fmt::format("{} {}", enabled ? "connecting to" : "leaving", row.name);
  if (call.environment.daemon == nullptr) {
    text = fmt::format("no daemon runs; {} will be {} when one starts", row.name,
                       enabled ? "connected" : "left alone");
  }
  return CommandResult::change(std::move(text), {{"name", row.name}, {"enabled", enabled}});
}

}  // namespace

CommandResult network_add(CommandCall& call) {
  const auto added = call.accounts().add_network(call.user, call.parsed.text("NAME"), read_draft(call));
  if (!added) return CommandResult::refuse(added.error());
  const storage::NetworkRow& row = **added;
  CommandResult result = CommandResult::change(
      fmt::format("network {} added for {}", row.name, call.user) + remarks(call, row), to_json(call, row));
  result.show_in_batch = row.sasl_mechanism == "EXTERNAL";
  return result;
}

CommandResult network_list(CommandCall& call) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto* row : call.accounts().networks(call.accounts().find_user(call.user)->id)) {
    json.push_back(to_json(call, *row));
    rows.push_back({row->name, row->urls, state_text(state_of(call, *row))});
  }
  return CommandResult::done(rows.empty() ? "no networks yet; add one with network add" : text_table(rows),
                             std::move(json));
}

CommandResult network_show(CommandCall& call) {
  const auto found = call.accounts().require_network(call.user, call.parsed.text("NAME"));
  if (!found) return CommandResult::refuse(found.error());
  const storage::NetworkRow& row = **found;
  const NetworkStatus state = state_of(call, row);
  std::vector<std::string> channels;
  for (const auto* channel : call.accounts().channels(row.id)) {
    channels.push_back(channel->key.empty() ? channel->name : channel->name + " (with a key)");
  }
  std::vector<std::vector<std::string>> rows{
      {"network", row.name},
      {"state", state_text(state)},
      {"channels", channels.empty() ? "none" : fmt::format("{}", fmt::join(channels, ", "))}};
  for (const NetworkSetting& setting : network_settings())
    append_rows(rows, setting, row, &call.environment.sealer);
  if (has_plain(row)) rows.push_back({"", "irc:// is plain: everybody on the way can read along"});
  return CommandResult::done(text_table(rows), to_json(call, row));
}

CommandResult network_set(CommandCall& call) {
  const auto found = call.accounts().require_network(call.user, call.parsed.text("NAME"));
  if (!found) return CommandResult::refuse(found.error());
  const auto& options = call.parsed.command().options;
  if (std::ranges::none_of(options, [&](const auto& option) { return call.parsed.has(option.name); })) {
    return CommandResult::usage("nothing to set; see help network set");
  }
  const Accounts::NetworkDraft draft = read_draft(call);
  const auto set = call.accounts().set_network(call.user, call.parsed.text("NAME"), draft);
  if (!set) return CommandResult::refuse(set.error());
  const storage::NetworkRow& row = **set;
  const auto said = [&draft](std::string_view name) { return draft.settings.find(name) != nullptr; };
  const bool tell = said("url") || said("sasl") || said("client-cert");
  return CommandResult::change(fmt::format("network {} changed", row.name) + (tell ? remarks(call, row) : ""),
                               to_json(call, row));
}

CommandResult network_rename(CommandCall& call) {
  const std::string name = call.parsed.text("NAME"), to = call.parsed.text("NEW");
  if (const auto done = call.accounts().rename_network(call.user, name, to); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(
      fmt::format("network {} of {} is called {} now; clients that name it log in as {}/{} "
                  "from now on",
                  name, call.user, to, call.user, to),
      {{"name", to}});
}

CommandResult network_connect(CommandCall& call) {
  return set_enabled(call, true);
}

CommandResult network_disconnect(CommandCall& call) {
  return set_enabled(call, false);
}

CommandResult network_remove(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  if (const auto done = call.accounts().remove_network(call.user, name); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(
      fmt::format("network {} of {} removed, with all that was logged there", name, call.user),
      {{"name", name}});
}

}  // namespace halley::cli
