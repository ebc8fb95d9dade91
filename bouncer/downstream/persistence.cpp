#include "bouncer/downstream/persistence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using ClientSetting = PersistenceSettings::ClientSetting;

constexpr std::array<std::pair<ClientSetting, std::string_view>, 3> kSettingWords = {
    {{ClientSetting::kDefault, "DEFAULT"}, {ClientSetting::kOn, "ON"}, {ClientSetting::kOff, "OFF"}}};

// What is asked for, and what is done.
std::string status_line(const Downstream& client) {
  const ClientSetting setting = client.persistence().of(client.user()->id());
  return irc::format_line(client.server_name(), "PERSISTENCE",
                          {"STATUS", PersistenceSettings::word(setting), "ON"});
}

void refuse_persistence(Downstream& client, std::string_view text) {
  client.fail("PERSISTENCE", "INVALID_PARAMETERS", {}, text);
}

void set_persistence(Downstream& client, std::string_view word) {
  const auto setting = PersistenceSettings::parse(word);
  if (!setting) return refuse_persistence(client, "Say PERSISTENCE SET with ON, OFF or DEFAULT");
  const User& user = *client.user();
  const bool changed = client.persistence().set(user.id(), *setting);
  if (*setting == ClientSetting::kOff && client.caps().has(irc::Cap::kStandardReplies))
    client.send(
        fmt::format(":{} NOTE PERSISTENCE ALWAYS_ON :Halley stays connected for you; to leave a network say "
                    "/msg *halley network disconnect NAME",
                    client.server_name()));
  client.tell_persistence();
  if (!changed) return;
  for (std::size_t i = 0; i < user.clients().size(); ++i) {
    if (Client* other = user.clients()[i]; other != &client) other->persistence_changed();
  }
}

}  // namespace

PersistenceSettings::PersistenceSettings(DurableState& states) : StateOwner(states) {
  states_.take(StateKind::kPersistence, [this](const storage::StateRow& row) {
    if (const auto setting = parse(row.value)) settings_[row.user] = *setting;
  });
}

void PersistenceSettings::forget_user(storage::UserId user) {
  settings_.erase(user);
}

std::string_view PersistenceSettings::word(ClientSetting setting) {
  return std::ranges::find(kSettingWords, setting, &std::pair<ClientSetting, std::string_view>::first)
      ->second;
}

std::optional<ClientSetting> PersistenceSettings::parse(std::string_view word) {
  const auto known = std::ranges::find_if(
      kSettingWords, [&](const auto& one) { return irc::same_command(one.second, word); });
  if (known == kSettingWords.end()) return std::nullopt;
  return known->first;
}

PersistenceSettings::ClientSetting PersistenceSettings::of(storage::UserId user) const {
  const auto set = settings_.find(user);
  return set == settings_.end() ? ClientSetting::kDefault : set->second;
}

bool PersistenceSettings::set(storage::UserId user, ClientSetting setting) {
  if (of(user) == setting) return false;
  const bool kept = setting != ClientSetting::kDefault;
  if (kept)
    settings_[user] = setting;
  else
    settings_.erase(user);
  states_.put(StateKind::kPersistence, {.user = user,
                                        .network = 0,
                                        .device = 0,
                                        .kind = 0,
                                        .key = {},
                                        .value = kept ? word(setting) : std::string_view{}});
  return true;
}

void Downstream::tell_persistence() {
  send(status_line(*this));
}

void Downstream::persistence_changed() {
  // Not by send(): another client may change it as often as it likes, and this one read nothing.
  if (state_.welcomed && state_.caps.has(irc::Cap::kPersistence)) pass_own(status_line(*this));
}

void handle_persistence(Downstream& client, const irc::Message& m) {
  const std::string_view sub = m.param(0);
  if (irc::same_command(sub, "GET")) return client.tell_persistence();
  if (irc::same_command(sub, "SET")) return set_persistence(client, m.param(1));
  if (sub.empty()) return refuse_persistence(client, "Say PERSISTENCE GET, or SET with ON, OFF or DEFAULT");
  // Others are not answered: the extension has them ignored, so that it can be given more.
}

}  // namespace halley
