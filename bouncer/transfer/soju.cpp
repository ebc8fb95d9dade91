#include "bouncer/transfer/soju.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bouncer/irc/time_tag.h"

namespace halley::transfer {
namespace {

using Row = storage::ForeignDatabase::Row;

// Its versions differ in columns only: what a version does not have yet is empty.
std::string column(storage::ForeignDatabase& database, const char* table, const char* name,
                   const char* otherwise) {
  return database.has_column(table, name) ? std::string(name) : std::string(otherwise);
}

// "ircs://host", "irc+insecure://host:6667", "host:6697".
std::string url_of(std::string_view addr) {
  for (const std::string_view plain : {"irc+insecure://", "irc://"}) {
    if (addr.starts_with(plain)) return fmt::format("irc://{}", addr.substr(plain.size()));
  }
  if (addr.starts_with("ircs://") || addr.contains("://")) return std::string(addr);
  return fmt::format("ircs://{}", addr);
}

// Network.name may be missing: the address stands for it then.
std::string name_of(std::string_view name, std::string_view addr) {
  if (!name.empty()) return std::string(name);
  if (const std::size_t scheme = addr.find("://"); scheme != std::string_view::npos)
    addr.remove_prefix(scheme + 3);
  return std::string(addr);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return lines;
}

void take_sasl(const Row& row, int at, ForeignNetwork& network, const std::string& user,
               ImportReport& report) {
  const std::string_view mechanism = row.text(at);
  if (mechanism == "PLAIN") {
    network.sasl = fmt::format("plain:{}", row.text(at + 1));
    network.sasl_password = row.text(at + 2);
  } else if (mechanism == "EXTERNAL") {
    report.remark(
        fmt::format("{}'s network {} logs in by SASL EXTERNAL with a key in soju's own form: a new "
                    "certificate is made, tell its fingerprint to the network (halley network show {} {})",
                    user, network.name, fitting_name(user), fitting_name(network.name)));
    network.sasl = "external";
  }
}

using Channels = std::map<std::int64_t, std::vector<storage::ChannelRow>>;

std::expected<Channels, std::string> read_channels(storage::ForeignDatabase& database) {
  Channels channels;
  const auto read =
      database.each("SELECT network, name, key FROM Channel ORDER BY network, name", [&](const Row& row) {
        channels[row.number(0)].push_back({0, std::string(row.text(1)), std::string(row.text(2))});
        return true;
      });
  if (!read) return std::unexpected(read.error());
  return channels;
}

// By the user's key: its rowid, or before version 7 its name.
std::expected<void, std::string> read_networks(storage::ForeignDatabase& database,
                                               std::map<std::string, ForeignUser*>& by_key,
                                               const Channels& channels, ImportReport& report) {
  const auto of = [&](const char* name, const char* otherwise) {
    return column(database, "Network", name, otherwise);
  };
  const std::string sql = fmt::format(
      "SELECT id, user, name, addr, nick, username, realname, pass, {}, {}, sasl_mechanism, "
      "sasl_plain_username, "
      "sasl_plain_password, {} FROM Network ORDER BY id",
      of("connect_commands", "''"), of("enabled", "1"), of("certfp", "''"));
  return database.each(sql, [&](const Row& row) {
    const auto owner = by_key.find(std::string(row.text(1)));
    if (owner == by_key.end()) return true;
    ForeignNetwork network;
    network.key = std::to_string(row.number(0));
    network.name = name_of(row.text(2), row.text(3));
    network.urls = url_of(row.text(3));
    network.nick = row.text(4);
    network.username = row.text(5);
    network.realname = row.text(6);
    network.pass = row.text(7);
    network.on_connect = lines_of(row.text(8));
    network.enabled = row.number(9) != 0;
    take_sasl(row, 10, network, owner->second->name, report);
    network.cert_pin = row.text(13);
    if (const auto wanted = channels.find(row.number(0)); wanted != channels.end())
      network.channels = wanted->second;
    owner->second->networks.push_back(std::move(network));
    return true;
  });
}

}  // namespace

std::expected<std::vector<ForeignUser>, std::string> read_soju_accounts(storage::ForeignDatabase& database,
                                                                        ImportReport& report) {
  if (!database.has_column("User", "username") || !database.has_column("Network", "addr"))
    return std::unexpected("it has no users and networks as soju keeps them");
  std::vector<ForeignUser> users;
  const bool numbered = database.has_column("User", "id");
  const auto of = [&](const char* name, const char* otherwise) {
    return column(database, "User", name, otherwise);
  };
  std::vector<std::pair<std::string, std::string>> defaults;  // nick and real name
  const auto read =
      database.each(fmt::format("SELECT {}, username, password, {}, {}, {}, {} FROM User ORDER BY username",
                                numbered ? "id" : "username", of("admin", "0"), of("enabled", "1"),
                                of("nick", "''"), of("realname", "''")),
                    [&](const Row& row) {
                      ForeignUser user;
                      user.key = row.text(0);
                      user.name = row.text(1);
                      user.password_hash = row.text(2);  // bcrypt, which logins here take
                      user.admin = row.number(3) != 0;
                      user.enabled = row.number(4) != 0;
                      users.push_back(std::move(user));
                      defaults.emplace_back(row.text(5), row.text(6));
                      return true;
                    });
  if (!read) return std::unexpected(read.error());
  std::map<std::string, ForeignUser*> by_key;
  for (ForeignUser& user : users) by_key[user.key] = &user;
  const auto channels = read_channels(database);
  if (!channels) return std::unexpected(channels.error());
  if (const auto networks = read_networks(database, by_key, *channels, report); !networks)
    return std::unexpected(networks.error());
  for (std::size_t i = 0; i < users.size(); ++i) {
    for (ForeignNetwork& network : users[i].networks) {
      // As soju does where the network says nothing.
      if (network.nick.empty()) network.nick = defaults[i].first.empty() ? users[i].name : defaults[i].first;
      if (network.realname.empty()) network.realname = defaults[i].second;
    }
  }
  return users;
}

std::expected<void, std::string> import_soju_messages(storage::ForeignDatabase& database,
                                                      const Places& places, LogSink& sink,
                                                      ImportReport& report) {
  if (!database.has_column("Message", "raw")) return {};  // before version 24 it had none
  struct Target {
    std::int64_t id;
    std::string user, network, name;
  };
  std::vector<Target> targets;
  auto read = database.each(
      "SELECT t.id, n.user, n.id, t.target FROM MessageTarget t JOIN Network n ON n.id = t.network "
      "ORDER BY n.user, n.id, t.id",
      [&](const Row& row) {
        targets.push_back({.id = row.number(0),
                           .user = std::string(row.text(1)),
                           .network = std::string(row.text(2)),
                           .name = std::string(row.text(3))});
        return true;
      });
  for (const Target& target : targets) {
    if (!read) break;
    const auto placed = places.find({target.user, target.network});
    if (placed == places.end()) {
      report.remark(fmt::format("what was said in {} was not taken: nor was its network", target.name));
      continue;
    }
    if (auto begun = sink.begin(placed->second.user, placed->second.network); !begun) return begun;
    const LogPlace place{target.name, placed->second.nick};
    std::expected<void, std::string> added;
    read = database.each(
        fmt::format("SELECT time, raw FROM Message WHERE target = {} ORDER BY time, id", target.id),
        [&](const Row& row) {
          const auto time = irc::parse_time(row.text(0));
          time ? void(added = sink.add_raw(row.text(1), *time, place)) : sink.not_taken();
          return added.has_value();
        });
    if (!added) return added;
  }
  return read;
}

std::filesystem::path soju_log_folder(const std::filesystem::path& logs, const std::string& user,
                                      const std::string& network) {
  const auto escaped = [](std::string name) {
    std::ranges::replace(name, '/', '-');
    std::ranges::replace(name, '\\', '-');
    return name == "." ? "-" : name == ".." ? "--" : name;
  };
  return logs / escaped(user) / escaped(network);
}

}  // namespace halley::transfer
