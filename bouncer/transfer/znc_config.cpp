#include "bouncer/transfer/znc_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "bouncer/transfer/read_file.h"

namespace halley::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDepth = 8, kMostServers = 8;
constexpr std::size_t kMostModuleValues = 1000;  // by a module

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_true(std::string_view value) {
  return same_name(value, "true") || same_name(value, "yes") || same_name(value, "on") || value == "1";
}

// A section with its values and what stands inside it, in their order.
struct Section {
  std::string kind, name;
  std::vector<std::pair<std::string, std::string>> values = {};
  std::vector<Section> inside = {};

  std::string value(std::string_view key) const {
    const auto at = std::ranges::find_if(values, [&](const auto& one) { return same_name(one.first, key); });
    return at == values.end() ? std::string() : at->second;
  }
  std::vector<std::string> all(std::string_view key) const {
    std::vector<std::string> out;
    for (const auto& [name_of, value_of] : values) {
      if (same_name(name_of, key)) out.push_back(value_of);
    }
    return out;
  }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<Section, std::string> run() {
    Section root;
    open_.push_back(&root);
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      const std::string_view line = trim(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++number_;
      if (auto read = read_line(line); !read) return std::unexpected(read.error());
    }
    if (open_.size() > 1)
      return fail(fmt::format("<{} {}> is not closed", open_.back()->kind, open_.back()->name));
    return root;
  }

 private:
  std::unexpected<std::string> fail(std::string_view why) const {
    return std::unexpected(fmt::format("line {}: {}", number_, why));
  }

  std::expected<void, std::string> read_line(std::string_view line) {
    if (comment_) {
      comment_ = line.find("*/") == std::string_view::npos;
      return {};
    }
    if (line.starts_with("/*")) {
      comment_ = line.find("*/") == std::string_view::npos;
      return {};
    }
    if (line.empty() || line[0] == '#' || line[0] == ';' || line.starts_with("//")) return {};
    if (line.starts_with("</")) {
      const std::string_view kind = trim(line.substr(2, line.find('>') - 2));
      if (open_.size() < 2 || !same_name(open_.back()->kind, kind))
        return fail(fmt::format("</{}> closes what was not opened", kind));
      open_.pop_back();
      return {};
    }
    if (line[0] == '<') {
      if (!line.ends_with('>')) return fail("a < without its >");
      if (open_.size() >= kMostDepth) return fail("too many sections in one another");
      const std::string_view both = trim(line.substr(1, line.size() - 2));
      const std::size_t blank = std::min(both.find(' '), both.size());
      open_.back()->inside.push_back(
          {.kind = std::string(both.substr(0, blank)), .name = std::string(trim(both.substr(blank)))});
      open_.push_back(&open_.back()->inside.back());
      return {};
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return fail("neither a section nor NAME = VALUE");
    open_.back()->values.emplace_back(trim(line.substr(0, equals)), trim(line.substr(equals + 1)));
    return {};
  }

  std::string_view text_;
  std::size_t number_ = 0;
  bool comment_ = false;
  std::vector<Section*> open_;  // a section's address stays while it is open: only the last one grows
};

// "irc.example.org +6697 password"; the port and the password may be missing.
void add_server(std::string_view server, ForeignNetwork& network, std::size_t& count, ImportReport& report) {
  if (++count > kMostServers)
    return report.remark(fmt::format("network {}: server {} is one too many", network.name, server));
  const auto word = [&server] {
    server = trim(server);
    const std::size_t end = std::min(server.find(' '), server.size());
    const std::string_view out = server.substr(0, end);
    server.remove_prefix(end);
    return out;
  };
  std::string host(word());
  std::string_view port = word();
  if (host.contains(':') && !host.starts_with('[')) host = "[" + host + "]";
  const bool tls = port.starts_with('+');
  if (tls) port.remove_prefix(1);
  if (!network.urls.empty()) network.urls += ",";
  network.urls += fmt::format("{}://{}{}{}", tls ? "ircs" : "irc", host, port.empty() ? "" : ":", port);
  if (const std::string_view pass = word(); !pass.empty()) network.pass = pass;
}

std::string first_of(const std::string& own, const std::string& otherwise) {
  return own.empty() ? otherwise : own;
}

ForeignNetwork network_of(const Section& section, const Section& user, std::string name,
                          ImportReport& report) {
  ForeignNetwork network;
  network.key = network.name = std::move(name);
  const auto setting = [&](const char* key) { return first_of(section.value(key), user.value(key)); };
  network.nick = setting("Nick");
  network.alt_nick = setting("AltNick");
  network.username = setting("Ident");
  network.realname = setting("RealName");
  network.enabled = section.value("IRCConnectEnabled").empty() || is_true(section.value("IRCConnectEnabled"));
  std::size_t servers = 0;
  for (const std::string& server : section.all("Server")) add_server(server, network, servers, report);
  for (const std::string& pin : section.all("TrustedServerFingerprint")) {
    if (!network.cert_pin.empty()) network.cert_pin += ",";
    network.cert_pin += pin;
  }
  for (const Section& channel : section.inside) {
    if (!same_name(channel.kind, "Chan") || is_true(channel.value("Disabled"))) continue;
    std::string key = channel.value("Key");
    if (key.empty()) {  // ZNC 0.x: "+k secret" among the default modes
      const std::string modes = channel.value("Modes");
      if (modes.starts_with("+k ")) key = modes.substr(3);
    }
    network.channels.push_back({0, channel.name, key});
  }
  return network;
}

// "Pass = sha256#HASH#SALT#", "Pass = md5#HASH#SALT#", "Pass = HASH -" (MD5 without salt), "Pass =
// plain#PASSWORD", and the sections of 0.098 and later.
std::string password_of(const Section& user) {
  std::string method, hash, salt;
  for (const Section& section : user.inside) {
    if (!same_name(section.kind, "Pass")) continue;
    method = section.value("Method");
    hash = section.value("Hash");
    salt = section.value("Salt");
  }
  const std::string old = user.value("Pass");
  if (method.empty() && !old.empty()) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = old.find('#'); end != std::string::npos; end = old.find('#', begin)) {
      parts.push_back(old.substr(begin, end - begin));
      begin = end + 1;
    }
    parts.push_back(old.substr(begin));
    if (parts.size() >= 3) {
      method = parts[0];
      hash = parts[1];
      salt = parts[2];
    } else if (old.ends_with(" -")) {
      method = "md5";
      hash = old.substr(0, old.size() - 2);
    }
  }
  if (method.starts_with("Argon2") || method.starts_with("argon2")) return hash;
  if (!same_name(method, "sha256") && !same_name(method, "md5")) return {};
  return fmt::format("$znc-{}${}${}", folded_name(method), salt, hash);
}

