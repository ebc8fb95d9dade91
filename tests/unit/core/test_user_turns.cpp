#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "bouncer/core/user_turns.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"

using namespace halley;

namespace {

struct Taker final : UserTurns::Taker {
  explicit Taker(std::function<void()> todo) : run(std::move(todo)) {}
  void take_turn() override { run(); }
  std::function<void()> run;
};

}  // namespace

TEST_CASE("one takes a turn at a time, and users take turns, however many of one wait") {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  UserTurns turns(loop);
  std::string order;
  std::vector<std::unique_ptr<Taker>> many;
  int left = 3;
  for (int i = 0; i < 3; ++i)
    many.push_back(std::make_unique<Taker>([&order, i] { order += static_cast<char>('a' + i); }));
  Taker other([&] {
    order += '-';
    if (--left > 0) turns.wait(2, other);
  });
  for (const auto& taker : many) turns.wait(1, *taker);
  turns.wait(2, other);
  turns.forget(*many[1]);
  loop.run_turn();
  CHECK(order.size() == 1);
  loop.run_turns();
  CHECK(order == "a-c--");
}

TEST_CASE("what is short is made at once, up to a bound of each turn") {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  UserTurns turns(loop);
  CHECK_FALSE(turns.spend(UserTurns::kMostBytesAtOnce + 1));
  CHECK(turns.spend(UserTurns::kMostBytesAtOnce - 10));
  CHECK(turns.spend(10));
  CHECK_FALSE(turns.spend(1));
  loop.run_turns();
  CHECK(turns.spend(UserTurns::kMostBytesAtOnce));
}

TEST_CASE("of input a turn has so much for all, and a little for each whatever the others have spent") {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  UserTurns turns(loop, UserTurns::kMostInput);
  UserTurns::Share loud, quiet;
  REQUIRE(turns.has_left(loud));
  turns.spend(2 * UserTurns::kMostInput, 0, loud);  // one line may be larger than what is left
  CHECK_FALSE(turns.has_left(loud));
  CHECK(turns.has_left(quiet));
  turns.spend(UserTurns::kMostUnasked - 1, 0, quiet);
  CHECK(turns.has_left(quiet));
  turns.spend(1, 0, quiet);
  CHECK_FALSE(turns.has_left(quiet));
  loop.run_turns();
  CHECK(turns.has_left(loud));
  CHECK(turns.has_left(quiet));
}
