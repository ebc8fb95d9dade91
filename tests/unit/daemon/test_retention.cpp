#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/daemon/retention.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;

namespace {

struct RetentionBench : tests::AccountsBench {
  fakes::FakeLoop loop{clock};
  std::unique_ptr<Retention> retention;

  RetentionBench() {
    REQUIRE(accounts.add_user("ann", "", false));
    REQUIRE(accounts.add_user("bob", "", false));
    REQUIRE(accounts.add_user("eve", "", false));
    REQUIRE(accounts.set_user("bob", {{"retention-days", "2"}}));
    REQUIRE(accounts.set_user("eve", {{"retention-days", "0"}}));
    accounts.flush(nullptr);
    store.committed.clear();
    retention = std::make_unique<Retention>(loop, store, accounts, config);
  }
  std::int64_t days_ago(std::int64_t days) const { return clock.wall_us() / 1000 - days * 86'400'000; }
  // Users and times of what was asked since.
  std::vector<std::pair<UserId, std::int64_t>> take() {
    std::vector<std::pair<UserId, std::int64_t>> out;
    for (const auto& change : std::exchange(store.committed, {})) {
      if (std::holds_alternative<storage::ForgetErased>(change)) ++forgets;
      const auto* removal = std::get_if<storage::RemoveEvents>(&change);
      if (removal) out.emplace_back(removal->user, removal->before_ms);
    }
    return out;
  }
  int forgets = 0;  // how often what was erased was to go from the files, among what take() took
  using Asked = std::vector<std::pair<UserId, std::int64_t>>;
};

constexpr std::uint64_t kTenMinutes = 600'000, kHour = 3'600'000;

}  // namespace

TEST_CASE("Lines go when they are as old as the user's own retention, or the configured one, says") {
  RetentionBench bench;
  bench.loop.advance(kTenMinutes - 1);
  CHECK(bench.take().empty());
  bench.loop.advance(1);
  CHECK(bench.take() == RetentionBench::Asked{{2, bench.days_ago(2)}});  // others: for ever
  CHECK(bench.forgets == 1);                                             // with it goes what was taken back
  bench.config.history.retention_days = 30;
  bench.loop.advance(kHour);
  CHECK(bench.take() == RetentionBench::Asked{{1, bench.days_ago(30)}, {2, bench.days_ago(2)}});
  REQUIRE(bench.accounts.set_user("bob", {{"retention-days", ""}}));
  bench.accounts.flush(nullptr);
  bench.store.committed.clear();
  bench.loop.advance(kHour);
  CHECK(bench.take() == RetentionBench::Asked{{1, bench.days_ago(30)}, {2, bench.days_ago(30)}});
}

TEST_CASE("A buffer's own retention goes before its user's, and the files are rid of it once a day") {
  RetentionBench bench;
  REQUIRE(bench.accounts.add_network("bob", "net", bench.draft()));
  REQUIRE(bench.accounts.set_buffer({.id = 7, .user = 2, .network = 1, .name = "#a"}, {{"retention", "9"}}));
  REQUIRE(bench.accounts.set_buffer({.id = 8, .user = 2, .network = 1, .name = "#b"}, {{"retention", "0"}}));
  bench.accounts.flush(nullptr);
  bench.store.committed.clear();
  std::vector<bool> overwritten;
  bench.loop.advance(kTenMinutes);
  for (int hour = 0; hour < 26; ++hour) {
    REQUIRE(bench.store.committed.size() == 2);  // the other is of what was taken back
    const auto removal = std::get<storage::RemoveEvents>(bench.store.committed[0]);
    CHECK(removal.before_ms == bench.days_ago(2));
    REQUIRE(removal.own.size() == 2);
    CHECK((removal.own[0].buffer == 7 && removal.own[0].before_ms == bench.days_ago(9)));
    CHECK((removal.own[1].buffer == 8 && removal.own[1].before_ms == 0));
    overwritten.push_back(removal.overwrite);
    bench.store.committed.clear();
    bench.loop.advance(kHour);
  }
  CHECK(std::ranges::count(overwritten, true) == 2);
  CHECK((overwritten[0] && overwritten[24]));
}

TEST_CASE("A clock that was set costs nobody a line before it has been right for an hour") {
  RetentionBench bench;
  bench.clock.set_wall_us(bench.clock.wall_us() + 400LL * 86'400'000'000);
  bench.loop.advance(kTenMinutes);
  CHECK(bench.take().empty());
  bench.clock.set_wall_us(bench.clock.wall_us() - 400LL * 86'400'000'000);
  bench.loop.advance(kHour);
  CHECK(bench.take().empty());
  bench.loop.advance(kHour);
  CHECK(bench.take() == RetentionBench::Asked{{2, bench.days_ago(2)}});
}

TEST_CASE("While the disk is in trouble one removal waits, not one an hour") {
  RetentionBench bench;
  bench.store.held = true;
  bench.loop.advance(kTenMinutes + 5 * kHour);
  CHECK(bench.take().size() == 1);
  bench.store.waiting[0]({});
  bench.loop.advance(kHour);
  CHECK(bench.take().size() == 1);
}
