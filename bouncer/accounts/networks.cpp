// Accounts: networks and the channels the user wants to be in.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/network_url.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/text.h"

namespace halley {
namespace {

constexpr std::size_t kMostUrls = 8, kMostPins = 8, kMostConnectLines = 32, kMostLine = 510;
constexpr std::size_t kMostSecret = 500, kMostCertificate = 32 * 1024, kMostRealname = 200;
constexpr std::string_view kChannelTypes = "#&+!";  // a network's own CHANTYPES is not known here

// A nick and user name made from an account's name, which may hold characters that IRC does not take.
std::string default_nick(std::string_view user) {
  std::string nick;
  for (const char c : user) nick += c == '.' ? '_' : c;
  if (!irc::is_valid_nick(nick)) nick.insert(0, "_");
  return nick;
}

Accounts::Result<void> check_urls(std::string_view urls) {
  const auto all = split_urls(urls);
  if (all.empty())
    return std::unexpected("a network needs an address: ircs://host[:6697] or irc://host[:6667]");
  if (all.size() > kMostUrls)
    return std::unexpected(fmt::format("more than {} addresses for one network", kMostUrls));
  for (const std::string_view url : all) {
    if (const auto parsed = parse_network_url(url); !parsed) return std::unexpected(parsed.error());
  }
  return {};
}

Accounts::Result<std::string> normal_pins(std::string_view pins) {
  std::string out;
  std::size_t count = 0;
  while (!pins.empty()) {
    const std::size_t comma = pins.find(',');
    std::string pin;
    for (const char c : pins.substr(0, comma)) {
      if (c != ':') pin += irc::fold(irc::CaseMapping::kAscii, c);
    }
    const bool hex =
        std::ranges::all_of(pin, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (pin.size() != 64 || !hex) {
      return std::unexpected(
          "a certificate pin is a SHA-256 fingerprint: 64 hexadecimal digits, colons allowed");
    }
    if (++count > kMostPins) return std::unexpected(fmt::format("more than {} certificate pins", kMostPins));
    out += (out.empty() ? "" : ",") + pin;
    pins = comma == std::string_view::npos ? std::string_view{} : pins.substr(comma + 1);
  }
  return out;
}

Accounts::Result<void> check_connect_lines(std::string_view lines) {
  std::size_t count = 0;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    if (irc::has_forbidden_byte(line) || line.size() > kMostLine) {
      return std::unexpected(
          fmt::format("a line of on-connect has a forbidden byte or more than {} bytes", kMostLine));
    }
    if (++count > kMostConnectLines) {
      return std::unexpected(fmt::format("more than {} lines of on-connect", kMostConnectLines));
    }
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
  }
  return {};
}

Accounts::Result<void> check_nick(std::string_view what, std::string_view nick) {
  if (irc::is_valid_nick(nick)) return {};
  return std::unexpected(
      fmt::format("\"{}\" cannot be {}: no spaces, and no digit or '-' in front", nick, what));
}

Accounts::Result<void> check_channel(const storage::ChannelRow& channel) {
  if (!irc::is_valid_channel(channel.name, kChannelTypes)) {
    return std::unexpected(
        fmt::format("\"{}\" is no channel; write for instance '#one,#two key'", channel.name));
  }
  if (irc::has_forbidden_byte(channel.key) || channel.key.size() > 100 ||
      channel.key.find_first_of(" ,") != std::string::npos) {
    return std::unexpected(
        fmt::format("the key of {} has a space, a comma or more than 100 bytes", channel.name));
  }
  return {};
}

}  // namespace

void Accounts::put(storage::NetworkRow row) {
  const NetworkId id = row.id;
  std::function<void()> undo = [this, id] { unlink_network(id); };
  const auto old = networks_.find(id);
  if (old == networks_.end()) {
    link(NetworkEntry{row, {}});
  } else {
    undo = [this, before = old->second.row] { networks_.at(before.id).row = before; };
    old->second.row = row;
  }
  record(storage::PutNetwork{std::move(row)}, std::move(undo), [this, id](Observer& observer) {
    if (const auto* now = network(id)) observer.network_changed(*now);
  });
}

Accounts::Result<const storage::NetworkRow*> Accounts::require_network(std::string_view user_name,
                                                                       std::string_view name) const {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  if (const auto* row = find_network((*owner)->id, name)) return row;
  std::string known;
  for (const auto* row : networks((*owner)->id)) known += (known.empty() ? "" : ", ") + row->name;
  return std::unexpected(known.empty()
                             ? fmt::format("{} has no network yet; see help network add", (*owner)->name)
                             : fmt::format("{} has no network \"{}\", but {}", (*owner)->name, name, known));
}

Accounts::Result<void> Accounts::apply(const NetworkDraft& draft, const storage::UserRow& owner,
                                       storage::NetworkRow& row) const {
  if (draft.urls) row.urls = *draft.urls;
  if (const auto good = check_urls(row.urls); !good) return good;
  const std::string nick = default_nick(owner.name);
  // An empty value asks for the default.
  if (draft.nick || row.nick.empty()) row.nick = draft.nick.value_or("").empty() ? nick : *draft.nick;
  if (draft.alt_nick || row.alt_nick.empty()) {
    row.alt_nick = draft.alt_nick.value_or("").empty() ? row.nick + "_" : *draft.alt_nick;
  }
  if (draft.username || row.username.empty())
    row.username = draft.username.value_or("").empty() ? nick : *draft.username;
  if (draft.realname || row.realname.empty()) {
    row.realname = draft.realname.value_or("").empty() ? owner.name : *draft.realname;
  }
  if (const auto good = check_nick("a nick", row.nick); !good) return good;
  if (const auto good = check_nick("a second nick", row.alt_nick); !good) return good;
  if (irc::has_forbidden_byte(row.username) || row.username.size() > 32 ||
      row.username.find_first_of(" @:") != std::string::npos) {
    return std::unexpected(
        fmt::format("\"{}\" cannot be a username: at most 32 bytes without space, @ and :", row.username));
  }
  if (irc::has_forbidden_byte(row.realname) || row.realname.size() > kMostRealname) {
    return std::unexpected(fmt::format("a realname is one line of at most {} bytes", kMostRealname));
  }
  if (draft.cert_pins) {
    auto pins = normal_pins(*draft.cert_pins);
    if (!pins) return std::unexpected(pins.error());
    row.cert_pins = std::move(*pins);
  }
  if (draft.on_connect) {
    if (const auto good = check_connect_lines(*draft.on_connect); !good) return good;
    row.on_connect = *draft.on_connect;
  }
  if (draft.enabled) row.enabled = *draft.enabled;
  return apply_secrets(draft, row);
}

Accounts::Result<void> Accounts::apply_secrets(const NetworkDraft& draft, storage::NetworkRow& row) const {
  for (const auto* secret : {&draft.sasl_password, &draft.password}) {
    if (secret->has_value() && (irc::has_forbidden_byte(**secret) || (*secret)->size() > kMostSecret)) {
      return std::unexpected(fmt::format("a password is one line of at most {} bytes", kMostSecret));
    }
  }
  if (draft.client_cert && !draft.client_cert->empty() &&
      (draft.client_cert->size() > kMostCertificate ||
       !draft.client_cert->contains("-----BEGIN CERTIFICATE-----") ||
       !draft.client_cert->contains("PRIVATE KEY-----"))) {
    return std::unexpected("a client certificate is a PEM text with the certificate and its private key");
  }
  if (draft.sasl_mechanism) row.sasl_mechanism = *draft.sasl_mechanism;
  if (draft.sasl_account) row.sasl_account = *draft.sasl_account;
  if (draft.sasl_password) {
    row.sealed_sasl_password = sealer_.seal(seal_purpose::kSaslPassword, *draft.sasl_password);
  }
  if (draft.password) row.sealed_password = sealer_.seal(seal_purpose::kPassword, *draft.password);
  if (draft.client_cert) {
    row.sealed_client_cert = sealer_.seal(seal_purpose::kClientCert, *draft.client_cert);
  }
  if (row.sasl_mechanism == "PLAIN") {
    if (row.sasl_account.empty() || irc::has_forbidden_byte(row.sasl_account)) {
      return std::unexpected("SASL PLAIN needs an account: --sasl plain:ACCOUNT");
    }
    if (row.sealed_sasl_password.empty()) {
      return std::unexpected("SASL PLAIN needs a password: add --sasl-password-stdin");
    }
  } else if (row.sasl_mechanism == "EXTERNAL") {
    if (row.sealed_client_cert.empty()) return std::unexpected("SASL EXTERNAL needs a client certificate");
    const auto tls = [](std::string_view url) { return parse_network_url(url).value_or(NetworkUrl{}).tls; };
    if (std::ranges::none_of(split_urls(row.urls), tls)) {
      return std::unexpected("SASL EXTERNAL needs TLS: give an ircs:// address");
    }
  } else if (!row.sasl_mechanism.empty()) {
    return std::unexpected(
        fmt::format("SASL {} is not supported; use plain:ACCOUNT or external", row.sasl_mechanism));
  }
  return {};
}

Accounts::Result<const storage::NetworkRow*> Accounts::add_network(std::string_view user_name,
                                                                   std::string_view name,
                                                                   const NetworkDraft& draft) {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  const storage::UserRow& user_row = **owner;
  if (!is_account_name(name)) {
    return std::unexpected(
        fmt::format("\"{}\" cannot be a network's name: use 1 to 32 of A-Z a-z 0-9 _ . -", name));
  }
  if (const auto* other = find_network(user_row.id, name)) {
    return std::unexpected(
        fmt::format("{} has a network \"{}\" already; see help network set", user_row.name, other->name));
  }
  if (networks(user_row.id).size() >= config_.limits.networks_per_user) {
    return std::unexpected(fmt::format("{} has {} networks already (limits.networks_per_user)", user_row.name,
                                       config_.limits.networks_per_user));
  }
  if (draft.join.size() > config_.limits.channels_per_network) {
    return std::unexpected(
        fmt::format("more than {} channels (limits.channels_per_network)", draft.join.size()));
  }
  storage::NetworkRow row;
  row.id = last_network_ + 1;
  row.user = user_row.id;
  row.name = name;
  if (const auto good = apply(draft, user_row, row); !good) return std::unexpected(good.error());
  for (const auto& channel : draft.join) {
    if (const auto good = check_channel(channel); !good) return std::unexpected(good.error());
  }
  const NetworkId id = ++last_network_;
  put(std::move(row));
  for (const auto& channel : draft.join) put_channel_now(id, channel.name, channel.key);
  return network(id);
}

Accounts::Result<const storage::NetworkRow*> Accounts::set_network(std::string_view user_name,
                                                                   std::string_view name,
                                                                   const NetworkDraft& draft) {
  const auto found = require_network(user_name, name);
  if (!found) return std::unexpected(found.error());
  storage::NetworkRow row = **found;
  const NetworkId id = row.id;
  if (const auto good = apply(draft, *user(row.user), row); !good) return std::unexpected(good.error());
  for (const auto& channel : draft.join) {
    if (const auto good = check_channel(channel); !good) return std::unexpected(good.error());
  }
  if (networks_.at(id).channels.size() + draft.join.size() > config_.limits.channels_per_network) {
    return std::unexpected(fmt::format("more than {} channels (limits.channels_per_network)",
                                       config_.limits.channels_per_network));
  }
  put(std::move(row));
  for (const auto& channel : draft.join) put_channel_now(id, channel.name, channel.key);
  return network(id);
}

Accounts::Result<void> Accounts::remove_network(std::string_view user_name, std::string_view name) {
  const auto found = require_network(user_name, name);
  if (!found) return std::unexpected(found.error());
  const NetworkId id = (*found)->id;
  NetworkEntry old = unlink_network(id);
  const storage::NetworkRow row = old.row;
  record(
      storage::RemoveNetwork{id}, [this, old = std::move(old)] { link(old); },
      [row](Observer& observer) { observer.network_removed(row); });
  return {};
}

void Accounts::put_channel_now(NetworkId network_id, std::string_view name, std::string_view key) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return;
  auto& list = found->second.channels;
  const auto known =
      std::ranges::find_if(list, [&](const auto& channel) { return same_name(channel.name, name); });
  if (known != list.end() && known->key == key) return;
  if (known == list.end() && list.size() >= config_.limits.channels_per_network) return;
  auto undo = [this, network_id, before = list] { networks_.at(network_id).channels = before; };
  storage::ChannelRow row{network_id, std::string(name), std::string(key)};
  if (known != list.end()) {
    row.name = known->name;
    *known = row;
  } else {
    list.push_back(row);
  }
  record(storage::PutChannel{std::move(row)}, std::move(undo), nullptr);
}

