// The commands of the group "user". A plain password has become a hash before any of them runs
// (CommandRunner).
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bouncer/accounts/user_settings.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/setting_options.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/core/user_audits.h"

namespace halley::cli {
namespace {

nlohmann::json to_json(const CommandEnvironment& environment, const storage::UserRow& row) {
  nlohmann::json json{{"name", row.name},
                      {"enabled", row.enabled},
                      {"networks", environment.accounts.networks(row.id).size()},
                      {"created", format_time(row.created_ms)}};
  for (const UserSetting& setting : user_settings())
    json[setting.json_name()] = json_of(setting, row, &environment.sealer);
  return json;
}

// Of whom nothing is found nothing is in the log. REQUIRES: by id.
storage::LogUsage usage_of(UserId user, const std::vector<storage::LogUsage>& found) {
  const auto at = std::ranges::lower_bound(found, user, {}, &storage::LogUsage::user);
  return at == found.end() || at->user != user ? storage::LogUsage{.user = user} : *at;
}

std::string log_text(const storage::LogUsage& usage) {
  return fmt::format("{}, {}", counted(usage.lines, "line"), format_bytes(usage.bytes));
}

void add_log(nlohmann::json& json, const storage::LogUsage& usage) {
  json["log_lines"] = usage.lines;
  json["log_bytes"] = usage.bytes;
}

std::string describe(const storage::UserRow& row) {
  std::string out = row.enabled ? "" : "disabled";
  if (row.admin) out += out.empty() ? "administrator" : ", administrator";
  return out;
}

// Without a daemon nothing rests, as nothing runs.
std::string resting(const CommandCall& call, UserId user) {
  if (call.environment.daemon == nullptr) return {};
  const StatusReport report = call.environment.daemon->status(user);
  return report.users.empty() ? std::string() : report.users.front().resting;
}

// The newest of one kind, for a person, and all of them for a program.
void append_audit(bool in_band, const std::vector<UserAudits::Kept>& kept, AuditEntry::What kind,
                  std::vector<std::vector<std::string>>& rows, nlohmann::json& json) {
  constexpr std::size_t kShown = 10, kShownInBand = 5;
  const std::size_t most = in_band ? kShownInBand : kShown;
  const bool login = kind == AuditEntry::What::kLogin;
  json = nlohmann::json::array();
  for (const auto& [time_ms, entry] : kept) {
    if (entry.kind != kind) continue;
    const std::string time = format_time(time_ms);
    json.push_back({{"time", time}, {"who", entry.who}, {"from", entry.from}, {"what", entry.what}});
    if (json.size() > most) continue;
    rows.push_back({json.size() > 1 ? "" : (login ? "logins" : "changes"),
                    login ? fmt::format("{}  from {} by {}", time, entry.from, entry.what)
                          : fmt::format("{}  {}, by {} ({})", time, entry.what, entry.who, entry.from)});
  }
}

// What holds for a user of whom nothing else is set, and by which key; empty: nothing does.
std::string user_default(std::string_view setting, const Config& config) {
  const auto days = [](std::uint32_t count, std::string_view without) {
    return count == 0 ? std::string(without) : std::to_string(count);
  };
  const Config::LimitsConfig& limits = config.limits;
  const struct {
    std::string_view setting, key;
    std::string value;
  } defaults[] = {
      {"retention-days", "history.retention_days", days(config.history.retention_days, "for ever")},
      {"bind", "upstream.bind", config.upstream.bind.empty() ? "any" : config.upstream.bind},
      {"reattach-on", "", "highlight"},
      {"upload-quota", "", std::to_string(upload_quota({}) >> 20)},
      {"idle-days", "limits.idle_days", days(limits.idle_days, "never")},
      {"max-networks", "limits.networks_per_user", std::to_string(limits.networks_per_user)},
      {"max-channels", "limits.channels_per_network", std::to_string(limits.channels_per_network)},
      {"text-logs", "history.text_logs", config.history.text_logs ? "yes" : "no"},
  };
  for (const auto& one : defaults) {
    if (one.setting != setting) continue;
    return one.key.empty() ? fmt::format("{} (the default)", one.value)
                           : fmt::format("{} (the default, {})", one.value, one.key);
  }
  return {};
}

struct UserText {
  std::vector<std::vector<std::string>> rows;
  nlohmann::json json;
};
CommandResult after(const Accounts::Result<void>& result, std::string_view name, std::string_view what) {
  if (!result) return CommandResult::refuse(result.error());
  return CommandResult::change(fmt::format("user {} {}", name, what), {{"name", name}});
}

}  // namespace

std::optional<CommandResult> refuse_password(const CommandCall& call) {
  if (call.environment.config.auth.http.empty()) return std::nullopt;
  return CommandResult::refuse(
      "passwords are checked by the address of auth.http (halley.toml), not here: they are given and changed "
      "there");
}

CommandResult user_add(CommandCall& call) {
  const auto hash = call.parsed.optional("password-hash");
  const auto refused = refuse_password(call);
  if (hash && refused) return *refused;
  if (!hash && !refused)
    return CommandResult::refuse("a user needs a password: add --password-stdin, or run this at a terminal");
  const std::string name = call.parsed.text("NAME");
  const auto added = call.accounts().add_user(name, hash.value_or(""), false);
  if (!added) return CommandResult::refuse(added.error());
  const SettingValues settings = values_of(call.parsed, user_settings());
  if (const auto set = call.accounts().set_user(name, settings); !set)
    return CommandResult::refuse(set.error());
  const storage::UserRow& row = *call.accounts().find_user(name);
  return CommandResult::change(fmt::format("user {} added", row.name), to_json(call.environment, row));
}

namespace {

// `found` null: without what is in the log.
CommandResult users_text(const CommandEnvironment& environment, const std::vector<storage::LogUsage>* found) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto* row : environment.accounts.users()) {
    json.push_back(to_json(environment, *row));
    rows.push_back({row->name, counted(environment.accounts.networks(row->id).size(), "network")});
    if (found != nullptr) {
      const storage::LogUsage usage = usage_of(row->id, *found);
      add_log(json.back(), usage);
      rows.back().push_back(log_text(usage));
    }
    rows.back().push_back(describe(*row));
  }
  return CommandResult::done(rows.empty() ? "no users yet; add one with user add" : text_table(rows),
                             std::move(json));
}

}  // namespace

