#include "bouncer/config/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "bouncer/config/config_keys.h"
#include "bouncer/config/listen_url.h"
#include "bouncer/config/nearest.h"

namespace halley {
namespace {

constexpr std::size_t kMostFileBytes = 1 << 20;

using Done = std::expected<void, std::string>;

class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& file) : file_(file) {}

  Done read(const toml::table& root, Config& config) {
    for (auto&& [key, node] : root) {
      const bool section = is_section(key.str());
      if (section != node.is_table()) {
        if (section)
          return fail(key.source(),
                      fmt::format("{0} is a section: write [{0}] on a line of its own", key.str()));
        if (find("", key.str()) == nullptr) return unknown(key.source(), "", key.str(), node.is_table());
      }
      const Done done =
          section ? read_section(*node.as_table(), key.str(), config) : take("", key, node, config);
      if (!done) return done;
    }
    return check_together(root, config);
  }

 private:
  std::unexpected<std::string> fail(const toml::source_region& where, std::string_view what) const {
    return std::unexpected(fmt::format("{}:{}: {}", file_.string(), where.begin.line, what));
  }

  static bool is_section(std::string_view name) {
    return !name.empty() &&
           std::ranges::any_of(config_keys(), [&](const ConfigKey& key) { return key.section == name; });
  }

  static const ConfigKey* find(std::string_view section, std::string_view name) {
    for (const ConfigKey& key : config_keys()) {
      if (key.section == section && key.name == name) return &key;
    }
    return nullptr;
  }

  // "unknown key clients_pr_user in [limits]; did you mean clients_per_user?"
  std::unexpected<std::string> unknown(const toml::source_region& where, std::string_view section,
                                       std::string_view name, bool table) const {
    std::string what = table ? fmt::format("unknown section [{}]", name)
                             : fmt::format("unknown key {}{}", name,
                                           section.empty() ? "" : fmt::format(" in [{}]", section));
    std::vector<std::string_view> here, sections;
    std::string elsewhere;
    for (const ConfigKey& key : config_keys()) {
      if (key.section == section) here.push_back(key.name);
      if (!key.section.empty() && std::ranges::find(sections, key.section) == sections.end())
        sections.push_back(key.section);
      if (key.section != section && key.name == name) {
        elsewhere = key.section.empty() ? "; it belongs before the first [section]"
                                        : fmt::format("; it belongs in [{}]", key.section);
      }
    }
    if (!table && !elsewhere.empty()) return fail(where, what + elsewhere);
    const std::string_view meant = nearest(name, table ? sections : here);
    if (!meant.empty())
      return fail(where, fmt::format("{}; did you mean {}?", what,
                                     table ? fmt::format("[{}]", meant) : std::string(meant)));
    return fail(where, fmt::format("{}; known here: {}", what, fmt::join(table ? sections : here, ", ")));
  }

  Done read_section(const toml::table& table, std::string_view section, Config& config) {
    for (auto&& [key, node] : table) {
      if (const Done done = take(section, key, node, config); !done) return done;
    }
    return {};
  }

  Done take(std::string_view section, const toml::key& name, const toml::node& node, Config& config) {
    const ConfigKey* key = find(section, name.str());
    if (key == nullptr) return unknown(name.source(), section, name.str(), false);
    const auto value = convert(*key, node);
    const std::string label = full_name(*key);
    if (!value)
      return fail(node.source(),
                  fmt::format("{} must be {}, not {}", label, type_name(key->type), kind(node)));
    if (const Done done = key->set(config, *value); !done) {
      return fail(node.source(), fmt::format("{} {}", label, done.error()));
    }
    return {};
  }

