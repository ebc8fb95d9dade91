#include "bouncer/core/device_visits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "bouncer/accounts/audit.h"
#include "bouncer/core/user.h"

namespace halley {
namespace {

// Of the two records of a device: what it came with has no key.
constexpr std::string_view kLeft = "left";

std::string_view take_part(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('\t'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

std::int64_t take_time(std::string_view& text) {
  const std::string_view part = take_part(text);
  std::int64_t ms = 0;
  std::from_chars(part.data(), part.data() + part.size(), ms);
  return ms;
}

}  // namespace

DeviceVisits::DeviceVisits(DurableState& states, const Accounts& accounts, const net::Clock& clock)
    : StateOwner(states), accounts_(accounts), clock_(clock) {}

bool DeviceVisits::is_kept(const Client& client, const ClientSource& source) const {
  return !source.transport.empty() && accounts_.device(client.device()) != nullptr && states_.has_room();
}

void DeviceVisits::came(const Client& client) {
  const ClientSource source = client.source();
  if (!is_kept(client, source)) return;
  put(client, {},
      fmt::format("{}\t{}\t{}\t{}", now_ms(), Audit::clean(source.address), Audit::clean(source.transport),
                  Audit::clean(std::string_view(source.software).substr(0, kMostSoftwareBytes))));
}

void DeviceVisits::left(const Client& client) {
  if (!is_kept(client, client.source())) return;
  const bool last = std::ranges::none_of(client.user()->clients(), [&client](const Client* other) {
    return other != &client && other->device() == client.device();
  });
  if (last) put(client, kLeft, std::to_string(now_ms()));
}

void DeviceVisits::put(const Client& client, std::string_view key, std::string_view value) {
  const auto minute = clock_.monotonic_ms() / 60'000;
  if (std::exchange(minute_, minute) != minute) records_.clear();
  const storage::UserId user = client.user()->id();
  if (++records_[user] > kMostRecordsAMinute) return;
  states_.put(StateKind::kDeviceVisit,
              {.user = user, .network = 0, .device = client.device(), .kind = 0, .key = key, .value = value});
}

std::map<storage::DeviceId, DeviceVisits::Visit> DeviceVisits::read(
    const std::vector<storage::StateRow>& rows) {
  std::map<storage::DeviceId, Visit> visits;
  for (const storage::StateRow& row : rows) {
    Visit& visit = visits[row.device];
    std::string_view rest = row.value;
    const std::int64_t time_ms = take_time(rest);
    if (row.key == kLeft) {
      visit.left_ms = time_ms;
      continue;
    }
    visit.came_ms = time_ms;
    visit.source.address = take_part(rest);
    visit.source.transport = take_part(rest);
    visit.source.software = rest;
  }
  return visits;
}

}  // namespace halley
