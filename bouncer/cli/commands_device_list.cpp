// device list: what is known of each device, from the accounts, the store and the running daemon.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/core/device_positions.h"
#include "bouncer/core/device_visits.h"
#include "bouncer/core/state_kinds.h"

namespace halley::cli {
namespace {

using Visits = std::map<DeviceId, DeviceVisits::Visit>;
using Lags = std::map<DeviceId, storage::Lag>;

struct DeviceFacts {
  bool asked = false;  // the store: else nothing is known of what follows
  Visits visits = {};
  Lags lags = {};  // of those that have a position: over all networks on which they have one
};

std::string_view login_of(const storage::DeviceRow& device) {
  const bool token = !device.token_hash.empty();
  return token && !device.certificate.empty() ? "token, certificate"
         : token                              ? "token"
         : has_key(device)                    ? "certificate"
                                              : "password";
}

std::string source_text(const ClientSource& source) {
  std::string text = source.address;
  if (!source.transport.empty()) text += " " + source.transport;
  if (!source.software.empty()) text += fmt::format(" ({})", source.software);
  return text;
}

std::string lag_text(const storage::Lag& lag) {
  if (lag.events == 0) return lag.more ? "behind, by old lines" : "up to date";
  return fmt::format("{}{} line{} behind", lag.more ? "at least " : "", lag.events,
                     lag.events == 1 ? "" : "s");
}

// "libera/#comet, oftc/bob".
std::string shown_places(const nlohmann::json& hidden) {
  std::string out;
  for (const auto& place : hidden)
    out += fmt::format("{}{}/{}", out.empty() ? "hides " : ", ", place["network"].get<std::string>(),
                       place["target"].get<std::string>());
  return out;
}

nlohmann::json hidden_on(DeviceId device, const std::vector<HiddenPlace>& places) {
  nlohmann::json out = nlohmann::json::array();
  for (const HiddenPlace& place : places) {
    if (place.device == device) out.push_back({{"network", place.network}, {"target", place.target}});
  }
  return out;
}

CommandResult list_devices(const CommandEnvironment& environment, UserId user, const DeviceFacts& facts) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  const Daemon* daemon = environment.daemon;  // it alone knows who is here, and what is hidden
  const auto online = daemon != nullptr ? daemon->devices_online(user) : std::set<DeviceId>();
  const auto places = daemon != nullptr ? daemon->hidden(user) : std::vector<HiddenPlace>();
  for (const auto* device : environment.accounts.devices(user)) {
    const auto at = facts.visits.find(device->id);
    const DeviceVisits::Visit visit = at == facts.visits.end() ? DeviceVisits::Visit{} : at->second;
    const bool here = online.contains(device->id);
    const std::int64_t seen =
        here ? environment.clock.wall_us() / 1000 : std::max({device->seen_ms, visit.came_ms, visit.left_ms});
    const auto lag = facts.lags.find(device->id);
    const bool placed = lag != facts.lags.end();
    nlohmann::json hidden = daemon != nullptr ? hidden_on(device->id, places) : nlohmann::json();
    json.push_back({{"name", device->name},
                    {"token", !device->token_hash.empty()},
                    {"certificate", device->certificate},
                    {"created", format_time(device->created_ms)},
                    {"seen", format_time(seen)},
                    {"online", here},
                    {"address", visit.source.address},
                    {"transport", visit.source.transport},
                    {"software", visit.source.software},
                    {"behind", placed ? nlohmann::json(lag->second.events) : nlohmann::json()},
                    {"behind_more", placed && lag->second.more}});
    rows.push_back({device->name.empty() ? "(without a name)" : device->name, std::string(login_of(*device)),
                    here ? "online" : fmt::format("seen {}", format_time(seen)), source_text(visit.source),
                    placed ? lag_text(lag->second) : "", shown_places(hidden)});
    json.back()["hidden"] = std::move(hidden);
    if (!facts.asked) {
      for (const char* unknown : {"address", "transport", "software", "behind", "behind_more"})
        json.back().erase(unknown);
    }
  }
  return CommandResult::done(rows.empty() ? "no devices yet" : text_table(rows), std::move(json));
}

// Devices with their places in the log, each with the mark that asks how far behind it is.
struct MarkedDevices {
  std::vector<DeviceId> devices;
  storage::LagQuery query;
};

MarkedDevices places_of(UserId user, const std::vector<storage::StateRow>& rows) {
  MarkedDevices places{.devices = {}, .query = {.user = user, .marks = {}}};
  for (const DevicePositions::Position& position : DevicePositions::read(rows)) {
    places.devices.push_back(position.device);
    places.query.marks.push_back({.network = position.network, .at = position.id});
  }
  return places;
}

Lags lags_of(const MarkedDevices& places, const std::vector<storage::Lag>& found) {
  Lags lags;
  for (std::size_t i = 0; i < found.size(); ++i) {
    storage::Lag& sum = lags[places.devices[i]];
    sum.events += found[i].events;
    sum.more = sum.more || found[i].more;
  }
  return lags;
}

// Three questions to the store, one after the other; each answer is added to the facts.
struct Asking : std::enable_shared_from_this<Asking> {
  Asking(const CommandEnvironment& environment_of_runner, UserId about, CommandDone answer)
      : environment(environment_of_runner), user(about), done(std::move(answer)) {}

  void begin() {
    facts.asked = true;
    states(StateKind::kDeviceVisit, [this](const auto& rows) {
      facts.visits = DeviceVisits::read(rows);
      states(StateKind::kDevicePosition, [this](const auto& positions) { ask_lags(positions); });
    });
  }

  template <typename Then>
  void states(StateKind kind, Then then) {
    environment.store.read_states(
        user, static_cast<std::uint16_t>(kind),
        [self = shared_from_this(),
         then](const std::expected<std::vector<storage::StateRow>, std::string>& rows) {
          if (!rows) return self->done(CommandResult::refuse(rows.error()));
          then(*rows);
        });
  }

  void ask_lags(const std::vector<storage::StateRow>& positions) {
    MarkedDevices places = places_of(user, positions);
    storage::LagQuery query = places.query;
    environment.store.read_lags(std::move(query),
                                [self = shared_from_this(), places = std::move(places)](
                                    const std::expected<std::vector<storage::Lag>, std::string>& lags) {
                                  if (!lags) return self->done(CommandResult::refuse(lags.error()));
                                  self->facts.lags = lags_of(places, *lags);
                                  self->done(list_devices(self->environment, self->user, self->facts));
                                });
  }

  const CommandEnvironment& environment;
  const UserId user;
  const CommandDone done;
  DeviceFacts facts;
};

}  // namespace

CommandResult device_list(CommandCall& call) {
  return list_devices(call.environment, call.accounts().find_user(call.user)->id, {});
}

void device_list_all(CommandCall& call, CommandDone done) {
  std::make_shared<Asking>(call.environment, call.accounts().find_user(call.user)->id, std::move(done))
      ->begin();
}

}  // namespace halley::cli
