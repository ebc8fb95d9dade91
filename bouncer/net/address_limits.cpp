#include "bouncer/net/address_limits.h"

namespace halley::net {

std::optional<AddressLimits::Slot> AddressLimits::take(const Address& address) {
  Slot slot;
  if (exempt_(address)) return slot;
  const auto at = counts_->try_emplace(address.group_text(), 0).first;
  if (at->second >= limit_()) {
    if (at->second == 0) counts_->erase(at);
    return std::nullopt;
  }
  ++at->second;
  slot.counts_ = counts_;
  slot.at_ = at;
  return slot;
}

AddressLimits::Slot::~Slot() {
  if (counts_ && --at_->second == 0) counts_->erase(at_);
}

}  // namespace halley::net
