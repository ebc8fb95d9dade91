// A user: who is attached, who is told what, and who is waited for.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

TEST_CASE("a client's id is never given twice, and finds it while it is attached") {
  CoreBench bench;
  auto client = std::make_unique<TestClient>();
  client->attach(bench.user, View::one(1));
  const ClientId id = client->id();
  CHECK(id != kNobody);
  CHECK(bench.user.client(id) == client.get());
  CHECK(client->bound_network() == &bench.net());
  client.reset();
  CHECK(bench.user.client(id) == nullptr);
  CHECK(bench.uplink().forgotten == std::vector<ClientId>{id});
  TestClient next;
  next.attach(bench.user, View::all());
  CHECK(next.id() != id);
  CHECK(next.bound_network() == nullptr);
  next.attach(bench.user, View::none());
  CHECK(bench.user.clients().size() == 1);
}

TEST_CASE("news of a network reach those who are shown it") {
  CoreBench bench;
  bench.add_network(2, "other");
  TestClient one, all, none;
  one.attach(bench.user, View::one(1));
  all.attach(bench.user, View::all());
  none.attach(bench.user, View::none());
  bench.user.pass(bench.net(1), "PING");
  bench.user.network_changed(bench.net(2));
  bench.user.channel_complete(bench.net(1), bench.net(1).state().join("#c"));
  bench.user.wake_clients();
  bench.loop.run_turns();
  CHECK(one.take() == Lines{"pass PING", "complete #c", "room"});
  CHECK(all.take() == Lines{"pass PING", "changed other", "complete #c", "room"});
  CHECK(none.take() == Lines{"room"});
}

TEST_CASE("four questions to the log are answered in words at once; a fifth waits until one is") {
  CoreBench bench;
  std::vector<std::shared_ptr<void>> places;
  for (long i = 0; i < User::kMostLogQuestions; ++i) places.push_back(bench.user.take_log_question_place());
  CHECK(std::ranges::all_of(places, [](const auto& place) { return place != nullptr; }));
  CHECK(bench.user.take_log_question_place() == nullptr);
  places.pop_back();
  CHECK(bench.user.take_log_question_place() != nullptr);
}

TEST_CASE("a network that is removed ends the clients that are bound to it") {
  CoreBench bench;
  bench.add_network(2, "other");
  TestClient bound, all;
  bound.attach(bench.user, View::one(2));
  all.attach(bench.user, View::all());
  bench.user.remove_network(2);
  CHECK(bound.take() == Lines{"removed other", "end The network was removed"});
  CHECK(bound.user() == nullptr);
  CHECK(all.take() == Lines{"removed other"});
  CHECK(all.user() == &bench.user);
  CHECK(bench.user.network(2) == nullptr);
  CHECK(bench.user.networks().size() == 1);
}

TEST_CASE("a sentence of Halley's own is logged, and with a full journal at least said") {
  CoreBench bench;
  TestClient client;
  client.attach(bench.user, View::all());
  client.follow(bench.user.head());
  client.take();
  bench.user.tell(bench.net(), "hello");
  CHECK(client.take() == Lines{"live :halley.test NOTICE ann :hello"});
  bench.fill_journal();
  client.take();
  bench.user.tell(bench.net(), "no room");
  CHECK(client.take() == Lines{"pass :halley.test NOTICE ann :no room"});
}

TEST_CASE("a live client that a flood outruns is waited for, a tenth of a second at most") {
  CoreBench bench;
  bench.config.limits.client_queue = 1000;
  TestClient client;
  client.attach(bench.user, View::one(1));
  client.grow(600);
  CHECK_FALSE(bench.user.crowded(bench.net()));  // it does not follow
  client.follow(bench.user.head());
  CHECK(bench.user.crowded(bench.net()));
  bench.add_network(2, "other");
  CHECK_FALSE(bench.user.crowded(bench.net(2)));
  bench.clock.advance_ms(50);
  CHECK(bench.user.crowded(bench.net()));
  SECTION("it made room") {
    client.shrink();
    CHECK(std::ranges::count(bench.uplink().told, "eased") == 1);
    CHECK_FALSE(bench.user.crowded(bench.net()));
  }
  SECTION("it did not") {
    bench.clock.advance_ms(50);
    CHECK_FALSE(bench.user.crowded(bench.net()));
  }
}

TEST_CASE("a line counts for what its handling took, whatever made it long") {
  CoreBench bench;
  REQUIRE(bench.user.has_turn());
  for (int i = 0; i < 100; ++i) bench.user.has_read(11, 2);  // short, and quick
  CHECK(bench.user.has_turn());
  bench.user.has_read(11, 3'000);
  CHECK_FALSE(bench.user.has_turn());
}

TEST_CASE("an event's time is the network's while that is within five minutes of ours") {
  CoreBench bench;
  const auto shown = [&](std::int64_t off_ms) {
    const std::int64_t now = bench.clock.wall_us() / 1000;
    const BufferId buffer = bench.net().buffers().make("");
    std::int64_t seen = 0;
    const EventId before = bench.user.head();
    bench.user.log(
        bench.net(),
        {.kind = EventKind::kNotice, .time_ms = now + off_ms, .buffers = {&buffer, 1}, .line = "x"});
    bench.journal->scan(0, [&](const storage::Record& record) {
      const auto* event = std::get_if<storage::Event>(&record);
      if (event && event->id > before) seen = event->time_ms - now;
      return true;
    });
    return seen;
  };
  CHECK(shown(-60'000) == -60'000);
  CHECK(shown(299'000) == 299'000);
  CHECK(shown(400'000) < 1000);
  CHECK(shown(-400'000) > -1000);
  // Our own clock jumps a year forward, and back: what is said then has the time that it is then.
  constexpr std::int64_t kYearUs = std::int64_t{365} * 24 * 3600 * 1'000'000;
  const std::int64_t before_us = bench.clock.wall_us();
  bench.clock.set_wall_us(before_us + kYearUs);
  CHECK(shown(0) == 0);
  bench.clock.set_wall_us(before_us);
  CHECK(shown(0) == 0);
  CHECK(shown(400'000) < 1000);
}
