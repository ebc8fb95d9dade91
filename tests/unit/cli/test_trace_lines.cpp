#include <catch2/catch.hpp>

#include "bouncer/cli/trace_lines.h"

using namespace halley::cli;

namespace {

constexpr TracedLine kSaid{.time_ms = 1'795'363'685'123,
                           .of_network = true,
                           .received = true,
                           .peer = "libera",
                           .line = ":ann!a@host PRIVMSG #halley :hi"};

}  // namespace

TEST_CASE("A traced line reads well: time, connection, direction, line") {
  CHECK(trace_text(to_json(kSaid), false) == "16:08:05.123  libera       -> :ann!a@host PRIVMSG #halley :hi");
  TracedLine sent = kSaid;
  sent.of_network = sent.received = false;
  sent.peer = "ircs 192.0.2.7 @phone";
  CHECK(trace_text(to_json(sent), false) ==
        "16:08:05.123  ircs 192.0.2.7 @phone <- :ann!a@host PRIVMSG #halley :hi");
  CHECK(trace_text(to_json(kSaid), true) ==
        "\x1b[2m16:08:05.123\x1b[0m  \x1b[36mlibera\x1b[0m       -> :ann!a@host PRIVMSG #halley :hi");
}

TEST_CASE("A traced line cannot change the terminal, and says so what it holds") {
  TracedLine hostile = kSaid;
  hostile.line =
      "PRIVMSG #c :\x02"
      "bold\x1b[2J\x7f caf\xc3\xa9 \xc2\x9b"
      "2J";
  hostile.peer = "ev\x1bil";
  CHECK(trace_text(to_json(hostile), false) ==
        "16:08:05.123  ev^[il       -> PRIVMSG #c :^Bbold^[[2J^? caf\xc3\xa9 \\u009b2J");
}

TEST_CASE("A traced line as JSON, and lines that were left out") {
  CHECK(to_json(kSaid) == nlohmann::json{{"time", "2026-11-22T16:08:05.123Z"},
                                         {"side", "network"},
                                         {"peer", "libera"},
                                         {"way", "received"},
                                         {"line", ":ann!a@host PRIVMSG #halley :hi"}});
  CHECK(trace_text({{"lost", 7}}, false) ==
        "-- 7 lines were left out: what reads this is slower than they come");
  CHECK(trace_text(nlohmann::json::object(), false) == "               <- ");
}
