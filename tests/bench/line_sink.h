// What receivers find: every line's place in its sequence, and its age.
// Owner: ClientPool owns one Tally; each client owns a SequenceCheck. One thread. Units: nanoseconds.
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/histogram.h"
#include "tests/bench/line_format.h"

namespace bench {

struct Tally {
  Histogram latency;  // from the sender's write to the receiver's read
  Histogram attach;   // from connect to attached, per client
  std::uint64_t delivered = 0;
  std::uint64_t gaps = 0;        // lines missing in their sequence
  std::uint64_t late = 0;        // duplicates or lines out of order
  std::uint64_t first_sent = 0;  // stamp of the first line received
  std::uint64_t first_received = 0;
  std::uint64_t last_received = 0;
  std::uint64_t bytes = 0;   // read from all sockets
  std::string json() const;  // fields only, without braces
};

class SequenceCheck {
 public:
  // Without a first sequence number any start is taken; with one, lines before or a hole after count as
  // faults.
  explicit SequenceCheck(std::int64_t first)
      : expected_(first < 0 ? 0 : static_cast<std::uint64_t>(first)), started_(first >= 0) {}
  void take(const Stamp& stamp, std::uint64_t now, Tally& tally);
  std::uint64_t received() const { return received_; }

 private:
  std::uint64_t expected_;
  bool started_;
  std::uint64_t received_ = 0;
};

}  // namespace bench
