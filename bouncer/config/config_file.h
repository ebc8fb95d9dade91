// Reads halley.toml. Every key is optional; an unknown key, a wrong type or a bad value is refused with file,
// line and the nearest valid key. Nothing is kept; any thread.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/config/config.h"

namespace halley {

// `file` names the text in errors; relative paths in it are taken from its folder.
std::expected<Config, std::string> parse_config(std::string_view text, const std::filesystem::path& file);

// Where to look, in this order: --config, $HALLEY_CONFIG, /etc/halley/halley.toml when it exists, else the
// defaults with the data in $XDG_DATA_HOME/halley or ~/.local/share/halley. --data overrides data_dir.
struct ConfigSource {
  std::optional<std::string> config_option, data_option;
  std::function<std::optional<std::string>(const char* name)> environment;
  std::filesystem::path system_file = "/etc/halley/halley.toml";
};
// $XDG_DATA_HOME/halley or ~/.local/share/halley.
std::expected<std::filesystem::path, std::string> default_data(const ConfigSource& source);

struct LoadedConfig {
  Config config;
  std::filesystem::path file;  // empty: none was read
};
std::expected<LoadedConfig, std::string> load_config(const ConfigSource& source);

// The whole configuration as TOML, as `config check` shows it.
std::string show_config(const Config& config);

}  // namespace halley
