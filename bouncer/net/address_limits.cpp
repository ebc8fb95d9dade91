#include "bouncer/net/address_limits.h"

#include <utility>

namespace halley::net {

std::optional<AddressLimits::Slot> AddressLimits::take_unnamed() {
  if (state_->open >= most_()) return std::nullopt;
  Slot slot;
  slot.state_ = state_;
  slot.open_ = true;
  ++state_->open;
  return slot;
}

std::optional<AddressLimits::Slot> AddressLimits::take(const Address& address) {
  auto slot = take_unnamed();
  if (!slot || exempt_(address)) return slot;
  auto named = take_of(address.group_text());
  if (!named) return std::nullopt;
  slot->at_ = std::exchange(named->at_, std::nullopt);
  return slot;
}

std::optional<AddressLimits::Slot> AddressLimits::take_named(const std::string& address) {
  const Address numeric = Address::numeric(address, 0);
  return take_of(numeric.valid() ? numeric.group_text() : address);
}

std::optional<AddressLimits::Slot> AddressLimits::take_of(const std::string& group) {
  Slot slot;
  const auto at = state_->counts.try_emplace(group, 0).first;
  if (at->second >= limit_()) {
    if (at->second == 0) state_->counts.erase(at);
    return std::nullopt;
  }
  ++at->second;
  slot.state_ = state_;
  slot.at_ = at;
  return slot;
}

AddressLimits::Slot::~Slot() {
  if (!state_) return;
  if (open_) --state_->open;
  if (at_ && --(*at_)->second == 0) state_->counts.erase(*at_);
}

}  // namespace halley::net