CommandResult user_list(CommandCall& call) {
  return users_text(call.environment, nullptr);
}

void user_list_all(CommandCall& call, CommandDone done) {
  call.environment.store.read_usage(
      0, [&environment = call.environment,
          done = std::move(done)](const std::expected<std::vector<storage::LogUsage>, std::string>& found) {
        done(found ? users_text(environment, &*found) : CommandResult::refuse(found.error()));
      });
}

namespace {

// Which files there are the daemon alone knows.
void append_uploads(const CommandCall& call, UserId user, std::vector<std::vector<std::string>>& rows,
                    nlohmann::json& json) {
  json["uploads"] = nullptr;
  if (call.environment.daemon == nullptr) return;
  const auto files = call.environment.daemon->uploads(user);
  std::uint64_t bytes = 0;
  for (const UploadedFile& file : files) bytes += file.bytes;
  json["uploads"] = {{"files", files.size()}, {"bytes", bytes}};
  rows.push_back({"uploads", fmt::format("{}, {}", counted(files.size(), "file"), format_bytes(bytes))});
}

UserText account_text(const CommandCall& call) {
  const storage::UserRow& row = *call.accounts().find_user(call.user);
  nlohmann::json json = to_json(call.environment, row);
  json["networks"] = nlohmann::json::array();
  std::string networks;
  for (const auto* network : call.accounts().networks(row.id)) {
    json["networks"].push_back(network->name);
    networks += (networks.empty() ? "" : ", ") + network->name;
  }
  json["devices"] = call.accounts().devices(row.id).size();
  json["passkeys"] = call.accounts().passkeys(row.id).size();
  json["sessions"] = call.accounts().sessions(row.id).size();
  json["resting"] = resting(call, row.id);
  std::vector<std::vector<std::string>> rows{
      {"user", row.name},
      {"account", describe(row).empty() ? "in use" : describe(row)},
      {"added", format_time(row.created_ms)},
      {"networks", networks.empty() ? "none" : networks},
      {"devices", fmt::format("{}", call.accounts().devices(row.id).size())},
      {"passkeys", fmt::format("{}", call.accounts().passkeys(row.id).size())},
      {"web logins", fmt::format("{}", call.accounts().sessions(row.id).size())}};
  if (const std::string why = json["resting"]; !why.empty())
    rows.push_back({"", fmt::format("networks are left until somebody attaches: {}", why)});
  append_uploads(call, row.id, rows, json);
  for (const UserSetting& setting : user_settings()) {
    const std::string usual = user_default(setting.name, call.environment.config);
    if (usual.empty() || !setting.accessors.show(setting, row, nullptr).empty())
      append_rows(rows, setting, row, &call.environment.sealer);
    else
      rows.push_back({std::string(setting.name), usual});
  }
  return {std::move(rows), std::move(json)};
}

}  // namespace

