// The fake IRC network: accepts bouncers, and speaks on the driver's command.
// Owner: main; one thread. Commands on standard input, answers as JSON lines (README.md of this folder lists
// them).
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tests/bench/control.h"
#include "tests/bench/network_connection.h"
#include "tests/bench/timer.h"

namespace bench {

class FakeNetwork {
 public:
  FakeNetwork(NetworkOptions options, std::uint16_t port);
  ~FakeNetwork();
  FakeNetwork(const FakeNetwork&) = delete;
  FakeNetwork& operator=(const FakeNetwork&) = delete;
  void run();  // until `quit` or the end of standard input

 private:
  void command(const Words& words);
  void start_rate(const Words& words);
  void start_flood(const Words& words);
  void accept_all();
  void on_ready(int descriptor, std::uint32_t events);
  void pace();
  void finish_flood();
  void report() const;
  void watch(int descriptor, std::uint32_t events, bool fresh) const;
  void drop(int descriptor);
  std::vector<NetworkConnection*> speakers() const;

  const NetworkOptions options_;
  const LineWriter writer_;
  NetworkTotals totals_;
  Control control_;
  Timer timer_;
  const int epoll_;
  int listener_;
  bool stopping_ = false;
  std::unordered_map<int, std::unique_ptr<NetworkConnection>> connections_;

  // The emission in progress.
  std::vector<NetworkConnection*> paced_;
  bool spread_ = false;
  std::uint64_t started_ns_ = 0;
  std::uint64_t period_ns_ = 0;
  std::uint64_t due_ = 0;
  std::uint64_t spoken_ = 0;
  std::uint64_t flooded_ = 0;  // lines of the flood in progress; 0: none
  std::uint64_t pongs_wanted_ = 0;
};

}  // namespace bench
