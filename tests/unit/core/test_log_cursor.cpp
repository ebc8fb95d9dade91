// Cursors over a user's log: what was missed, then what is new, each once and in order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

TEST_CASE("a cursor with nothing to catch up is live at once") {
  CoreBench bench;
  TestClient client;
  const EventId first = bench.say("one");
  client.attach(bench.user, View::all());
  CHECK_FALSE(client.live());
  bench.say("before it follows");
  client.follow(bench.user.head());
  CHECK(client.live());
  bench.say("two");
  CHECK(client.take() == Lines{"caught up", "live two"});
  CHECK(client.cursor() == bench.user.head());
  CHECK(bench.user.head() > first);
  client.stop_following();
  bench.say("not heard");
  CHECK(client.take().empty());
}

TEST_CASE("a cursor reads the journal's ring and is live in the same call") {
  CoreBench bench;
  const EventId first = bench.say("one");
  const EventId second = bench.say("two");
  bench.say("three");
  TestClient client;
  client.attach(bench.user, View::one(1));
  client.follow(first);
  CHECK(client.take() == Lines{"old two", "old three", "caught up"});
  CHECK(client.prev == std::vector<EventId>{first, second});
  CHECK(bench.store.asked.empty());
}

TEST_CASE("a cursor reads pages of the store, then the ring, then follows live") {
  CoreBench bench;
  bench.store.rows_per_page = 2;
  for (const char* line : {"one", "two", "three"}) bench.say_stored(line);
  bench.say("four");
  TestClient client;
  client.attach(bench.user, View::all());
  client.follow(0);
  CHECK(client.take().empty());
  while (bench.store.answer()) bench.loop.run_turns();
  CHECK(client.take() == Lines{"old one", "old two", "old three", "old four", "caught up"});
  CHECK(client.prev.front() == 0);
  bench.say("five");
  CHECK(client.take() == Lines{"live five"});
}

TEST_CASE("a cursor waits while its listener wants no more") {
  CoreBench bench;
  const EventId first = bench.say("one");
  for (const char* line : {"two", "three", "four"}) bench.say(line);
  TestClient client;
  client.attach(bench.user, View::all());
  client.wanted = 2;
  client.follow(first);
  bench.say("five, while it waits");
  CHECK(client.take() == Lines{"old two", "old three"});
  client.wanted = 10;
  client.more();
  CHECK(client.take() == Lines{"old four", "old five, while it waits", "caught up"});
}

TEST_CASE("a delivery may stop the cursor, or end its owner") {
  CoreBench bench;
  const EventId first = bench.say_stored("one");
  for (const char* line : {"two", "three"}) bench.say_stored(line);
  auto client = std::make_unique<TestClient>();
  client->attach(bench.user, View::all());
  SECTION("stopped while the ring is read") {
    client->on_deliver = [&] { client->stop_following(); };
    client->follow(first);
    CHECK(client->take() == Lines{"old two"});
    CHECK_FALSE(client->live());
    client->on_deliver = nullptr;
    client->follow(client->cursor());
    CHECK(client->take() == Lines{"old three", "caught up"});
  }
  SECTION("stopped while a page is delivered") {
    client->on_deliver = [&] { client->stop_following(); };
    client->follow(0);
    while (bench.store.answer()) bench.loop.run_turns();
    CHECK(client->take() == Lines{"old one"});
  }
  SECTION("gone while the store reads") {
    client->follow(0);
    client.reset();
    while (bench.store.answer()) bench.loop.run_turns();
    CHECK(bench.user.clients().empty());
  }
  SECTION("followed anew while the store reads: the first answer is nobody's") {
    client->follow(0);
    client->follow(bench.user.head());
    client->stop_following();
    client->follow(0);
    while (bench.store.answer()) bench.loop.run_turns();
    CHECK(client->take() == Lines{"caught up", "old one", "old two", "old three", "caught up"});
  }
}

TEST_CASE("a store that cannot be read ends the client with the reason") {
  CoreBench bench;
  bench.say_stored("one");
  bench.store.broken = "the disk is gone";
  TestClient client;
  client.attach(bench.user, View::all());
  client.follow(0);
  bench.store.answer();
  CHECK(client.take() == Lines{"end the disk is gone"});
}

TEST_CASE("a cursor is shown what its view shows") {
  CoreBench bench;
  for (NetworkId id = 2; id <= 4; ++id) bench.add_network(id, "net" + std::to_string(id));
  const EventId first = bench.say("first");
  for (NetworkId id = 1; id <= 4; ++id) bench.say_stored("line " + std::to_string(id), id);
  const auto heard = [&](View view, EventId after) {
    TestClient client;
    client.attach(bench.user, std::move(view));
    client.follow(after);
    while (bench.store.answer()) bench.loop.run_turns();
    for (NetworkId id = 1; id <= 4; ++id) bench.say_stored("new " + std::to_string(id), id);
    return client.take();
  };
  const EventId after = GENERATE(0, 1) == 0 ? 0 : first;  // from the store, from the ring
  CHECK(heard(View::one(2), after) == Lines{"old line 2", "caught up", "live new 2"});
  const EventId then = after == 0 ? after : bench.user.head() - 4;
  bench.store.rows_per_page = 1;
  CHECK(heard(View::none(), then) == Lines{"caught up"});
  TestClient several;
  several.attach(bench.user, View::several({1, 3}));
  several.follow(after);
  while (bench.store.answer()) bench.loop.run_turns();
  CHECK(several.take() ==
        Lines{"old line 1", "old line 3", "old new 1", "old new 3", "old new 1", "old new 3", "caught up"});
}

TEST_CASE("events of a network that was removed are passed over, and nothing points at them") {
  CoreBench bench;
  bench.add_network(2, "gone");
  const EventId first = bench.say("one");
  bench.say("two", 2);
  bench.say("three");
  bench.user.remove_network(2);
  TestClient client;
  client.attach(bench.user, View::all());
  client.follow(first);
  CHECK(client.take() == Lines{"old three", "caught up"});
  CHECK(client.prev == std::vector<EventId>{first});
}

TEST_CASE("what a client said while it was behind is known as its own") {
  CoreBench bench;
  const EventId first = bench.say("one");
  TestClient client, other;
  client.attach(bench.user, View::all());
  other.attach(bench.user, View::all());
  bench.say("mine", 1, client.id());
  bench.say("another's", 1, other.id());
  client.follow(first);
  CHECK(client.take() == Lines{"own mine", "old another's", "caught up"});
  bench.say("mine again", 1, client.id());
  CHECK(client.take() == Lines{"own mine again"});
}

TEST_CASE("of what a client says while it is behind a thousand lines are known as its own") {
  CoreBench bench;
  const EventId first = bench.say("one");
  TestClient client;
  client.attach(bench.user, View::all());
  for (int i = 0; i < 1001; ++i) bench.say("mine", 1, client.id());
  client.follow(first);
  for (int i = 0; i < 100 && !client.live(); ++i) bench.loop.run_turns();
  const Lines heard = client.take();
  CHECK(std::ranges::count(heard, "own mine") == 1000);
  CHECK(std::ranges::count(heard, "old mine") == 1);
}
