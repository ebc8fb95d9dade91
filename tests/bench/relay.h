// The floor for every path through a bouncer: one epoll loop that forwards whole reads between upstream
// connections and clients, and parses nothing. Clients are dealt out among the upstreams in turn, and greeted
// with fixed bytes. Owner: main; one thread. Bound: while any client's socket is full, its upstream is not
// read.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/control.h"

namespace bench {

struct RelayOptions {
  std::uint16_t network_port = 0;
  std::size_t users = 1;           // upstream connections
  std::size_t channels = 1;        // joined upstream: #c0, #c1, ...
  std::size_t greeting_bytes = 0;  // padding of the greeting, to stand for NAMES of that size
};

class Relay {
 public:
  explicit Relay(const RelayOptions& options);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  void run();  // until the end of standard input

 private:
  struct Client {
    int upstream;
    std::string pending;
  };
  struct Upstream {
    std::vector<int> clients;
    std::size_t full = 0;  // of them, those with pending bytes
  };
  void connect_upstream(std::size_t number);
  void on_ready(int descriptor, std::uint32_t events);
  void from_upstream(int descriptor, Upstream& upstream);
  void from_client(int descriptor, const Client& client);
  void give(int descriptor, Client& client, const char* bytes, std::size_t length);
  void drain(int descriptor, Client& client);
  void accept_all();
  void drop(int descriptor);
  void no_longer_full(int upstream);
  void watch(int descriptor, std::uint32_t events, bool fresh) const;

  Control control_;
  const int epoll_;
  int listener_ = -1;
  const RelayOptions options_;
  std::string greeting_;
  std::vector<int> order_;  // upstreams, as they were connected
  std::unordered_map<int, Upstream> upstreams_;
  std::unordered_map<int, Client> clients_;
  std::size_t accepted_ = 0;
  std::vector<int> dead_;
  bool stopping_ = false;
  std::vector<char> buffer_;
};

}  // namespace bench