void Accounts::put_channel(NetworkId network_id, std::string_view name, std::string_view key) {
  by_itself([&] { put_channel_now(network_id, name, key); });
}

void Accounts::remove_channel(NetworkId network_id, std::string_view name) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return;
  auto& list = found->second.channels;
  const auto known =
      std::ranges::find_if(list, [&](const auto& channel) { return same_name(channel.name, name); });
  if (known == list.end()) return;
  by_itself([&] {
    auto undo = [this, network_id, before = list] { networks_.at(network_id).channels = before; };
    storage::RemoveChannel change{network_id, known->name};
    list.erase(known);
    record(std::move(change), std::move(undo), nullptr);
  });
}

void Accounts::set_nick(NetworkId network_id, std::string_view nick) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end() || found->second.row.nick == nick || !irc::is_valid_nick(nick)) return;
  storage::NetworkRow row = found->second.row;
  row.nick = nick;
  by_itself([&] { put(std::move(row)); });
}

const storage::NetworkRow* Accounts::find_network(UserId user_id, std::string_view name) const {
  for (const auto* row : networks(user_id)) {
    if (same_name(row->name, name)) return row;
  }
  return nullptr;
}

const storage::NetworkRow* Accounts::network(NetworkId id) const {
  const auto found = networks_.find(id);
  return found == networks_.end() ? nullptr : &found->second.row;
}

std::vector<const storage::NetworkRow*> Accounts::networks(UserId user_id) const {
  std::vector<const storage::NetworkRow*> out;
  const auto found = users_.find(user_id);
  if (found == users_.end()) return out;
  for (const NetworkId id : found->second.networks) out.push_back(&networks_.at(id).row);
  return out;
}

std::vector<const storage::ChannelRow*> Accounts::channels(NetworkId network_id) const {
  std::vector<const storage::ChannelRow*> out;
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return out;
  for (const auto& channel : found->second.channels) out.push_back(&channel);
  return out;
}

}  // namespace halley
