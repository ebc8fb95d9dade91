// One bouncer's connection to the fake network: registers it, lets it join, answers it, and speaks at it.
// Owner: FakeNetwork; one thread. The output queue is bounded by the caller: flood() refills it only when
// empty, paced lines stop when overloaded() says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/control.h"
#include "tests/bench/histogram.h"
#include "tests/bench/line_format.h"

namespace bench {

struct NetworkOptions {
  std::string caps;          // capabilities offered, space separated; empty: none
  std::size_t members = 50;  // others in each channel
  std::size_t pool = 10000;  // nicknames that all channels draw their members from
  bool tags = false;         // stamp lines with @time
};

struct NetworkTotals {
  std::uint64_t registered = 0;
  std::uint64_t joined = 0;    // channels, over all connections
  std::uint64_t received = 0;  // PRIVMSG from bouncers
  std::uint64_t gaps = 0;      // lines missing in their sequence
  std::uint64_t late = 0;      // duplicates or lines out of order
  std::uint64_t pongs = 0;     // answers to our own PING
  Histogram latency;           // client to network
};

class NetworkConnection {
 public:
  NetworkConnection(int descriptor, const NetworkOptions& options, const LineWriter& writer,
                    NetworkTotals& totals);
  ~NetworkConnection();
  NetworkConnection(const NetworkConnection&) = delete;
  NetworkConnection& operator=(const NetworkConnection&) = delete;

  int descriptor() const { return descriptor_; }
  bool joined() const { return !channels_.empty(); }
  // Reads once and answers. False when the peer is gone.
  bool read();
  // Writes what is queued (and the next part of a flood). False when the peer is gone.
  bool write();
  bool wants_write() const { return !out_.empty() || flood_left_ > 0; }
  bool flooding() const { return wants_write(); }
  bool overloaded() const { return out_.size() - out_at_ > (std::size_t{64} << 20); }

  // One line now, stamped now, to the next channel in turn (or always the first).
  bool speak(bool spread);
  void flood(std::uint64_t lines, bool spread, bool ping_after);
  void queue(std::string_view line);

 private:
  void command(std::string_view line);
  void cap(const Words& words);
  void join(std::string_view channels);
  void names(const std::string& channel, std::size_t number);
  void said(std::string_view line);
  void welcome_when_ready();
  void append_line(std::uint64_t sent_ns, bool spread);
  void fill();

  const int descriptor_;
  const NetworkOptions& options_;
  const LineWriter& writer_;
  NetworkTotals& totals_;
  std::string in_;
  std::string out_;
  std::size_t out_at_ = 0;
  std::string nick_;
  bool user_seen_ = false;
  bool negotiating_ = false;
  bool welcomed_ = false;
  std::vector<std::string> channels_;
  std::size_t turn_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t expected_ = 0;
  std::uint64_t flood_left_ = 0;
  bool flood_spread_ = false;
  bool ping_after_ = false;
};

}  // namespace bench
