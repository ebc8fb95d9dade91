#include "bouncer/transfer/lounge.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bouncer/transfer/read_file.h"
#include "storage/api/foreign_database.h"

namespace halley::transfer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Row = storage::ForeignDatabase::Row;

std::string text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

bool flag_of(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

std::string lounge_url(const json& network) {
  const std::string host = text_of(network, "host");
  if (host.empty()) return {};
  const auto port = network.find("port");
  const int number = port != network.end() && port->is_number_integer() ? port->get<int>() : 0;
  return fmt::format("{}://{}{}", flag_of(network, "tls") ? "ircs" : "irc",
                     host.contains(':') ? "[" + host + "]" : host,
                     number > 0 ? fmt::format(":{}", number) : "");
}

ForeignNetwork lounge_network(const json& from) {
  ForeignNetwork network;
  network.key = text_of(from, "uuid");
  network.name = text_of(from, "name").empty() ? text_of(from, "host") : text_of(from, "name");
  network.urls = lounge_url(from);
  network.nick = text_of(from, "nick");
  network.username = text_of(from, "username");
  network.realname = text_of(from, "realname");
  network.pass = text_of(from, "password");
  if (text_of(from, "sasl") == "plain" && !text_of(from, "saslPassword").empty()) {
    network.sasl = "plain:" + text_of(from, "saslAccount");
    network.sasl_password = text_of(from, "saslPassword");
  } else if (text_of(from, "sasl") == "external") {
    network.sasl = "external";
  }
  for (const json& command : from.value("commands", json::array())) {
    if (!command.is_string()) continue;
    std::string line = command.get<std::string>();
    if (line.starts_with('/')) line.erase(0, 1);
    if (line.starts_with("msg ")) {
      const std::size_t blank = line.find(' ', 4);
      if (blank == std::string::npos) continue;
      line = fmt::format("PRIVMSG {} :{}", line.substr(4, blank - 4), line.substr(blank + 1));
    }
    network.on_connect.push_back(std::move(line));
  }
  for (const json& channel : from.value("channels", json::array())) {
    const std::string name = text_of(channel, "name");
    const std::string type = text_of(channel, "type");
    if (!name.empty() && (type.empty() || type == "channel") && std::string_view("#&+!").contains(name[0]))
      network.channels.push_back({0, name, text_of(channel, "key")});
  }
  return network;
}

// A row of the table `messages`; the views are the object's.
std::optional<ForeignLine> line_of(std::string_view type, std::int64_t time_ms, const json& message) {
  const auto view = [](const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? std::string_view(at->get_ref<const std::string&>())
                                                 : std::string_view{};
  };
  static const json kNothing = json::object();
  const auto from = message.find("from");
  const json& who = from != message.end() && from->is_object() ? *from : kNothing;
  ForeignLine line{.time_ms = time_ms,
                   .own = flag_of(message, "self"),
                   .nick = view(who, "nick"),
                   .userhost = view(message, "hostmask"),
                   .text = view(message, "text")};
  if (type == "message") return line;
  if (type == "action") {
    line.action = true;
  } else if (type == "notice") {
    line.kind = EventKind::kNotice;
  } else if (type == "join") {
    line.kind = EventKind::kJoin;
  } else if (type == "part") {
    line.kind = EventKind::kPart;
  } else if (type == "quit") {
    line.kind = EventKind::kQuit;
  } else if (type == "nick") {
    line.kind = EventKind::kNick;
    line.text = view(message, "new_nick");
  } else if (type == "mode") {
    line.kind = EventKind::kMode;
  } else if (type == "topic") {
    line.kind = EventKind::kTopic;
  } else if (type == "kick") {
    line.kind = EventKind::kKick;
    const auto target = message.find("target");
    line.whom = target != message.end() && target->is_object() ? view(*target, "nick") : std::string_view{};
  } else {
    return std::nullopt;  // what The Lounge or the network said of itself
  }
  return line;
}

std::expected<void, std::string> import_network(storage::ForeignDatabase& database, const std::string& uuid,
                                                const Placed& placed, LogSink& sink, ImportReport& report) {
  if (auto begun = sink.begin(placed.user, placed.network); !begun) return begun;
  std::string quoted;
  for (const char c : uuid) quoted += c == '\'' ? "''" : std::string(1, c);
  std::expected<void, std::string> added;
  const auto read = database.each(
      fmt::format(
          "SELECT channel, time, type, msg FROM messages WHERE network = '{}' ORDER BY channel, time, rowid",
          quoted),
      [&](const Row& row) {
        const json message = json::parse(row.text(3), nullptr, false);
        if (message.is_discarded() || !message.is_object()) {
          sink.not_taken();
          return true;
        }
        if (const auto line = line_of(row.text(2), row.number(1), message))
          added = sink.add(*line, {std::string(row.text(0)), placed.nick});
        return added.has_value();
      });
  // A damaged database of one user's keeps no other's lines away.
  if (added && !read) report.remark(read.error());
  return added;
}

}  // namespace

std::expected<ForeignUser, std::string> parse_lounge_user(const std::string& name, std::string_view text,
                                                          ImportReport& report) {
  const json from = json::parse(text, nullptr, false);
  if (from.is_discarded() || !from.is_object())
    return std::unexpected(fmt::format("the file of user {} is no JSON of The Lounge's", name));
  ForeignUser user;
  user.key = user.name = name;
  user.password_hash = text_of(from, "password");  // bcrypt, which logins here take
  for (const json& network : from.value("networks", json::array())) {
    if (!network.is_object()) continue;
    ForeignNetwork one = lounge_network(network);
    if (one.urls.empty()) {
      report.remark(fmt::format("{}'s network {} has no host, and was not taken", name, one.name));
      continue;
    }
    user.networks.push_back(std::move(one));
  }
  return user;
}

std::expected<std::vector<ForeignUser>, std::string> read_lounge_users(const fs::path& folder,
                                                                       ImportReport& report) {
  std::vector<ForeignUser> users;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "users", error)) {
    if (entry.path().extension() != ".json") continue;
    const auto text = read_file(entry.path());
    if (!text) return std::unexpected(text.error());
    auto user = parse_lounge_user(entry.path().stem().string(), *text, report);
    if (!user) return std::unexpected(user.error());
    users.push_back(std::move(*user));
  }
  if (error)
    return std::unexpected(
        fmt::format("{} cannot be read: {}", (folder / "users").string(), error.message()));
  if (users.empty()) return std::unexpected(fmt::format("{} has no users", (folder / "users").string()));
  std::ranges::sort(users, {}, &ForeignUser::name);
  return users;
}

std::expected<void, std::string> import_lounge_logs(const fs::path& folder,
                                                    const std::vector<ForeignUser>& users,
                                                    const Places& places, LogSink& sink,
                                                    ImportReport& report) {
  for (const ForeignUser& user : users) {
    const fs::path file = folder / "logs" / (user.name + ".sqlite3");
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    const auto database = storage::ForeignDatabase::open(file);
    if (!database) {
      report.remark(database.error());
      continue;
    }
    ++report.files;
    for (const ForeignNetwork& network : user.networks) {
      const auto placed = places.find({user.key, network.key});
      if (placed == places.end() || network.key.empty()) continue;
      if (auto done = import_network(**database, network.key, placed->second, sink, report); !done)
        return done;
    }
  }
  return {};
}

}  // namespace halley::transfer
