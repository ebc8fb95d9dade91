// The one table of halley.toml's keys, each with its default: it serves Config's constructor, reading, the
// nearest key of a misspelt one, `config check`, what a reload takes over, and the test that halley.toml(5)
// names each key and its default. Constant; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bouncer/config/config.h"

namespace halley {

using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct ConfigKey {
  enum class Type { kFlag, kCount, kNumber, kText, kTexts };
  // kAtStart: what was opened, named or handed out with it stays as it is until the next start.
  enum class Mutability { kLive, kAtStart };
  std::string_view section = {};  // empty: before any [section]
  std::string_view name;
  Type type;
  Mutability mutability;
  // Takes a value, or says what is wrong with it. REQUIRES: it is of the type above (kNumber: int64 or
  // double).
  std::expected<void, std::string> (*set)(Config& config, const ConfigValue& value);
  void (*set_default)(Config& config);
  std::string (*show)(const Config& config);  // the value as TOML
  void (*copy)(Config& to, const Config& from);
  std::string_view help;
};

std::span<const ConfigKey> config_keys();
// "limits.connections", or the bare name before any section.
std::string full_name(const ConfigKey& key);
std::string_view type_name(ConfigKey::Type type);  // "true or false", "a whole number"...
std::string toml_quoted(std::string_view text);

}  // namespace halley
