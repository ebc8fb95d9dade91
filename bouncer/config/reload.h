// Which settings of a configuration that was read again take effect without a restart, and taking those over.
// No I/O. Thread: that of the running configuration's readers, the loop's.
#pragma once

#include <string>
#include <vector>

#include "bouncer/config/config.h"

namespace halley {

// Takes over into `running` what may change while it runs. Returns the keys that differ but need a restart.
std::vector<std::string> take_over(Config& running, const Config& fresh);

}  // namespace halley
