// What the gateway counts about itself, and its text for Prometheus (text exposition format 0.0.4).
//
// Owner: the HttpServer. Thread: the loop's. Figures are a process's: a successor begins with none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/loop_lag.h"

namespace halley::gateway {

class StreamHub;

class Metrics {
 public:
  void connected() { ++connections_; }
  void turned_away() { ++turned_away_; }
  void answered(int status);
  // Further figures, written behind ours: of the bouncer and the store, by the composition root.
  using Collector = std::function<void(std::string& out)>;
  void add(Collector writer) { collectors_.push_back(std::move(writer)); }
  // ... and of what /healthz says of them: lines of "name: value".
  void add_health(Collector writer) { health_collectors_.push_back(std::move(writer)); }
  // The loop came so late to what was due.
  void ran_late(std::uint64_t now_ms, std::uint64_t late_ms) { lag_.ran(now_ms, late_ms); }

  struct Now {
    const StreamHub& hub;
    std::size_t connections;  // that are open
    std::uint64_t ms;
  };
  void write(std::string& out, const Now& now) const;
  void write_health(std::string& out, std::uint64_t now_ms) const;

 private:
  std::uint64_t connections_ = 0, turned_away_ = 0;
  std::array<std::uint64_t, 6> answers_{};  // by the first digit of the status
  LoopLag lag_;
  std::vector<Collector> collectors_, health_collectors_;
};

// One figure with its help and type; for writers too.
void append_metric(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                   std::uint64_t value);
// A gauge with a label.
struct LabelledValue {
  std::string_view label;
  std::uint64_t value = 0;
};
void append_gauges(std::string& out, std::string_view name, std::string_view help, std::string_view label,
                   std::span<const LabelledValue> values);

}  // namespace halley::gateway
