// Long replays beside people who listen: whose turn it is.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

constexpr int kMissed = 3000;
constexpr std::size_t kPiece = 16 * 1024, kLine = 512;

// Ann's late device has missed half a megabyte, which is in the database alone; another device listens, and
// has just been spoken to.
struct LongAway {
  LongAway() {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    online();
    Actor(scene.attach("ann/net@late")).ping();
    const std::string padding(150, '.');
    for (int i = 0; i < kMissed; ++i) bob(fmt::format("missed {} {}", i, padding));
    server->ping();
    scene.restart();
    online();
    listener.emplace(scene.attach("ann/net@here"));
    for (const char* word : {"hello", "live"}) {  // the first may still be a replay's end
      bob(word);
      listener->expect(word);
    }
  }
  void online() {
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
  }
  void bob(std::string_view text) { server->say(fmt::format(":bob!b@h PRIVMSG #c :{}", text)); }
  // All that is written to it arrives in the same turn.
  Actor connect(std::string_view device) {
    halley::fakes::PipeOptions wide;
    wide.split_reads = false;
    wide.capacity = wide.max_chunk = 4 << 20;
    Actor client = scene.connect_client(wide);
    client.say(fmt::format("PASS ann/net@{}:secret", device));
    for (const char* line : {"NICK x", "USER x 0 * :x"}) client.say(line);
    return client;
  }
  // Up to the first piece of its replay.
  Actor come_back() {
    Actor late = connect("late");
    REQUIRE(scene.turn_until([&] { return late.peer().received().find("missed 0 ") != std::string::npos; }));
    return late;
  }

  Scene scene;
  std::optional<Actor> server, listener;
};

}  // namespace

TEST_CASE("while people are spoken to, a long replay goes on piece by piece") {
  LongAway t;
  Actor late = t.come_back();
  const std::string& got = late.peer().received();
  t.scene.loop.run_turns();
  const std::size_t first = got.size();
  CHECK(first < 2 * kPiece);  // the welcome, and one piece
  t.bob("meanwhile");
  t.listener->expect("meanwhile");
  CHECK(got.size() == first);
  int pieces = 0;
  for (std::size_t before = first; got.find("meanwhile") == std::string::npos; before = got.size()) {
    t.scene.advance(4);
    // The next page may still be on its way from the reader's thread.
    REQUIRE(t.scene.turn_until([&] { return got.size() > before; }));
    REQUIRE(got.size() - before <= kPiece + kLine);
    ++pieces;
  }
  CHECK(pieces > kMissed * 150 / static_cast<int>(kPiece + kLine));
  std::size_t at = 0;
  for (int i = 0; i < kMissed; ++i) {
    at = got.find(" PRIVMSG #c ", at + 1);
    REQUIRE(at != std::string::npos);
    REQUIRE(got.find(fmt::format("missed {} ", i), at) < got.find('\n', at));
  }
  for (const char* last : {"hello", "live", "meanwhile"}) {
    at = got.find(" PRIVMSG #c ", at + 1);
    REQUIRE(got.find(last, at) < got.find('\n', at));
  }
  CHECK(got.find(" PRIVMSG #c ", at + 1) == std::string::npos);
}

TEST_CASE("a second after the last word, a replay goes on at full speed") {
  LongAway t;
  Actor late = t.come_back();
  t.scene.advance(1100);  // ids are a little ahead of a clock that stands still
  late.expect("live");    // and the clock stands still
}

TEST_CASE("what the ring has does not wait for a long replay from the database") {
  LongAway t;
  Actor(t.scene.attach("ann/net@brief")).ping();
  for (int i = 0; i < 400; ++i) t.bob(fmt::format("newer {} {}", i, std::string(150, '.')));
  t.listener->expect("newer 399 ");
  t.scene.clock.advance_ms(1100);  // all is quiet: its pages are large
  const auto turn = [&] {
    if (!t.scene.loop.run_turn()) REQUIRE(t.scene.loop.wait_posted());
  };
  Actor late = t.connect("late");
  while (late.peer().received().find("missed 0 ") == std::string::npos) turn();
  t.bob("and now it waits");
  t.listener->expect("and now it waits");
  Actor brief = t.connect("brief");
  while (brief.peer().received().find("newer 0 ") == std::string::npos) turn();
  const std::size_t of_late = late.peer().received().size();
  t.scene.clock.advance_ms(1100);  // all is quiet, and the other could go on in each turn
  while (brief.peer().received().find("newer 399 ") == std::string::npos) turn();
  CHECK(late.peer().received().size() - of_late <
        5 * (2 * kPiece + kLine));  // it had more than eight of them at hand
  late.expect("newer 399 ");
}

TEST_CASE("a client that leaves before its turn is forgotten") {
  LongAway t;
  t.come_back().vanish();
  t.scene.advance(10);
  t.bob("still there?");
  t.listener->expect("still there?");
  Actor again = t.scene.attach("ann/net@late");
  t.scene.advance(1100);
  again.expect("still there?");
}
