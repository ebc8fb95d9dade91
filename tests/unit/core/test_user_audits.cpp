#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/core/user_audits.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/unit/core/states_bench.h"

namespace halley {
namespace {

constexpr auto kLogin = AuditEntry::What::kLogin, kChange = AuditEntry::What::kChange;

struct AuditBench : tests::StatesBench {
  explicit AuditBench(std::vector<storage::StateRow> loaded = {})
      : StatesBench(std::move(loaded)), audits(states, clock) {}
  // As the store has them: of each place the newest.
  std::vector<storage::StateRow> rows(storage::UserId user) const {
    std::vector<storage::StateRow> all;
    journal->scan(0, [&](const storage::Record& record) {
      const auto& state = std::get<storage::StateRecord>(record);
      std::erase_if(all, [&](const auto& row) { return row.user == state.user && row.key == state.key; });
      all.push_back({.user = state.user,
                     .kind = state.kind,
                     .key = std::string(state.key),
                     .value = std::string(state.value)});
      return true;
    });
    std::erase_if(all, [&](const auto& row) { return row.user != user; });
    return all;
  }
  void add(storage::UserId user, AuditEntry::What kind, const std::string& what) {
    clock.advance_ms(1000);
    audits.add(user, {.kind = kind, .who = "kit", .from = "192.0.2.7", .what = what});
  }

  fakes::FakeClock clock;
  UserAudits audits;
};

std::string all_of(const std::vector<storage::StateRow>& rows, AuditEntry::What kind) {
  std::string all;
  for (const auto& [time_ms, entry] : UserAudits::read(rows)) {
    if (entry.kind == kind) all += entry.what + ' ';
  }
  return all;
}

}  // namespace

TEST_CASE("an account's logins and changes are read newest first, with who, when and from where") {
  AuditBench bench;
  bench.add(1, kLogin, "password");
  bench.add(1, kChange, "user set kit");
  bench.add(2, kLogin, "a token");
  bench.audits.add(1, {.kind = kLogin, .who = "kit", .from = "a\tb\n", .what = "SCRAM"});
  const auto kept = UserAudits::read(bench.rows(1));
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].entry.from == "a?b?");
  CHECK(kept[2].time_ms == 1'700'000'001'000);
  CHECK(kept[2].entry.who == "kit");
  CHECK(kept[2].entry.from == "192.0.2.7");
  CHECK(kept[2].entry.what == "password");
  CHECK(all_of(bench.rows(1), kChange) == "user set kit ");
  CHECK(UserAudits::read({{.user = 1, .kind = 15, .key = "x1", .value = "1"},
                          {.user = 1, .kind = 15, .key = "", .value = ""}})
            .empty());
}

TEST_CASE(
    "of an account the newest 25 logins and 25 changes are kept, over restarts, and neither pushes the other "
    "out") {
  std::optional<AuditBench> bench(std::in_place);
  for (int i = 0; i < 3; ++i) bench->add(1, kChange, fmt::format("c{}", i));
  for (int i = 0; i < 40; ++i) bench->add(1, kLogin, fmt::format("l{}", i));
  std::string expected;
  for (int i = 39; i >= 15; --i) expected += fmt::format("l{} ", i);
  CHECK(all_of(bench->rows(1), kLogin) == expected);
  CHECK(all_of(bench->rows(1), kChange) == "c2 c1 c0 ");

  const auto rows = bench->rows(1);
  const auto wall_us = bench->clock.wall_us();
  bench.emplace(rows);
  bench->clock.set_wall_us(wall_us);
  bench->add(1, kLogin, "l40");
  for (int i = 3; i < 30; ++i) bench->add(1, kChange, fmt::format("c{}", i));
  auto both = rows;
  for (const auto& fresh : bench->rows(1)) {
    std::erase_if(both, [&](const auto& row) { return row.key == fresh.key; });
    both.push_back(fresh);
  }
  CHECK(both.size() == 50);
  CHECK(all_of(both, kLogin).starts_with("l40 l39 "));
  CHECK(all_of(both, kLogin).ends_with(" l16 "));
  CHECK(all_of(both, kChange).starts_with("c29 c28 "));
  CHECK(all_of(both, kChange).ends_with(" c5 "));
}

TEST_CASE("a journal without room keeps no audit, and nothing breaks") {
  AuditBench bench;
  while (bench.states.has_room())
    bench.states.put(StateKind::kNumberedCommand,
                     {.user = 9, .key = "k", .value = std::string(storage::kMaxStateValue, 'x')});
  const auto before = bench.rows(1).size();
  bench.add(1, kLogin, "password");
  CHECK(bench.rows(1).size() == before);
  bench.audits.add(0, {.kind = kLogin, .who = "nobody", .from = "here", .what = "nothing"});
}

}  // namespace halley
