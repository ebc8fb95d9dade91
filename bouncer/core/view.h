// Which of a user's networks a client is shown: one (an ordinary client that is bound to it), several, all (a
// browser), or none.
//
// A plain value: networks are named by id, and one that has been removed is simply never asked about.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"

namespace halley {

class View {
 public:
  static View none() { return {Kind::kNone, 0}; }
  static View one(NetworkId network) { return {Kind::kOne, network}; }
  static View all() { return {Kind::kAll, 0}; }
  static View several(std::vector<NetworkId> networks) {
    View view{Kind::kSeveral, 0};
    view.several_ = std::move(networks);
    return view;
  }

  bool shows(NetworkId network) const {
    if (kind_ == Kind::kOne) return one_ == network;
    return kind_ == Kind::kAll || (kind_ == Kind::kSeveral && shows_among(network));
  }
  // The network that it is bound to: what it shows is that one alone. 0: it is not bound.
  NetworkId bound() const { return one_; }
  bool empty() const { return kind_ == Kind::kNone || (kind_ == Kind::kSeveral && several_.empty()); }

  bool operator==(const View&) const = default;

 private:
  bool shows_among(NetworkId network) const {
    return std::find(several_.begin(), several_.end(), network) != several_.end();
  }
  enum class Kind : std::uint8_t { kNone, kOne, kSeveral, kAll };
  View(Kind kind, NetworkId one) : one_(one), kind_(kind) {}

  std::vector<NetworkId> several_;
  NetworkId one_;  // 0 unless kOne
  Kind kind_;
};

}  // namespace halley
