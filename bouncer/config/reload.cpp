#include "bouncer/config/reload.h"

#include "bouncer/config/config_keys.h"

namespace halley {

std::vector<std::string> take_over(Config& running, const Config& fresh) {
  std::vector<std::string> waiting;
  for (const ConfigKey& key : config_keys()) {
    if (key.mutability == ConfigKey::Mutability::kLive) {
      key.copy(running, fresh);
    } else if (key.show(running) != key.show(fresh)) {
      waiting.push_back(full_name(key));
    }
  }
  return waiting;
}

}  // namespace halley
