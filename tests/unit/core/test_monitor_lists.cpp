// Lists of MONITOR, merged.
#include <catch2/catch.hpp>

#include "bouncer/core/monitor_lists.h"

using namespace halley;
using Names = std::vector<std::string>;

TEST_CASE("the lists of clients are merged onto one") {
  MonitorLists lists;
  const auto add = [&](ClientId who, std::string_view nick) {
    MonitorLists::Delta delta;
    REQUIRE(lists.add(who, nick, 100, delta));
    return delta.add;
  };
  CHECK(add(1, "Carol") == Names{"Carol"});
  CHECK(add(2, "carol").empty());
  CHECK(add(2, "dave") == Names{"dave"});
  MonitorLists::Delta delta;
  lists.forget(1, delta);
  CHECK(delta.remove.empty());  // the other one still watches her
  CHECK(lists.of(1).empty());
  REQUIRE(lists.of(2).size() == 2);
  lists.remove(2, "CAROL", delta);
  CHECK(delta.remove == Names{"Carol"});
  CHECK(lists.all() == Names{"dave"});
}

TEST_CASE("presence is known of those who are watched, for as long as the link lives") {
  MonitorLists lists;
  MonitorLists::Delta delta;
  lists.add(1, "a[b]", 100, delta);
  CHECK(lists.learn("x", "x!u@h", MonitorLists::Presence::kOnline) == nullptr);
  const auto* target = lists.learn("A{B}", "A{B}!u@h", MonitorLists::Presence::kOnline);
  REQUIRE(target);
  CHECK(target->watchers == std::vector<ClientId>{1});
  lists.link_lost();
  CHECK(lists.find("a{b}")->presence == MonitorLists::Presence::kUnknown);
  lists.add(2, "a{c}", 100, delta);
  lists.set_casemapping(irc::CaseMapping::kAscii);
  CHECK(lists.find("a{b}") == nullptr);
  CHECK(lists.find("A[b]") != nullptr);
}

TEST_CASE("lists are bounded by the network's limit and by ours") {
  MonitorLists lists;
  MonitorLists::Delta delta;
  CHECK(lists.add(1, "a", 1, delta));
  CHECK_FALSE(lists.add(2, "b", 1, delta));
  CHECK(lists.add(2, "A", 1, delta));  // it is on the list already
  for (std::size_t i = 1; i < MonitorLists::kMostWatched; ++i)
    CHECK(lists.add(1, "n" + std::to_string(i), 1'000'000, delta));
  CHECK_FALSE(lists.add(1, "one-more", 1'000'000, delta));
}