ForeignUser user_of(const Section& section, ImportReport& report) {
  ForeignUser user;
  user.key = user.name = section.name;
  user.password_hash = password_of(section);
  user.admin = is_true(section.value("Admin"));
  user.enabled = !is_true(section.value("DenyLogin"));
  for (const Section& inside : section.inside) {
    if (same_name(inside.kind, "Network"))
      user.networks.push_back(network_of(inside, section, inside.name, report));
  }
  // Before 1.0 a user was a network.
  if (!section.all("Server").empty())
    user.networks.push_back(network_of(section, section, "default", report));
  std::erase_if(user.networks, [&](const ForeignNetwork& network) {
    if (network.urls.empty())
      report.remark(fmt::format("{}'s network {} has no server, and was not taken", user.name, network.name));
    return network.urls.empty();
  });
  return user;
}

// ZNC writes what modules keep as "KEY VALUE" lines, all but letters and digits as %HEX; .
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '%' ? text.find(';', i) : std::string_view::npos;
    unsigned value = 0;
    if (end != std::string_view::npos &&
        std::from_chars(text.data() + i + 1, text.data() + end, value, 16).ptr == text.data() + end) {
      out += static_cast<char>(value);
      i = end;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> registry_of(const fs::path& file) {
  std::map<std::string, std::string> out;
  std::ifstream in(file, std::ios::binary);
  std::string line;
  while (next_line(in, line) == NextLine::kRead && out.size() < kMostModuleValues) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    out[folded_name(decoded(std::string_view(line).substr(0, blank)))] =
        decoded(std::string_view(line).substr(std::min(blank + 1, line.size())));
  }
  return out;
}

std::vector<fs::path> module_folders(const fs::path& folder, const std::string& user,
                                     const std::string& network, std::string_view module) {
  const fs::path of_user = folder / "users" / user;
  return {of_user / "networks" / network / "moddata" / module, of_user / "moddata" / module};
}

void add_sasl(const fs::path& registry, const std::string& user, ForeignNetwork& network,
              ImportReport& report) {
  const auto kept = registry_of(registry);
  const auto value = [&kept](const char* key) {
    const auto at = kept.find(key);
    return at == kept.end() ? std::string() : at->second;
  };
  if (!value("username").empty() && !value("password").empty()) {
    network.sasl = "plain:" + value("username");
    network.sasl_password = value("password");
  } else if (value("mechanisms").contains("EXTERNAL")) {
    report.remark(
        fmt::format("{}'s network {} logs in by SASL EXTERNAL: give its certificate with halley network "
                    "set {} {} --client-cert-stdin --sasl external",
                    user, network.name, fitting_name(user), fitting_name(network.name)));
  }
}

}  // namespace

std::expected<std::vector<ForeignUser>, std::string> parse_znc_config(std::string_view text,
                                                                      ImportReport& report) {
  auto root = Parser(text).run();
  if (!root) return std::unexpected(root.error());
  std::vector<ForeignUser> users;
  for (const Section& section : root->inside) {
    if (same_name(section.kind, "User")) users.push_back(user_of(section, report));
  }
  if (users.empty()) return std::unexpected("it has no <User ...>: is it ZNC's configuration?");
  return users;
}

void add_znc_modules(const fs::path& folder, std::vector<ForeignUser>& users, ImportReport& report) {
  for (ForeignUser& user : users) {
    for (ForeignNetwork& network : user.networks) {
      for (const fs::path& sasl : module_folders(folder, user.key, network.key, "sasl")) {
        if (network.sasl.empty()) add_sasl(sasl / ".registry", user.name, network, report);
      }
      for (const fs::path& nickserv : module_folders(folder, user.key, network.key, "nickserv")) {
        const auto kept = registry_of(nickserv / ".registry");
        const auto password = kept.find("password");
        if (password != kept.end() && !password->second.empty() && network.on_connect.empty())
          network.on_connect.push_back("PRIVMSG NickServ :IDENTIFY " + password->second);
      }
    }
  }
}

std::vector<fs::path> znc_log_folders(const fs::path& folder, const std::string& user,
                                      const std::string& network) {
  const auto lower = [](const std::string& name) { return folded_name(name); };
  std::vector<fs::path> all;
  std::error_code error;
  const fs::path of_network = folder / "users" / user / "networks" / network / "moddata" / "log";
  const fs::path of_user = folder / "users" / user / "moddata" / "log", of_all = folder / "moddata" / "log";
  for (const std::string& name : {network, lower(network)}) {
    for (const fs::path& one : {of_user / name, of_all / user / name, of_all / lower(user) / name})
      all.push_back(one);
  }
  all.push_back(of_network);
  std::erase_if(all, [&error](const fs::path& path) { return !fs::is_directory(path, error); });
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  return all;
}

}  // namespace halley::transfer
