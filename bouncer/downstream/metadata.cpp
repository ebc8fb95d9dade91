#include "bouncer/downstream/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/rules.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/account_changes.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"

namespace halley {
namespace {

using irc::Message;

constexpr std::string_view kOn = "1", kOff = "0", kStar = "*";
constexpr std::size_t kKeysALine = 10;  // a line has fifteen parameters

struct MetadataKey {
  std::string_view name;
  std::string_view setting;  // of a buffer; empty: nicks of whom nothing is heard, by the user's rules
};

// Those of the table of settings, and one more.
std::span<const MetadataKey> metadata_keys() {
  static const std::vector<MetadataKey> keys = [] {
    std::vector<MetadataKey> all;
    for (const BufferSetting& setting : buffer_settings())
      if (!setting.attribute.empty()) all.push_back({.name = setting.attribute, .setting = setting.name});
    all.push_back({.name = "soju.im/blocked", .setting = {}});
    return all;
  }();
  return keys;
}

bool blocks(std::size_t key) {
  return metadata_keys()[key].setting.empty();
}

std::optional<std::size_t> key_index(std::string_view key) {
  const auto keys = metadata_keys();
  const auto at = std::ranges::find(keys, key, &MetadataKey::name);
  if (at == keys.end()) return std::nullopt;
  return static_cast<std::size_t>(at - keys.begin());
}

bool is_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("_./-").contains(c);
  });
}

Rule blocking(std::string_view nick) {
  return {Rule::Kind::kIgnore, Rule::Match::kMask, fmt::format("{}!*@*", nick)};
}

// The nick that a rule blocks; empty: it is another kind of rule.
std::string_view blocked_nick(const Rule& rule) {
  const std::string_view pattern = rule.pattern;
  const bool mask = rule.kind == Rule::Kind::kIgnore && rule.match == Rule::Match::kMask;
  if (!mask || !pattern.ends_with("!*@*")) return {};
  const std::string_view nick = pattern.substr(0, pattern.size() - 4);
  return nick.find_first_of("*?!@") == std::string_view::npos ? nick : std::string_view{};
}

bool is_on(const Network& network, std::string_view target, std::size_t key) {
  if (blocks(key)) {
    return std::ranges::any_of(network.user().rule_list(), [&](const Rule& rule) {
      return irc::equal(network.state().casemapping(), blocked_nick(rule), target);
    });
  }
  const storage::BufferRow* set = network.find_set(network.buffers().find(target));
  return set != nullptr && !target.empty() && has_flag(*set, metadata_keys()[key].setting);
}

// What blocked_nick() would find again.
bool is_nick(const Network& network, std::string_view target) {
  return target.find_first_of("*?!@ ") == std::string_view::npos &&
         !network.state().isupport().is_channel(target);
}

// All targets of which the key is set.
std::set<std::string, std::less<>> targets_of(const Network& network, std::size_t key) {
  std::set<std::string, std::less<>> out;
  if (blocks(key)) {
    for (const Rule& rule : network.user().rule_list()) {
      if (const std::string_view nick = blocked_nick(rule); !nick.empty()) out.emplace(nick);
    }
    return out;
  }
  for (const storage::BufferRow& row : network.set_buffers()) {
    const std::string* name = network.buffers().name(row.id);
    if (name && !name->empty() && has_flag(row, metadata_keys()[key].setting)) out.insert(*name);
  }
  return out;
}

}  // namespace

void Metadata::handle(const Message& m) {
  struct Row {
    std::string_view name;
    std::size_t min_params;
    void (Metadata::*run)(const Message&);
  };
  static constexpr Row kSubcommands[] = {
      {"GET", 3, &Metadata::get},       {"LIST", 2, &Metadata::list},
      {"SET", 3, &Metadata::set},       {"CLEAR", 2, &Metadata::clear},
      {"SUB", 3, &Metadata::subscribe}, {"UNSUB", 3, &Metadata::unsubscribe},
      {"SYNC", 2, &Metadata::list},     {"SUBS", 2, &Metadata::tell_subscriptions},
  };
  for (const Row& row : kSubcommands) {
    if (!irc::same_command(row.name, m.param(1))) continue;
    if (m.param_count < row.min_params)
      client_.fail("METADATA", "INVALID_PARAMS", {row.name}, "Not enough parameters");
    else
      (this->*row.run)(m);
    return;
  }
  client_.fail("METADATA", "INVALID_PARAMS", {kStar}, "Unknown subcommand");
}

// Where something may be set for that name. Null: nowhere, and the client was told.
Network* Metadata::network_of(std::string_view target) {
  Network* network = client_.bound_network();
  if (network != nullptr && !target.empty() && !target.starts_with('*')) return network;
  client_.fail("METADATA", "INVALID_TARGET", {target.empty() ? kStar : target},
               network == nullptr ? "This connection is bound to no network" : "Name a channel or nick");
  return nullptr;
}

