#include "gateway/api/metrics.h"

#include <fmt/format.h>

#include <iterator>

#include "gateway/events/frame_client.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {
namespace {

void append_help(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

void append_metric(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                   std::uint64_t value) {
  append_help(out, name, type, help);
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

void Metrics::answered(int status) {
  const auto group = static_cast<std::size_t>(status / 100);
  if (group < answers_.size()) ++answers_[group];
}

void Metrics::write(std::string& out, const StreamHub& hub, std::size_t open_connections) const {
  append_metric(out, "halley_http_connections", "gauge", "HTTP connections that are open.", open_connections);
  append_metric(out, "halley_http_connections_total", "counter", "HTTP connections that were accepted.",
                connections_);
  append_metric(out, "halley_http_connections_refused_total", "counter",
                "HTTP connections beyond limits.connections.", turned_away_);
  append_help(out, "halley_http_responses_total", "counter", "Answers by class of status.");
  for (std::size_t group = 2; group < answers_.size(); ++group)
    fmt::format_to(std::back_inserter(out), "halley_http_responses_total{{status=\"{}xx\"}} {}\n", group,
                   answers_[group]);
  std::array<std::uint64_t, kTransportCount> streams{};
  std::uint64_t queued = 0;
  for (const FrameClient* stream : hub.streams()) {
    ++streams[static_cast<std::size_t>(stream->transport())];
    queued += stream->queued();
  }
  append_help(out, "halley_http_streams", "gauge", "Event streams that are open.");
  for (std::size_t i = 0; i < streams.size(); ++i)
    fmt::format_to(std::back_inserter(out), "halley_http_streams{{transport=\"{}\"}} {}\n",
                   kTransports[i].name, streams[i]);
  append_metric(out, "halley_http_stream_queue_bytes", "gauge", "Bytes that streams have yet to take.",
                queued);
  for (const Collector& writer : collectors_) writer(out);
}

}  // namespace halley::gateway
