// causal.agency/consumer: each line of the log bears its place, and a client that comes back says how far it
// got. causal.agency/pos is the tag.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

namespace {

// 0: the line bears none.
std::uint64_t place_of_line(std::string_view line) {
  constexpr std::string_view kTag = "causal.agency/pos=";
  const std::size_t at = line.find(kTag);
  std::uint64_t place = 0;
  if (at == std::string_view::npos) return place;
  const char* const begin = line.data() + at + kTag.size();
  REQUIRE(std::from_chars(begin, line.data() + line.size(), place).ec == std::errc{});
  return place;
}

Actor come(Attached& t, std::string_view caps) {
  Actor client = t.scene.connect_client();
  client.say(fmt::format("CAP REQ :server-time {}", caps));
  client.expect(" ACK ");
  for (const char* line : {"PASS ann/net@box:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  client.expect(" 422 ");
  return client;
}

// What was said, of all that the client hears until its ping comes back.
std::vector<std::string> said(Actor& client) {
  std::vector<std::string> lines;
  for (const std::string& line : client.ping()) {
    if (line.contains(" PRIVMSG ")) lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("a consumer that says how far it got hears what came behind, and nothing twice") {
  Attached t;
  std::uint64_t second = 0;
  {
    Actor client = come(t, "causal.agency/consumer");
    std::uint64_t before = 0;
    for (const char* text : {"one", "two", "three"}) {
      t.bob(text);
      const std::uint64_t place = place_of_line(client.expect(text));
      CHECK(place > before);
      before = place;
      if (std::string_view(text) == "two") second = place;
    }
  }
  t.bob("four");
  const bool pages = GENERATE(false, true);
  Actor client =
      come(t, fmt::format("causal.agency/consumer={}{}", second, pages ? " draft/chathistory batch" : ""));
  const auto lines = said(client);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].contains(":three"));
  CHECK(lines[1].contains(":four"));
  CHECK(place_of_line(lines[0]) > second);
  CHECK(place_of_line(lines[1]) > place_of_line(lines[0]));
}

TEST_CASE("one that says nothing goes on where its device was, and one that knows the future waits for it") {
  Attached t;
  t.visit("ann/net@box");
  t.bob("missed");
  SECTION("no position") {
    Actor client = come(t, "causal.agency/consumer");
    const auto lines = said(client);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].contains(":missed"));
  }
  SECTION("a position behind all") {
    Actor client = come(t, "causal.agency/consumer=18446744073709551615");
    CHECK(said(client).empty());
    t.bob("news");
    CHECK(place_of_line(client.expect(":news")) > 0);
  }
}

TEST_CASE("a position goes with its capability") {
  Attached t;
  t.visit("ann/net@box");
  t.bob("missed");
  Actor client = t.scene.connect_client();
  for (const char* line :
       {"CAP REQ :server-time causal.agency/consumer=5", "CAP REQ :-causal.agency/consumer",
        "PASS ann/net@box:secret", "NICK x", "USER x 0 * :x", "CAP END"})
    client.say(line);
  client.expect(" 422 ");
  const auto lines = said(client);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].contains(":missed"));
  CHECK(place_of_line(lines[0]) == 0);
}

TEST_CASE("what is no position is refused, and pages of history bear none") {
  Attached t;
  Actor client = t.scene.connect_client();
  client.say("CAP REQ :causal.agency/consumer=soon");
  client.expect(" NAK ");
  for (const char* line : {"CAP REQ :causal.agency/consumer draft/chathistory batch message-tags server-time",
                           "PASS ann/net@box:secret", "NICK x", "USER x 0 * :x", "CAP END"})
    client.say(line);
  client.expect(" 422 ");
  client.ping();
  t.bob("hello");
  CHECK(place_of_line(client.expect(":hello")) > 0);
  client.say("CHATHISTORY LATEST #c * 10");
  const std::string line = client.expect(":hello");
  CHECK(line.contains("batch="));
  CHECK(place_of_line(line) == 0);
}

TEST_CASE("of a message of several lines the last bears the place") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server =
      register_with(scene, "message-tags server-time batch draft/multiline=max-bytes=4000,max-lines=10");
  const bool takes = GENERATE(true, false);
  Actor client = scene.attach("ann/net", takes ? "causal.agency/consumer server-time batch draft/multiline"
                                               : "causal.agency/consumer server-time");
  client.ping();
  for (const char* line : {":bob!b@h BATCH +x draft/multiline #c", "@batch=x :bob!b@h PRIVMSG #c :first",
                           "@batch=x :bob!b@h PRIVMSG #c :last", "BATCH -x"})
    server.say(line);
  CHECK(place_of_line(client.expect(":first")) == 0);
  CHECK((place_of_line(client.expect(":last")) == 0) == takes);
  if (takes) CHECK(place_of_line(client.expect("BATCH -")) > 0);
}