void Metadata::get(const Message& m) {
  const std::string_view target = m.param(0);
  const bool own = target == kStar;  // of whom nothing is known
  const Network* network = own ? nullptr : network_of(target);
  if (!own && network == nullptr) return;
  in_batch(client_, {.type = "metadata", .target = target}, [&](const std::string& batch) {
    for (std::size_t i = 2; i < m.param_count; ++i) {
      const std::string_view key = m.param(i);
      const auto index = key_index(key);
      if (!is_key(key))
        client_.fail("METADATA", "INVALID_KEY", {key.empty() ? kStar : key}, "Invalid key");
      else if (index && network != nullptr && is_on(*network, target, *index))
        tell_value(target, key, kOn, batch);
      else
        tell_value(target, key, {}, batch);
    }
  });
}

void Metadata::list(const Message& m) {
  const std::string_view target = m.param(0);
  const bool own = target == kStar;  // of whom nothing is known
  const Network* network = own ? nullptr : network_of(target);
  if (!own && network == nullptr) return;
  in_batch(client_, {.type = "metadata", .target = target}, [&](const std::string& batch) {
    for (std::size_t key = 0; network != nullptr && key < metadata_keys().size(); ++key) {
      if (is_on(*network, target, key)) tell_value(target, metadata_keys()[key].name, kOn, batch);
    }
  });
}

void Metadata::set(const Message& m) {
  const std::string_view target = m.param(0), key = m.param(2), value = m.param(3);
  if (!is_key(key))
    return client_.fail("METADATA", "INVALID_KEY", {key.empty() ? kStar : key}, "Invalid key");
  const auto index = key_index(key);
  if (!index)
    return client_.fail("METADATA", "KEY_NO_PERMISSION", {target.empty() ? kStar : target, key},
                        "Halley keeps no such key");
  Network* network = network_of(target);
  if (network == nullptr) return;
  if (blocks(*index) && !is_nick(*network, target))
    return client_.fail("METADATA", "INVALID_TARGET", {target}, "Only a nick can be blocked");
  if (!value.empty() && value != kOn && value != kOff)
    return client_.fail("METADATA", "INVALID_VALUE", {key}, "It is 1 or 0");
  Told told;
  if (std::string why = change(*network, {target, *index, value == kOn}, told); !why.empty())
    return client_.fail("METADATA", "LIMIT_REACHED", {"SET", target, "0"}, why);
  if (!commit(told)) return;
  tell_value(target, key, value, {});
}

void Metadata::clear(const Message& m) {
  const std::string_view target = m.param(0);
  Network* network = network_of(target);
  if (network == nullptr) return;
  std::vector<std::string_view> cleared;
  Told told;
  for (std::size_t key = 0; key < metadata_keys().size(); ++key) {
    if (!is_on(*network, target, key)) continue;
    if (std::string why = change(*network, {target, key, false}, told); !why.empty())
      return client_.fail("METADATA", "LIMIT_REACHED", {"CLEAR", target, "0"}, why);
    cleared.push_back(metadata_keys()[key].name);
  }
  if (!cleared.empty() && !commit(told)) return;
  in_batch(client_, {.type = "metadata", .target = target}, [&](const std::string& batch) {
    for (const std::string_view key : cleared) tell_value(target, key, {}, batch);
  });
}

std::string Metadata::change(Network& network, const SetCommand& asked, Told& told) {
  Accounts& accounts = client_.accounts();
  const auto& [target, key, on] = asked;
  if (is_on(network, target, key) == on) return {};
  Accounts::Result<void> done;
  std::string name(target);
  if (blocks(key)) {
    std::vector<Rule> rules = rules_of(network.user().row());
    std::erase_if(rules, [&](const Rule& rule) {
      return irc::equal(network.state().casemapping(), blocked_nick(rule), target);
    });
    if (on) rules.push_back(blocking(target));
    done = accounts.set_user(network.user().name(), {{std::string(kRulesSetting), rule_lines(rules)}});
  } else {
    const BufferId buffer = network.buffers().make(target, Buffers::MadeBy::kUser);
    const std::string* spelt = network.buffers().name(buffer);
    if (spelt == nullptr || spelt->empty()) return "There are too many channels and talks";
    name = *spelt;
    done = accounts.set_buffer(
        {.id = buffer, .user = network.user().id(), .network = network.id(), .name = name},
        {{std::string(metadata_keys()[key].setting), on ? "yes" : "no"}});
  }
  if (!done) {
    accounts.rollback();
    return done.error();
  }
  told.push_back({.key = key, .name = std::move(name), .on = on});
  return {};
}

