// How many connections there are, over all ports and protocols, and how many each address has, so that none
// takes all there are: an IPv4 address, or a /64 of IPv6, which one host usually has to itself. One count for
// all, whoever lets the connection in: an acceptor, or the HTTP server what a trusted proxy says.
//
// Thread: the loop's. Slots may outlive it. Memory: a node of a tree for each address that has a connection.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bouncer/net/address.h"

namespace halley::net {

class AddressLimits {
 public:
  using Limit = std::function<std::size_t()>;
  // `limit` (of an address) and `most` (in all) are asked at each take(), so that a reload takes effect.
  // `exempt`: addresses behind which many people are (this machine, a proxy), which count in all alone.
  AddressLimits(
      Limit limit, std::function<bool(const Address&)> exempt,
      Limit most = [] { return std::numeric_limits<std::size_t>::max(); })
      : limit_(std::move(limit)), exempt_(std::move(exempt)), most_(std::move(most)) {}

 private:
  using Counts = std::map<std::string, std::size_t>;  // by Address::group_text(); none is 0
  struct State {
    Counts counts;
    std::size_t open = 0;  // connections in all
  };

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
      std::swap(state_, other.state_);
      std::swap(at_, other.at_);
      std::swap(open_, other.open_);
    }
    std::shared_ptr<State> state_;        // null: empty
    std::optional<Counts::iterator> at_;  // of its address
    bool open_ = false;                   // it counts in all
  };

  // nullopt: the address has as many as it may, or all together have.
  std::optional<Slot> take(const Address& address);
  // For a connection without an address: of a Unix socket.
  std::optional<Slot> take_unnamed();
  // For an address by a proxy's word, from which nobody is exempt; what is no address stands for itself. The
  // proxy's own connection counts in all.
  std::optional<Slot> take_named(const std::string& address);
  std::size_t addresses() const { return state_->counts.size(); }
  std::size_t open() const { return state_->open; }

 private:
  std::optional<Slot> take_of(const std::string& group);

  Limit limit_;
  std::function<bool(const Address&)> exempt_;
  Limit most_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace halley::net
