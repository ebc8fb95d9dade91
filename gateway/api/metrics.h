// What the gateway counts about itself, and its text for Prometheus (text exposition format 0.0.4).
//
// Owner: the HttpServer. Thread: the loop's. Figures are a process's: a successor begins with none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

  void write(std::string& out, const StreamHub& hub, std::size_t open_connections) const;

 private:
  std::uint64_t connections_ = 0, turned_away_ = 0;
  std::array<std::uint64_t, 6> answers_{};  // by the first digit of the status
  std::vector<Collector> collectors_;
};

// One figure with its help and type; for writers too.
void append_metric(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                   std::uint64_t value);

}  // namespace halley::gateway
