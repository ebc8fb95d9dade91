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

void append_gauges(std::string& out, std::string_view name, std::string_view help, std::string_view label,
                   std::span<const LabelledValue> values) {
  append_help(out, name, "gauge", help);
  for (const LabelledValue& one : values)
    fmt::format_to(std::back_inserter(out), "{}{{{}=\"{}\"}} {}\n", name, label, one.label, one.value);
}

void Metrics::write_health(std::string& out, std::uint64_t now_ms) const {
  fmt::format_to(std::back_inserter(out), "loop_late_ms: {}\n", lag_.most_ms(now_ms));
  for (const Collector& collect : health_collectors_) collect(out);
}

void Metrics::write(std::string& out, const Now& now) const {
  append_metric(out, "halley_loop_late_milliseconds", "gauge",
                "How late the loop came to what was due, at most, within the last minute.",
                lag_.most_ms(now.ms));
  append_metric(out, "halley_http_connections", "gauge", "HTTP connections that are open.", now.connections);
  append_metric(out, "halley_http_connections_total", "counter", "HTTP connections that were accepted.",
                connections_);
  append_metric(out, "halley_http_connections_refused_total", "counter",
                "HTTP connections beyond limits.connections.", turned_away_);
  append_help(out, "halley_http_responses_total", "counter", "Answers by class of status.");
  for (std::size_t group = 2; group < answers_.size(); ++group)
    fmt::format_to(std::back_inserter(out), "halley_http_responses_total{{status=\"{}xx\"}} {}\n", group,
                   answers_[group]);
  std::array<LabelledValue, kTransportCount> streams;
  for (std::size_t i = 0; i < streams.size(); ++i) streams[i].label = kTransports[i].name;
  std::uint64_t queued = 0;
  for (const FrameClient* stream : now.hub.streams()) {
    ++streams[static_cast<std::size_t>(stream->transport())].value;
    queued += stream->queued();
  }
  append_gauges(out, "halley_http_streams", "Event streams that are open.", "transport", streams);
  append_metric(out, "halley_http_stream_queue_bytes", "gauge", "Bytes that streams have yet to take.",
                queued);
  for (const Collector& writer : collectors_) writer(out);
}

}  // namespace halley::gateway
