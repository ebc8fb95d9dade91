// Web logins: how many, how long.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;
using Heard = std::vector<std::string>;

TEST_CASE("A user has at most 64 web logins: the oldest makes place") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  bench.accounts.flush(nullptr);
  const std::string first = bench.accounts.open_session(1, std::string(500, 'x'), "addr");
  CHECK(bench.accounts.find_session(first)->agent.size() == 200);
  for (int i = 1; i < 64; ++i) bench.accounts.open_session(1, "agent", "addr");
  CHECK(bench.accounts.find_session(first) != nullptr);
  bench.ear.take();
  bench.accounts.open_session(1, "agent", "addr");
  CHECK(bench.accounts.find_session(first) == nullptr);
  CHECK(bench.accounts.sessions(1).size() == 64);
  CHECK(bench.ear.take() == Heard{"session gone 1"});
  CHECK_FALSE(bench.accounts.revoke_session(2, 2));  // somebody else's
}

TEST_CASE("a web login lapses when it is not seen for long, and when it is old") {
  constexpr std::uint64_t kDay = 86'400'000;
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  bench.accounts.flush(nullptr);
  const std::string idle = bench.accounts.open_session(1, "agent", "addr");
  const std::string used = bench.accounts.open_session(1, "agent", "addr");
  bench.clock.advance_ms(80 * kDay);
  bench.accounts.session_seen(2);
  CHECK(bench.accounts.find_session(idle) != nullptr);
  bench.clock.advance_ms(11 * kDay);
  CHECK(bench.accounts.find_session(idle) == nullptr);
  CHECK(bench.accounts.sessions(1).size() == 1);
  for (int i = 0; i < 4; ++i) {
    bench.accounts.session_seen(2);
    CHECK(bench.accounts.find_session(used) != nullptr);
    bench.clock.advance_ms(68 * kDay);
  }
  bench.accounts.session_seen(2);
  CHECK(bench.accounts.find_session(used) != nullptr);
  bench.clock.advance_ms(3 * kDay);
  CHECK(bench.accounts.find_session(used) == nullptr);
  CHECK(bench.accounts.sessions(1).empty());
  // The next login takes their rows away.
  bench.ear.take();
  bench.accounts.open_session(1, "agent", "addr");
  CHECK(bench.ear.take() == Heard{"session gone 1", "session gone 2"});
}

TEST_CASE("who waits for a login to be kept hears when it is on disk") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  bench.accounts.flush(nullptr);
  int heard = 0;
  const auto wait = [&] { bench.accounts.when_saved(1, [&] { ++heard; }); };
  const auto commit = [&] {
    REQUIRE(bench.store.waiting.size() == 1);
    std::exchange(bench.store.waiting, {}).front()({});
  };
  wait();
  CHECK(heard == 1);  // nothing is on its way
  bench.store.held = true;
  bench.accounts.open_session(1, "agent", "addr");
  wait();
  CHECK(heard == 1);
  // What came behind the commit that is on its way goes with the next one.
  bench.accounts.open_session(1, "agent", "addr");
  wait();
  commit();
  CHECK(heard == 1);
  commit();
  CHECK(heard == 3);
  bench.accounts.open_session(1, "agent", "addr");
  wait();
  commit();
  CHECK(heard == 4);
  CHECK(bench.store.waiting.empty());
}
