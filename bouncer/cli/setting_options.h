// From the tables of settings (bouncer/accounts/setting.h) to what the command line needs of them: options,
// values, and how they are shown. Any thread.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/setting.h"
#include "bouncer/cli/command.h"

namespace halley::cli {

// How a flag is written: --admin where something is added, admin=yes where it is changed.
enum class FlagForm { kBare, kYesNo };

template <typename Row>
OptionSpec option_of(const Setting<Row>& setting, FlagForm flags) {
  using Kind = typename Setting<Row>::Kind;
  OptionSpec::Kind kind = OptionSpec::Kind::kValue;
  if (setting.kind == Kind::kLines) kind = OptionSpec::Kind::kRepeated;
  if (setting.kind == Kind::kSecret) kind = OptionSpec::Kind::kSecret;
  if (setting.kind == Kind::kSecretText) kind = OptionSpec::Kind::kSecretText;
  const bool bare = setting.kind == Kind::kFlag && flags == FlagForm::kBare;
  if (bare) kind = OptionSpec::Kind::kFlag;
  return {.kind = kind,
          .name = setting.name,
          .value = bare ? std::string_view{} : setting.value,
          .help = setting.help};
}

// The options of a whole table, but for `except`, and then `further`.
template <typename Row>
std::vector<OptionSpec> options_of(std::span<const Setting<Row>> table, FlagForm flags,
                                   std::string_view except, std::vector<OptionSpec> further) {
  std::vector<OptionSpec> out;
  for (const auto& setting : table) {
    if (setting.name != except) out.push_back(option_of(setting, flags));
  }
  out.insert(out.end(), further.begin(), further.end());
  return out;
}

// What a command line says of a table's settings.
template <typename Row>
SettingValues values_of(const ParsedCommand& parsed, std::span<const Setting<Row>> table) {
  SettingValues out;
  for (const auto& setting : table) {
    if (!parsed.has(setting.name)) continue;
    out.set(std::string(setting.name), setting.kind == Setting<Row>::Kind::kLines
                                           ? fmt::format("{}", fmt::join(parsed.all(setting.name), "\n"))
                                           : parsed.text(setting.name));
  }
  return out;
}

// A flag is true or false, a count a number or null, a secret false, true or what of it is public.
template <typename Row>
nlohmann::json json_of(const Setting<Row>& setting, const Row& row, const Sealer* sealer) {
  using Kind = typename Setting<Row>::Kind;
  const std::string shown = setting.accessors.show(setting, row, sealer);
  if (setting.kind == Kind::kFlag) return shown == "yes";
  if (setting.kind == Kind::kCount)
    return shown.empty() ? nlohmann::json() : nlohmann::json(std::stoul(shown));
  if (setting.secret() && (shown.empty() || shown == "given")) return !shown.empty();
  return shown;
}

// Rows of a text table; one for each line of a setting of several.
template <typename Row>
void append_rows(std::vector<std::vector<std::string>>& out, const Setting<Row>& setting, const Row& row,
                 const Sealer* sealer) {
  const std::string shown = setting.accessors.show(setting, row, sealer);
  std::string_view rest = shown;
  do {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out.push_back({std::string(setting.name), shown.empty() ? "none" : std::string(rest.substr(0, end))});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } while (!rest.empty());
}

}  // namespace halley::cli
