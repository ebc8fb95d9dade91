// The floor for every path through a bouncer: one epoll loop that forwards whole reads between one upstream
// connection and k clients, and parses nothing. A client is greeted with fixed bytes.
// Owner: main; one thread. Bound: while any client's socket is full, the upstream is not read.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/control.h"

namespace bench {

struct RelayOptions {
  std::uint16_t network_port = 0;
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
    std::string pending;
  };
  void on_ready(int descriptor, std::uint32_t events);
  void from_upstream();
  void from_client(int descriptor);
  void give(int descriptor, Client& client, const char* bytes, std::size_t length);
  void drain(int descriptor, Client& client);
  void accept_all();
  void drop(int descriptor);
  void watch(int descriptor, std::uint32_t events, bool fresh) const;

  Control control_;
  const int epoll_;
  int listener_ = -1;
  int upstream_ = -1;
  std::string greeting_;
  std::unordered_map<int, Client> clients_;
  std::vector<int> dead_;
  std::size_t full_ = 0;  // clients with pending bytes
  bool stopping_ = false;
  std::vector<char> buffer_;
};

}  // namespace bench