  static std::optional<ConfigValue> convert(const ConfigKey& key, const toml::node& node) {
    switch (key.type) {
      case ConfigKey::Type::kFlag:
        if (const auto* value = node.as_boolean()) return value->get();
        return std::nullopt;
      case ConfigKey::Type::kCount:
        if (const auto* value = node.as_integer()) return value->get();
        return std::nullopt;
      case ConfigKey::Type::kNumber:
        if (const auto* value = node.as_integer()) return value->get();
        if (const auto* value = node.as_floating_point()) return value->get();
        return std::nullopt;
      case ConfigKey::Type::kText:
        if (const auto* value = node.as_string()) return value->get();
        return std::nullopt;
      case ConfigKey::Type::kTexts:
        break;
    }
    const auto* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) return std::nullopt;
      texts.push_back(text->get());
    }
    return texts;
  }

  static std::string_view kind(const toml::node& node) {
    switch (node.type()) {
      case toml::node_type::table:
        return "a section";
      case toml::node_type::array:
        return "this list";
      case toml::node_type::string:
        return "a text in quotes";
      case toml::node_type::integer:
        return "a whole number";
      case toml::node_type::floating_point:
        return "a number with a fraction";
      case toml::node_type::boolean:
        return "true or false";
      default:
        return "a date or time";
    }
  }

  // What only several keys together can get wrong.
  Done check_together(const toml::table& root, const Config& config) const {
    const auto at = [&](std::string_view section, std::string_view name) {
      const auto* node = root[section][name].node();
      return node == nullptr ? root.source() : node->source();
    };
    if (config.tls.cert.empty() != config.tls.key.empty()) {
      return fail(at("tls", config.tls.cert.empty() ? "key" : "cert"),
                  "tls.cert and tls.key go together: give both, or neither");
    }
    if (config.upstream.reconnect_min > config.upstream.reconnect_max) {
      return fail(at("upstream", root["upstream"]["reconnect_min"] ? "reconnect_min" : "reconnect_max"),
                  fmt::format("upstream.reconnect_min ({}) is more than upstream.reconnect_max ({})",
                              config.upstream.reconnect_min, config.upstream.reconnect_max));
    }
    return {};
  }

  const std::filesystem::path& file_;
};

std::expected<std::string, std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    return std::unexpected(
        fmt::format("cannot read {}: {}", file.string(), in ? "it is a folder" : std::strerror(errno)));
  }
  std::string text(kMostFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostFileBytes)
    return std::unexpected(fmt::format("{} is larger than a megabyte", file.string()));
  return text;
}

}  // namespace

std::expected<std::filesystem::path, std::string> default_data(const ConfigSource& source) {
  if (const auto base = source.environment("XDG_DATA_HOME"); base && base->starts_with('/')) {
    return std::filesystem::path(*base) / "halley";
  }
  if (const auto home = source.environment("HOME"); home && !home->empty()) {
    return std::filesystem::path(*home) / ".local/share/halley";
  }
  return std::unexpected("no place for the data: neither data_dir, --data, $XDG_DATA_HOME nor $HOME is set");
}

std::expected<Config, std::string> parse_config(std::string_view text, const std::filesystem::path& file) {
  Config config;
  try {
    const toml::table root = toml::parse(text, file.string());
    if (const Done done = ConfigReader(file).read(root, config); !done) return std::unexpected(done.error());
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        fmt::format("{}:{}: {}", file.string(), error.source().begin.line, std::string(error.description())));
  }
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  for (std::filesystem::path* path : {&config.data_dir, &config.tls.cert, &config.tls.key}) {
    if (!path->empty() && path->is_relative()) *path = (folder / *path).lexically_normal();
  }
  return config;
}

std::expected<LoadedConfig, std::string> load_config(const ConfigSource& source) {
  LoadedConfig loaded;
  const auto named = source.environment("HALLEY_CONFIG");
  std::error_code ignored;
  if (source.config_option) {
    loaded.file = *source.config_option;
  } else if (named && !named->empty()) {
    loaded.file = *named;
  } else if (std::filesystem::exists(source.system_file, ignored)) {
    loaded.file = source.system_file;
  }
  if (!loaded.file.empty()) {
    const auto text = read_text(loaded.file);
    if (!text) return std::unexpected(text.error());
    auto config = parse_config(*text, loaded.file);
    if (!config) return std::unexpected(config.error());
    loaded.config = std::move(*config);
  }
  if (source.data_option)
    loaded.config.data_dir = std::filesystem::absolute(*source.data_option).lexically_normal();
  if (loaded.config.data_dir.empty()) {
    auto folder = default_data(source);
    if (!folder) return std::unexpected(folder.error());
    loaded.config.data_dir = std::move(*folder);
  }
  return loaded;
}

std::string show_config(const Config& config) {
  std::string out;
  std::string_view section;
  for (const ConfigKey& key : config_keys()) {
    if (key.section != section) out += fmt::format("\n[{}]\n", section = key.section);
    out += fmt::format("{} = {}\n", key.name, key.show(config));
  }
  return out;
}

}  // namespace halley
