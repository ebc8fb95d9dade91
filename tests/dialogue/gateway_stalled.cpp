// HTTP: readers that take nothing, over each transport.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "gateway/events/frame.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/web_socket.h"

using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::kUpgrade;
using halley::dialogue::Web;
using halley::gateway::kTransports;
using halley::gateway::Transport;
using nlohmann::json;

namespace {

constexpr int kReaders = 500;

struct Crowd : Attached {
  Crowd() : web(scene), headers(web.login("ann")) {
    scene.config.limits.client_queue = 32'000;
    scene.config.limits.clients_per_user = kReaders + 10;
    scene.config.limits.connections = 2 * kReaders;
  }
  std::size_t queued() { return metric("halley_http_stream_queue_bytes"); }
  std::size_t metric(std::string_view name) {
    const std::string metrics = web.metrics(), begin = fmt::format("\n{} ", name);
    const std::size_t at = metrics.find(begin);
    REQUIRE(at != std::string::npos);
    return std::stoul(metrics.substr(at + begin.size()));
  }
  Web web;
  std::string headers;
};

}  // namespace

TEST_CASE("web: five hundred readers that take nothing cost as many cursors, and nobody else a line") {
  Crowd t;
  const Transport transport = GENERATE(Transport::kNdjson, Transport::kSse, Transport::kIframe,
                                       Transport::kPoll, Transport::kWebSocket);
  const auto& row = halley::gateway::row_of(transport);
  INFO(row.name);
  const std::string cursor = t.web.get("/api/me", t.headers).json()["head"].get<std::string>();
  const bool socket = transport == Transport::kWebSocket;
  const std::string target =
      fmt::format("/api/events?after={}{}", cursor, socket ? "" : fmt::format("&transport={}", row.name));
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 4000;  // room for the head and what opens a stream
  std::vector<Browser> unread;
  for (int i = 0; i < kReaders; ++i) {
    unread.push_back(t.web.connect(narrow));
    unread.back().send(Web::format("GET", target, t.headers + (socket ? std::string(kUpgrade) : "")));
    unread.back().peer().pause();
  }
  Browser live = t.web.stream("/api/events?after=" + cursor, t.headers);
  std::vector<json> heard = live.until("\"ready\"");
  CHECK(t.metric("halley_http_connections") > kReaders);
  const std::string padding(200, '.');
  for (int i = 0; i < 300; ++i) t.bob(fmt::format("line {} {}", i, padding));
  // The network waits for them, for a tenth of a second; then they are behind, and nobody waits.
  for (int i = 0; i < 5; ++i) t.scene.advance(100);
  t.server->ping();
  for (json& frame : live.until("line 299 ")) heard.push_back(std::move(frame));
  std::size_t lines = 0;
  for (const json& frame : heard)
    lines += frame.value("line", "").find(" PRIVMSG ") != std::string::npos ? 1 : 0;
  CHECK(lines == 300);
  // Each of them would have 75 KB and more waiting; what is kept is what was on its way.
  t.scene.drain();
  const std::size_t once = t.queued();
  CHECK(once < std::size_t{kReaders} * 2'000);
  for (int i = 300; i < 400; ++i) t.bob(fmt::format("line {} {}", i, padding));
  t.server->ping();
  live.until("line 399 ");
  CHECK(t.queued() <= once);
}
