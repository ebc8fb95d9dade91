#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/core/device_positions.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/state_kinds.h"
#include "tests/unit/core/states_bench.h"

namespace halley {
namespace {

struct Bench : tests::StatesBench {
  explicit Bench(std::vector<storage::StateRow> loaded = {})
      : StatesBench(std::move(loaded), 4 * storage::kMaxRecord) {}
  // "kind user/network/device key=value".
  std::vector<std::string> put() const {
    return StatesBench::put([](const storage::StateRecord& state) {
      return fmt::format("{} {}/{}/{} {}={}", state.kind, state.user, state.network, state.device, state.key,
                         state.value);
    });
  }
};

}  // namespace

TEST_CASE(
    "an owner takes its kind's states, of one user or of all, in the order in which they were written") {
  Bench bench{{{.user = 2, .kind = 2, .key = "b", .value = "1"},
               {.user = 1, .kind = 2, .key = "c", .value = "2"},
               {.user = 1, .network = 4, .device = 5, .kind = 1, .key = "", .value = "3"},
               {.user = 1, .kind = 2, .key = "a", .value = "4"},
               {.user = 1, .kind = 77, .key = "unknown", .value = "5"}}};
  std::string taken;
  const auto take = [&taken](const storage::StateRow& row) { taken += row.key + row.value + ' '; };
  bench.states.take(StateKind::kNumberedCommand, 1, take);
  CHECK(taken == "c2 a4 ");
  taken.clear();
  bench.states.take(StateKind::kNumberedCommand, take);
  CHECK(taken == "c2 a4 b1 ");
  taken.clear();
  bench.states.taken();
  bench.states.take(StateKind::kNumberedCommand, take);
  CHECK(taken.empty());
}

TEST_CASE(
    "a state that finds no room in the journal waits for it, the newest of each key, and is lost never") {
  Bench bench;
  const std::string value(8000, 'x');
  int puts = 0;
  while (bench.states.waiting() == 0)
    bench.states.put(StateKind::kOutbox, {.user = 1, .key = std::to_string(puts++), .value = value});
  CHECK(puts > 3);
  // However many more: what was kept is removed, as lines of the outbox are, and what is told anew replaces
  // what waits.
  for (int i = 0; i < 5'000; ++i) {
    bench.states.put(StateKind::kOutbox, {.user = 1, .key = "0", .value = i % 2 == 0 ? "again" : ""});
    bench.states.put(StateKind::kAway, {.user = 1, .network = 4, .value = i < 4'999 ? "old" : "new"});
  }
  bench.states.put(StateKind::kAway, {.user = 2, .network = 5, .value = "of a user who goes"});
  bench.states.put(StateKind::kAway, {.user = 1, .network = 6, .value = "of a network that goes"});
  bench.states.put(StateKind::kDevicePosition, {.user = 1, .network = 4, .device = 9, .value = "likewise"});
  CHECK(bench.states.waiting() == 6);
  bench.states.forget_user(2);
  bench.states.forget_network(1, 6);
  bench.states.forget_device(9);
  CHECK(bench.states.waiting() == 3);
  bench.states.room();  // there is none
  CHECK(bench.states.waiting() == 3);

  const std::uint64_t head = bench.journal->consume(0, std::size_t{1} << 20, [](const auto&) {});
  bench.journal->release(head);
  // What is put now is newer than what waits.
  bench.states.put(StateKind::kAway, {.user = 1, .network = 4, .value = "newest"});
  CHECK(bench.states.waiting() == 2);
  bench.states.room();
  CHECK(bench.states.waiting() == 0);
  std::vector<std::string> put;
  bench.journal->scan(head, [&put](const storage::Record& record) {
    const auto& state = std::get<storage::StateRecord>(record);
    put.push_back(fmt::format("{}={}", state.key, state.value.substr(0, 6)));
    return true;
  });
  CHECK(put == std::vector<std::string>{"=newest", fmt::format("{}=xxxxxx", puts - 1), "0="});
}

TEST_CASE("states that waited for room come in the order in which they were written") {
  Bench bench;
  const std::string value(8000, 'x');
  while (bench.states.waiting() == 0)
    bench.states.put(StateKind::kOutbox, {.user = 9, .key = "fills", .value = value});
  for (const char* key : {"c", "a", "d", "b", "a"})
    bench.states.put(StateKind::kNumberedCommand, {.user = 1, .key = key, .value = "1"});
  const std::uint64_t head = bench.journal->consume(0, std::size_t{1} << 20, [](const auto&) {});
  bench.journal->release(head);
  bench.states.room();
  CHECK(bench.states.waiting() == 0);
  std::string keys;
  bench.journal->scan(head, [&keys](const storage::Record& record) {
    const auto& state = std::get<storage::StateRecord>(record);
    if (state.user == 1) keys += state.key;
    return true;
  });
  CHECK(keys == "cdba");
}

TEST_CASE("states that wait when the process ends go into what the journal keeps back") {
  Bench bench;
  std::size_t puts = 0;
  {
    DurableState ending{*bench.journal, bench.store, {}};
    const std::string value(8000, 'x');
    while (ending.waiting() == 0)
      ending.put(StateKind::kOutbox, {.user = 1, .key = std::to_string(puts++), .value = value});
    ending.put(StateKind::kAway, {.user = 1, .network = 4, .value = "lunch"});
    ending.room();  // there is none
    REQUIRE(ending.waiting() == 2);
  }
  const auto put = bench.put();
  CHECK(std::ranges::count_if(put, [](const auto& text) { return text.ends_with("=lunch"); }) == 1);
  CHECK(put.size() == puts + 1);
  // More than there is place for stays behind; nothing is written over.
  {
    DurableState ending{*bench.journal, bench.store, {}};
    for (int i = 0; i < 100; ++i)
      ending.put(StateKind::kOutbox,
                 {.user = 1, .key = fmt::format("more {}", i), .value = std::string(8000, 'y')});
    REQUIRE(ending.waiting() == 100);
  }
  CHECK(bench.put().size() > put.size());
  CHECK(bench.put().front() == put.front());
}

TEST_CASE("device positions: kept of their user, moved either way, forgotten with network and device") {
  Bench bench{{{.user = 1, .network = 4, .device = 5, .kind = 1, .key = "", .value = "100"},
               {.user = 1, .network = 4, .device = 6, .kind = 1, .key = "", .value = "200"},
               {.user = 2, .network = 9, .device = 7, .kind = 1, .key = "", .value = "300"}}};
  DevicePositions positions{bench.states, 1};
  CHECK((positions.of(5, 4) == 100 && positions.of(6, 4) == 200));
  CHECK((positions.of(7, 9) == 0 && positions.of(5, 9) == 0));
  positions.set(5, 4, 150);
  positions.set(5, 4, 120);
  positions.set(5, 8, 7);
  CHECK((positions.of(5, 4) == 120 && positions.of(5, 8) == 7));
  CHECK(bench.put() == std::vector<std::string>{"1 1/4/5 =150", "1 1/4/5 =120", "1 1/8/5 =7"});
  bench.states.forget_network(2, 8);  // another user's
  CHECK(positions.of(5, 8) == 7);
  bench.states.forget_network(1, 8);
  CHECK(positions.of(5, 8) == 0);
  bench.states.forget_device(5);
  CHECK((positions.of(5, 4) == 0 && positions.of(6, 4) == 200));
}

}  // namespace halley

TEST_CASE("each kind has one row") {
  using namespace halley;
  for (const StateKindRow& row : kStateKinds)
    CHECK(std::ranges::count(kStateKinds, row.kind, &StateKindRow::kind) == 1);
}

TEST_CASE("owners of kinds are told of what goes, as long as they are there") {
  using namespace halley;
  struct Owner final : StateOwner {
    Owner(DurableState& states, std::vector<std::string>& told, std::string name)
        : StateOwner(states), told_(told), name_(std::move(name)) {}
    void forget_user(storage::UserId user) override { told_.push_back(fmt::format("{} {}", name_, user)); }
    std::vector<std::string>& told_;
    const std::string name_;
  };
  Bench bench{{}};
  std::vector<std::string> told;
  auto first = std::make_unique<Owner>(bench.states, told, "a");
  auto middle = std::make_unique<Owner>(bench.states, told, "b");
  const Owner last(bench.states, told, "c");
  const auto forget = [&](storage::UserId user) {
    told.clear();
    bench.states.forget_user(user);
    std::ranges::sort(told);
    return told;
  };
  CHECK(forget(7) == std::vector<std::string>{"a 7", "b 7", "c 7"});
  middle.reset();
  CHECK(forget(8) == std::vector<std::string>{"a 8", "c 8"});
  first.reset();
  CHECK(forget(9) == std::vector<std::string>{"c 9"});
}

TEST_CASE("a state that comes from another store names the buffers as they are called here") {
  using namespace halley;
  const auto moved = [](StateKind kind, const char* key, const char* value) {
    storage::StateRow row{.kind = static_cast<std::uint16_t>(kind), .key = key, .value = value};
    move_buffers(row, 100);
    return row.key + " " + row.value;
  };
  CHECK(moved(StateKind::kReadMarker, "7", "1700") == "107 1700");
  CHECK(moved(StateKind::kPlaybackCleared, "7", "1700") == "107 1700");
  CHECK(moved(StateKind::kDetached, "12", "55") == "112 55");
  CHECK(moved(StateKind::kRedaction, "77", "7 erased") == "77 107 erased");
  CHECK(moved(StateKind::kRedaction, "77", "7") == "77 107");
  CHECK(moved(StateKind::kNumberedCommand, "7", "8 x") == "7 8 x");
  CHECK(moved(StateKind::kReadMarker, "none", "1") == "none 1");
}
