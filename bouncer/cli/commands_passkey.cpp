// The commands of the group "passkey". One is made by a page, with the device that keeps it.
#include <fmt/format.h>

#include <charconv>
#include <expected>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

std::expected<std::uint64_t, std::string> id_in(const ParsedCommand& parsed) {
  const std::string text = parsed.text("ID");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return std::unexpected(fmt::format("\"{}\" is no number of a passkey; see passkey list", text));
  return id;
}

}  // namespace

CommandResult passkey_list(CommandCall& call) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto* passkey : call.accounts().passkeys(call.accounts().find_user(call.user)->id)) {
    json.push_back({{"id", passkey->id},
                    {"name", passkey->name},
                    {"host", passkey->host},
                    {"created", format_time(passkey->created_ms)},
                    {"used", format_time(passkey->used_ms)}});
    rows.push_back({fmt::format("{}", passkey->id), passkey->name, passkey->host,
                    fmt::format("made {}", format_time(passkey->created_ms)),
                    fmt::format("used {}", format_time(passkey->used_ms))});
  }
  return CommandResult::done(
      rows.empty() ? "no passkeys; the page makes one, in the account's dialogue" : text_table(rows),
      std::move(json));
}

CommandResult passkey_rename(CommandCall& call) {
  const auto id = id_in(call.parsed);
  if (!id) return CommandResult::usage(id.error());
  const std::string name = call.parsed.text("NEW");
  const auto done = call.accounts().rename_passkey(call.accounts().find_user(call.user)->id, *id, name);
  if (!done) return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("passkey {} of {} is called {} now", *id, call.user, name),
                               {{"user", call.user}, {"id", *id}, {"name", name}});
}

CommandResult passkey_revoke(CommandCall& call) {
  const auto id = id_in(call.parsed);
  if (!id) return CommandResult::usage(id.error());
  const auto done = call.accounts().revoke_passkey(call.accounts().find_user(call.user)->id, *id);
  if (!done) return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("passkey {} of {} revoked", *id, call.user),
                               {{"user", call.user}, {"id", *id}});
}

}  // namespace halley::cli
