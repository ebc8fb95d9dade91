// Connecting to whichever of several addresses answers first (RFC 8305, "Happy Eyeballs").
//
// Thread: the loop's. Owner: a dial of the UvDialer. Nothing to hand over: it is begun anew.
#pragma once

#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/net/address.h"
#include "bouncer/net/uv_loop.h"

namespace halley::net {

// RFC 8305 section 4: the families take turns, beginning with that of the first, each in the order it has; so
// a family that leads nowhere on this machine costs one attempt's delay. Sixteen of them, and no more: who
// answers for a name decides how many it has.
inline constexpr std::size_t kMaxAddresses = 16;
std::vector<Address> take_turns(const std::vector<Address>& addresses);

// Each attempt has `delay_ms` to itself, then the next one starts beside it, and at once when one fails. The
// first connection there is wins, and the others are closed. No time limit here. Destroying it cancels
// all silently. REQUIRES: the loop outlives it.
class UvConnect {
 public:
  struct Connected {
    int descriptor;  // the callee's from then on
    Address address;
  };
  // Once, perhaps from inside start(); it may destroy this. The error lists what each address said:
  // "connection refused (192.0.2.1), no route to the host (2001:db8::1)".
  using Done = std::function<void(std::expected<Connected, std::string>)>;
  static constexpr std::uint64_t kDelayMs = 250;

  // Of each attempt that was begun: its two ends. To be set before start(); null: nobody is told.
  std::function<void(const Address& local, const Address& remote)> on_attempt;

  // `bound`: the local address to connect from; an invalid one: any.
  UvConnect(UvLoop& loop, std::vector<Address> addresses, const Address& bound, Done done,
            std::uint64_t delay_ms = kDelayMs);
  ~UvConnect();
  void start() { start_next(); }  // REQUIRES: called once

 private:
  struct Block;
  struct Attempt {
    Address address;
    int descriptor = -1;
    Block* block = nullptr;  // polls the descriptor; freed by libuv's closing
  };
  using Attempts = std::list<Attempt>;

  void start_next();
  int begin(const Address& address);
  void poll(Attempts::iterator at);
  void on_ready(Attempts::iterator at);
  void note_failure(const Address& address, int error);
  static void stop_polling(Attempt& attempt);
  void close(Attempts::iterator at);
  void finish(std::expected<Connected, std::string> result);

  UvLoop& loop_;
  std::vector<Address> addresses_;
  Address bound_;
  Done done_;
  std::uint64_t delay_ms_;
  std::size_t next_ = 0;
  Attempts attempts_;
  std::unique_ptr<Timer> delay_;
  std::string failures_;
};

}  // namespace halley::net