CommandResult user_show(CommandCall& call) {
  UserText text = account_text(call);
  return CommandResult::done(text_table(text.rows), std::move(text.json));
}

void user_show_all(CommandCall& call, CommandDone done) {
  struct Asked {
    storage::Store& store;
    UserId user;
    bool in_band;
    UserText text;
    CommandDone done;
  };
  const auto asked = std::make_shared<Asked>(Asked{.store = call.environment.store,
                                                   .user = call.accounts().find_user(call.user)->id,
                                                   .in_band = call.caller.in_band(),
                                                   .text = account_text(call),
                                                   .done = std::move(done)});
  const auto show_audit = [asked](const std::expected<std::vector<storage::StateRow>, std::string>& found) {
    if (!found) return asked->done(CommandResult::refuse(found.error()));
    UserText& text = asked->text;
    const auto kept = UserAudits::read(*found);
    append_audit(asked->in_band, kept, AuditEntry::What::kLogin, text.rows, text.json["logins"]);
    append_audit(asked->in_band, kept, AuditEntry::What::kChange, text.rows, text.json["changes"]);
    asked->done(CommandResult::done(text_table(text.rows), std::move(text.json)));
  };
  asked->store.read_usage(
      asked->user,
      [asked, show_audit](const std::expected<std::vector<storage::LogUsage>, std::string>& found) {
        if (!found) return asked->done(CommandResult::refuse(found.error()));
        const storage::LogUsage usage = usage_of(asked->user, *found);
        add_log(asked->text.json, usage);
        asked->text.rows.push_back({"log", log_text(usage)});
        asked->store.read_states(asked->user, static_cast<std::uint16_t>(StateKind::kUserAudit), show_audit);
      });
}

CommandResult user_passwd(CommandCall& call) {
  if (auto refused = refuse_password(call)) return std::move(*refused);
  const auto hash = call.parsed.optional("password-hash");
  if (!hash) {
    return CommandResult::refuse(call.caller.in_band()
                                     ? "say: user passwd password=NEW"
                                     : "no new password: add --password-stdin, or run this at a terminal");
  }
  const auto tokens = call.parsed.has("devices") ? Accounts::Tokens::kRevoke : Accounts::Tokens::kKeep;
  return after(
      call.accounts().set_password_hash(call.user, *hash, tokens), call.user,
      tokens == Accounts::Tokens::kRevoke
          ? "has a new password; what came in by the old one or by a token is ended, passkeys are gone"
          : "has a new password; what came in by the old one is ended, devices' tokens and passkeys stay");
}

CommandResult user_rename(CommandCall& call) {
  const std::string name = call.parsed.text("NAME"), to = call.parsed.text("NEW");
  if (const auto done = call.accounts().rename_user(name, to); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(
      fmt::format("user {} is called {} now; clients log in as {} from now on", name, to, to),
      {{"name", to}});
}

CommandResult user_set(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  const auto hash = call.parsed.optional("password-hash");
  const SettingValues settings = values_of(call.parsed, user_settings());
  if (auto refused = refuse_password(call); refused && hash) return std::move(*refused);
  if (!hash && settings.empty()) return CommandResult::usage("nothing to set; see help user set");
  if (!settings.empty()) {
    if (const auto done = call.accounts().set_user(name, settings); !done)
      return CommandResult::refuse(done.error());
  }
  if (hash) {
    const auto done = call.accounts().set_password_hash(name, *hash, Accounts::Tokens::kKeep);
    if (!done) return CommandResult::refuse(done.error());
  }
  return after({}, name, "changed");
}

CommandResult user_disable(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  return after(call.accounts().set_enabled(name, false), name, "disabled");
}

CommandResult user_enable(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  return after(call.accounts().set_enabled(name, true), name, "enabled");
}

CommandResult user_remove(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  return after(call.accounts().remove_user(name), name, "removed, with all that was logged");
}

}  // namespace halley::cli
