#include "bouncer/net/address_limits.h"

namespace halley::net {

std::optional<AddressLimits::Slot> AddressLimits::take(const Address& address) {
  if (exempt_(address)) return Slot();
  return take_of(address.group_text());
}

std::optional<AddressLimits::Slot> AddressLimits::take_named(const std::string& address) {
  const Address numeric = Address::numeric(address, 0);
  return take_of(numeric.valid() ? numeric.group_text() : address);
}

std::optional<AddressLimits::Slot> AddressLimits::take_of(const std::string& group) {
  Slot slot;
  const auto at = counts_->try_emplace(group, 0).first;
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
