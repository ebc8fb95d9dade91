#include "bouncer/config/reload.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/config/config_keys.h"

namespace halley {

std::vector<std::string> take_over(Config& running, const Config& fresh) {
  // What was opened, named or handed out with these at the start stays as it is.
  static constexpr std::string_view kAtStart[] = {
      "hostname",   "data_dir",           "listen",         "cert",          "key",
      "durability", "memory_per_network", "connect_pacing", "reconnect_min", "reconnect_max"};
  Config next = fresh;
  next.hostname = running.hostname;
  next.data_dir = running.data_dir;
  next.listen = running.listen;
  next.tls = running.tls;
  next.history.power_durability = running.history.power_durability;
  next.limits.memory_per_network = running.limits.memory_per_network;
  next.upstream.connect_pacing = running.upstream.connect_pacing;
  next.upstream.reconnect_min = running.upstream.reconnect_min;
  next.upstream.reconnect_max = running.upstream.reconnect_max;
  std::vector<std::string> waiting;
  for (const cli::ConfigKey& key : cli::config_keys()) {
    if (std::ranges::find(kAtStart, key.name) == std::end(kAtStart) || key.show(running) == key.show(fresh))
      continue;
    waiting.push_back(key.section.empty() ? std::string(key.name)
                                          : fmt::format("{}.{}", key.section, key.name));
  }
  running = std::move(next);
  return waiting;
}

}  // namespace halley
