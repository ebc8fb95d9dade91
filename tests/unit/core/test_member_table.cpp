#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/core/member_table.h"
#include "tests/fakes/core/cost_probe.h"

using namespace halley;

TEST_CASE("however many members there were, what a rename costs is what it is long") {
  MemberTable table;
  std::vector<MemberId> all;
  for (int i = 0; i < 100'000; ++i) {
    all.push_back(table.intern("member" + std::to_string(i)));
    table.hold(all.back());
  }
  const std::uint64_t before = CostProbe::moved(table);
  for (std::size_t i = 1; i < all.size(); ++i) table.release(all[i]);
  const std::uint64_t left = CostProbe::moved(table);
  CHECK(left - before <= 100'000 * 12);  // their texts
  const std::string host(200, 'h');
  std::size_t said = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string nick = "n" + std::to_string(i);
    table.rename(all[0], nick);
    table.set_address(all[0], "user", (i % 2 == 0 ? "a" : "b") + host);
    said += nick.size() + 2 * (4 + host.size() + nick.size() + 1);
  }
  CHECK(CostProbe::moved(table) - left <= said);
  CHECK(table.nick(all[0]) == "n1999");
  CHECK(table.host(all[0]) == "b" + host);
  CHECK(table.find("n1999") == all[0]);
  CHECK(table.size() == 1);
}
