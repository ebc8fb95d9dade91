// Ann's network "net" with capabilities that the test chooses, #c joined: where scenes about own lines begin.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

namespace halley::dialogue {

using Texts = std::vector<std::string>;

struct Talk {
  explicit Talk(std::string_view caps, std::uint64_t seed = 1) : scene(seed), offered(caps) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    connect();
    join();
  }
  void connect() {
    server.emplace(scene.accept_network());
    server->expect("CAP LS 302");
    server->say(":srv CAP * LS :" + offered);
    if (!offered.empty()) {
      const std::string request = server->expect("CAP REQ");
      server->say(":srv CAP * ACK " + request.substr(request.find(':')));
    }
    server->expect("CAP END");
    server->say(":srv 001 ann :Welcome ann!ann@host.test");
    server->say(":srv 005 ann CASEMAPPING=ascii PREFIX=(ov)@+ STATUSMSG=@+ :are supported");
    server->say(":srv 422 ann :No MOTD");
    heard = server->ping();
  }
  // As Scene::join; what came meanwhile is in `heard`.
  void join() {
    server->say(":ann!ann@host.test JOIN #c");
    server->say(":srv 353 ann = #c :@ann bob");
    server->say(":srv 366 ann #c :End of /NAMES list");
    heard = server->ping();
  }
  std::size_t heard_of(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(heard, [&](const std::string& line) { return line.contains(part); }));
  }
  void reconnect() {
    scene.advance(60'000);
    connect();
  }
  // The line as it came to the network.
  std::string takes(std::string_view body) { return server->expect(body); }
  void echo(std::string_view line, std::string_view tags = "msgid=net1;time=2023-11-14T22:13:20.000Z") {
    server->say(fmt::format("@{} :ann!ann@host.test {}", tags, line));
  }
  // A fence of Halley's behind what was said, answered.
  void answer_fence() {
    scene.advance(16'000);
    const std::string fence = server->expect("PING halley-said-");
    server->say(":srv PONG srv " + fence.substr(5));
    server->ping();
  }
  // Rows of the log that hold `part`.
  struct Row {
    std::string line, msgid;
    std::uint8_t kind, flags;
  };
  std::vector<Row> rows(std::string_view part) {
    scene.drain();
    std::optional<storage::Page> page;
    scene.store().read_log({.user = scene.user("ann").id()},
                           [&page](auto result) { page = std::move(result.value()); });
    REQUIRE(scene.turn_until([&page] { return page.has_value(); }));
    std::vector<Row> found;
    for (const auto& event : page->events) {
      if (event.line.find(part) != std::string_view::npos)
        found.push_back({.line = std::string(event.line),
                         .msgid = std::string(event.msgid),
                         .kind = event.kind,
                         .flags = event.flags});
    }
    return found;
  }
  // Said, as people are shown it.
  Texts said(std::string_view part) {
    Texts texts;
    for (const Row& row : rows(part)) {
      if (row.line.find(" PRIVMSG ") != std::string::npos)
        texts.push_back(row.line.substr(row.line.find(" :") + 2));
    }
    return texts;
  }
  Outbox& outbox() { return scene.user("ann").find_network("net")->outbox(); }
  Texts waiting() {
    Texts lines;
    for (const auto& line : outbox().list()) lines.push_back(fmt::format("{} {}", line.state, line.text));
    return lines;
  }
  Scene scene;
  std::string offered;
  std::optional<Actor> server;
  Texts heard;  // by the network, while it welcomed us, or since
};

// What a network has that echoes, with labels and without.
inline constexpr std::string_view kEcho = "echo-message message-tags server-time";
inline constexpr std::string_view kLabels = "echo-message message-tags server-time labeled-response batch";

inline std::string label_of(const std::string& line) {
  const std::size_t at = line.find("label=") + 6;
  return line.substr(at, line.find_first_of("; ", at) - at);
}

inline std::size_t count(const Texts& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(part); }));
}

}  // namespace halley::dialogue
