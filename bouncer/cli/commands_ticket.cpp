// Codes for those who have no login: "user reset", and the group "invite".
#include <fmt/format.h>

#include <charconv>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

constexpr std::uint32_t kUsualResetHours = 24, kMostResetHours = 24 * 30;
constexpr std::uint32_t kUsualInviteDays = 7, kMostInviteDays = 365, kMostInviteUses = 1000;
constexpr std::int64_t kHourInMs = 3'600'000;

// An option that is a whole number from 1 to `most`.
std::expected<std::uint32_t, CommandResult> count_of(const CommandCall& call, std::string_view name,
                                                     std::uint32_t most, std::uint32_t otherwise) {
  const std::string* text = call.parsed.value(name);
  if (text == nullptr) return otherwise;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc() && end == text->data() + text->size() && number >= 1 && number <= most)
    return number;
  return std::unexpected(
      CommandResult::usage(fmt::format("{} is a whole number from 1 to {}, not \"{}\"", name, most, *text)));
}

// Where somebody uses the code: behind #, which browsers send to nobody.
std::string link_of(const CommandCall& call, std::string_view kind, std::string_view code) {
  std::string url = call.environment.config.http.public_url;
  if (url.empty()) return {};
  while (url.ends_with('/')) url.pop_back();
  return fmt::format("{}/#{}={}", url, kind, code);
}

std::string link_text(std::string_view link, std::string_view kind, std::string_view code) {
  if (!link.empty()) return std::string(link);
  return fmt::format(
      "#{}={}\nPut this behind the page's address (http.public_url of halley.toml would be put before it).",
      kind, code);
}

nlohmann::json to_json(const Accounts::NewTicket& made, const std::string& link) {
  return {{"code", made.code}, {"url", link}, {"until", format_time(made.until_ms)}};
}

}  // namespace

CommandResult user_reset(CommandCall& call) {
  if (auto refused = refuse_password(call)) return std::move(*refused);
  const auto hours = count_of(call, "hours", kMostResetHours, kUsualResetHours);
  if (!hours) return hours.error();
  const std::string name = call.parsed.text("NAME");
  const auto made =
      call.accounts().add_reset(name, call.environment.clock.wall_us() / 1000 + *hours * kHourInMs);
  if (!made) return CommandResult::refuse(made.error());
  const std::string link = link_of(call, "reset", made->code);
  nlohmann::json json = to_json(*made, link);
  json["name"] = name;
  CommandResult result = CommandResult::change(
      fmt::format(
          "{}\nWhoever opens it by {} sets a new password of {}, once. It is not shown again; another "
          "one, or a new password, makes it void.",
          link_text(link, "reset", made->code), format_time(made->until_ms), name),
      std::move(json));
  result.show_in_batch = true;
  return result;
}

CommandResult invite_add(CommandCall& call) {
  if (refuse_password(call)) {
    return CommandResult::refuse(
        "whom auth.http (halley.toml) knows needs no invitation: auth.create = true makes them users at "
        "their "
        "first login");
  }
  const auto uses = count_of(call, "uses", kMostInviteUses, 1);
  if (!uses) return uses.error();
  const auto days = count_of(call, "days", kMostInviteDays, kUsualInviteDays);
  if (!days) return days.error();
  const std::int64_t now_ms = call.environment.clock.wall_us() / 1000;
  const auto made = call.accounts().add_invitation(
      {.uses = *uses, .until_ms = now_ms + *days * 24 * kHourInMs, .note = call.parsed.text("note")});
  if (!made) return CommandResult::refuse(made.error());
  const std::string link = link_of(call, "invite", made->code);
  nlohmann::json json = to_json(*made, link);
  json["id"] = made->id;
  json["uses"] = *uses;
  CommandResult result = CommandResult::change(
      fmt::format("{}\nInvitation {}: {} may register with it by {}. It is not shown again.",
                  link_text(link, "invite", made->code), made->id,
                  *uses == 1 ? std::string("one user") : fmt::format("{} users", *uses),
                  format_time(made->until_ms)),
      std::move(json));
  result.show_in_batch = true;
  return result;
}

CommandResult invite_list(CommandCall& call) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto* row : call.accounts().invitations()) {
    json.push_back({{"id", row->id},
                    {"uses", row->uses},
                    {"until", format_time(row->until_ms)},
                    {"created", format_time(row->created_ms)},
                    {"note", row->note}});
    rows.push_back({fmt::format("{}", row->id), fmt::format("{} left", row->uses),
                    fmt::format("until {}", format_time(row->until_ms)), row->note});
  }
  return CommandResult::done(rows.empty() ? "no invitations" : text_table(rows), std::move(json));
}

CommandResult invite_revoke(CommandCall& call) {
  const std::string text = call.parsed.text("ID");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return CommandResult::usage(fmt::format("\"{}\" is no number of an invitation; see invite list", text));
  if (const auto done = call.accounts().revoke_invitation(id); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("invitation {} revoked", id), {{"id", id}});
}

}  // namespace halley::cli
