#include "tests/bench/line_sink.h"

#include <cstdio>

namespace bench {

void SequenceCheck::take(const Stamp& stamp, std::uint64_t now, Tally& tally) {
  if (!started_) {
    expected_ = stamp.sequence;
    started_ = true;
  }
  if (stamp.sequence < expected_) {
    ++tally.late;
  } else {
    tally.gaps += stamp.sequence - expected_;
    expected_ = stamp.sequence + 1;
  }
  ++received_;
  if (tally.delivered++ == 0) {
    tally.first_sent = stamp.sent_ns;
    tally.first_received = now;
  }
  tally.last_received = now;
  tally.latency.record(now > stamp.sent_ns ? now - stamp.sent_ns : 0);
}

std::string Tally::json() const {
  const auto seconds = [](std::uint64_t from, std::uint64_t to) {
    return to > from ? static_cast<double>(to - from) / 1e9 : 0.0;
  };
  const double span = seconds(first_sent, last_received);
  char text[320];
  std::snprintf(text, sizeof text,
                "\"delivered\":%llu,\"gaps\":%llu,\"late\":%llu,\"bytes\":%llu,\"seconds\":%.6f,"
                "\"receiving_seconds\":%.6f,\"per_second\":%.0f,\"latency\":",
                static_cast<unsigned long long>(delivered), static_cast<unsigned long long>(gaps),
                static_cast<unsigned long long>(late), static_cast<unsigned long long>(bytes), span,
                seconds(first_received, last_received),
                span > 0 ? static_cast<double>(delivered) / span : 0.0);
  return text + latency.json() + ",\"attach\":" + attach.json();
}

}  // namespace bench