// False: nothing was changed, and the client was told.
bool Metadata::commit(const Told& told) {
  Accounts& accounts = client_.accounts();
  if (!may_change(client_)) {
    accounts.rollback();
    client_.fail("METADATA", "LIMIT_REACHED", {"SET", kStar, "0"},
                 "Too many changes wait for the disk; try again later");
    return false;
  }
  // Whoever sets it is answered, not told besides.
  for (const auto& [key, name, on] : told) {
    if (state_.told.empty()) break;  // it has subscribed to none
    if (on)
      state_.told[key].insert(name);
    else
      state_.told[key].erase(name);
  }
  const AnswerId asked = client_.asked_store();
  accounts.flush(
      [&client = client_, asked, alive = client_.alive()](const storage::Status& status) {
        if (alive.expired()) return;
        const Answering answering(client, asked);
        if (!status) client.notice(fmt::format("What was set is not on disk: {}", status.error()));
        client.store_answered(asked);
      },
      client_.user()->id());
  return true;
}

void Metadata::subscribe(const Message& m) {
  std::vector<std::string_view> done;
  for (std::size_t i = 2; i < m.param_count; ++i) {
    const std::string_view key = m.param(i);
    if (!is_key(key)) {
      client_.fail("METADATA", "INVALID_KEY", {key.empty() ? kStar : key}, "Invalid key");
      continue;
    }
    if (std::ranges::find(state_.subscribed, key) == state_.subscribed.end()) {
      if (state_.subscribed.size() >= kMostSubs) {
        client_.fail("METADATA", "LIMIT_REACHED", {"SUB", key, std::to_string(kMostSubs)}, "Too many keys");
        break;
      }
      state_.subscribed.emplace_back(key);
      state_.told.resize(metadata_keys().size());
    }
    done.push_back(key);
  }
  if (!done.empty()) reply(irc::kRplMetadataSubOk, std::move(done));
  sync();
}

void Metadata::unsubscribe(const Message& m) {
  std::vector<std::string_view> done;
  for (std::size_t i = 2; i < m.param_count; ++i) {
    const std::string_view key = m.param(i);
    std::erase(state_.subscribed, key);
    if (const auto index = key_index(key); index && !state_.told.empty()) state_.told[*index].clear();
    if (is_key(key)) done.push_back(key);
  }
  if (!done.empty()) reply(irc::kRplMetadataUnsubOk, std::move(done));
}

void Metadata::tell_subscriptions(const Message&) {
  in_batch(client_, {.type = "metadata-subs"}, [&](const std::string& batch) {
    for (std::size_t at = 0; at < state_.subscribed.size(); at += kKeysALine) {
      const std::span keys =
          std::span(state_.subscribed).subspan(at, std::min(kKeysALine, state_.subscribed.size() - at));
      reply(irc::kRplMetadataSubs, {keys.begin(), keys.end()}, batch);
    }
  });
}

void Metadata::sync() {
  const Network* network = client_.registered() ? client_.bound_network() : nullptr;
  if (network == nullptr) return;
  for (std::size_t key = 0; key < metadata_keys().size(); ++key) {
    if (std::ranges::find(state_.subscribed, metadata_keys()[key].name) == state_.subscribed.end()) continue;
    Targets now = targets_of(*network, key);
    const auto tell = [&](const std::string& target, std::string_view value) {
      client_.send(irc::format_line(client_.server_name(), "METADATA",
                                    {target, metadata_keys()[key].name, kStar, value}));
    };
    for (const std::string& target : state_.told[key]) {
      if (!now.contains(target)) tell(target, kOff);
    }
    for (const std::string& target : now) {
      if (!state_.told[key].contains(target)) tell(target, kOn);
    }
    state_.told[key] = std::move(now);
  }
}

// An empty value: it is not set.
void Metadata::tell_value(std::string_view target, std::string_view key, std::string_view value,
                          std::string_view batch) {
  if (value.empty())
    reply(irc::kRplKeyNotSet, {target, key, "key not set"}, batch);
  else
    reply(irc::kRplKeyValue, {target, key, kStar, value}, batch);
}

void Metadata::reply(std::string_view numeric, std::vector<std::string_view> params, std::string_view batch) {
  const std::string nick = client_.registered() ? client_.nick() : std::string(kStar);
  params.insert(params.begin(), nick);
  std::string line = batch.empty() ? std::string() : fmt::format("@batch={} ", batch);
  irc::append_line(line,
                   {.source = client_.server_name(), .command = numeric, .params = params, .colon = true});
  client_.send(line);
}

}  // namespace halley
