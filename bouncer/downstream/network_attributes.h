// A network as soju.im/bouncer-networks describes it: attributes, and which of them changed since they were
// told. Source: https://soju.im/bouncer-networks
//
// Values. Thread: the loop's.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"

namespace halley {

class Network;

using Attributes = std::vector<std::pair<std::string, std::string>>;

// All that it has; what is not set is left out. Never a secret.
Attributes attributes_of(const Network& network);
// "name=libera;state=connected", escaped as tags are.
std::string format_attributes(const Attributes& attributes);

// What one client was told of its user's networks.
class ToldAttributes {
 public:
  // What differs from what was told, which is told now; a value that is gone is empty.
  Attributes changes(const Network& network);
  void forget(NetworkId network) { told_.erase(network); }

 private:
  std::map<NetworkId, Attributes> told_;  // as many as the user has networks
};

}  // namespace halley
