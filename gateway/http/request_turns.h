// Whose turn it is to have a request handled: of all connections together a turn of the loop has about a
// millisecond for them, and one request at least, so that whoever is spoken to otherwise does not wait for
// a thousand of them. Those that wait are served one request each: addresses take turns, and the connections
// of each do, first come, first served.
//
// Thread: the loop's. Owner: the HttpServer. A successor needs nothing of it: a request that was not handled
// is asked again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bouncer/net/loop.h"

namespace halley::gateway {

class HttpConnection;

class RequestTurns {
 public:
  // Milliseconds of a turn of the loop, from its first request on. (Of the clock there are whole ones.)
  static constexpr std::uint64_t kMostRequestMs = 1;

  explicit RequestTurns(net::Loop& loop) : loop_(loop) {}

  // May one more request be handled now? True: it is going to be. False: its connection shall wait().
  bool take();
  // Calls take_turn() in a later turn. `whose`: the address that is served in turn with others. REQUIRES: the
  // connection does not wait already.
  void wait(HttpConnection& connection, const std::string& whose);
  // To be called before connections that are over go.
  void forget_ended();

 private:
  struct Waiting {
    std::string whose;
    std::list<HttpConnection*> connections;  // never empty
  };
  HttpConnection& take_next();
  void serve();
  void arm();

  net::Loop& loop_;
  std::list<Waiting> waiting_;  // the next one first
  std::unordered_map<std::string, std::list<Waiting>::iterator> by_address_;
  std::size_t connections_ = 0;  // that wait
  bool serving_ = false;
  std::vector<std::pair<HttpConnection*, std::string>> behind_;  // that wait again meanwhile
  std::uint64_t turn_ = 0;                                       // of the loop, in which ...
  std::uint64_t began_ms_ = 0;                                   // a first request was handled then
  bool armed_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what was posted checks that we still live
};

}  // namespace halley::gateway
