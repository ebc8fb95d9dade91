// How many connections each address has, so that none takes all there are: an IPv4 address, or a /64 of IPv6,
// which one host usually has to itself. One count for all ports, IRC or HTTP, whoever lets the connection in:
// an acceptor, or the HTTP server what a trusted proxy says.
//
// Thread: the loop's. Slots may outlive it. Memory: a node of a tree for each address that has a connection.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bouncer/net/address.h"

namespace halley::net {

class AddressLimits {
 public:
  // `limit` is asked at each take(), so that a reload takes effect. `exempt`: addresses behind which many
  // people are (this machine, a proxy), which are not counted.
  AddressLimits(std::function<std::size_t()> limit, std::function<bool(const Address&)> exempt)
      : limit_(std::move(limit)), exempt_(std::move(exempt)) {}

 private:
  using Counts = std::map<std::string, std::size_t>;  // by Address::group_text(); none is 0

 public:
  // One connection's place, kept as long as its descriptor is open. An empty one stands for nothing.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept { swap(other); }
    Slot& operator=(Slot&& other) noexcept {
      swap(other);
      return *this;
    }
    ~Slot();

   private:
    friend class AddressLimits;
    void swap(Slot& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(at_, other.at_);
    }
    std::shared_ptr<Counts> counts_;  // null: empty
    Counts::iterator at_;
  };

  // nullopt: the address has as many as it may.
  std::optional<Slot> take(const Address& address);
  // For an address by a proxy's word, from which nobody is exempt; what is no address stands for itself.
  std::optional<Slot> take_named(const std::string& address);
  std::size_t addresses() const { return counts_->size(); }

 private:
  std::optional<Slot> take_of(const std::string& group);

  std::function<std::size_t()> limit_;
  std::function<bool(const Address&)> exempt_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace halley::net
