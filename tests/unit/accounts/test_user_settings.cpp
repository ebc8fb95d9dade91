// What a user's settings take, and what of a network's words is logged.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/accounts/audit.h"
#include "bouncer/accounts/user_settings.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

TEST_CASE("Retention has a hundred years at most") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  CHECK(bench.accounts.set_user("alice", {{"retention-days", "36500"}}));
  CHECK_THAT(bench.accounts.set_user("alice", {{"retention-days", "36501"}}).error(),
             Catch::Contains("from 1 to 36500"));
}

TEST_CASE("The quota for uploads is a number of MiB, 100 unless it is said") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  const auto quota = [&] { return upload_quota(*bench.accounts.find_user("alice")) >> 20; };
  CHECK(quota() == 100);
  REQUIRE(bench.accounts.set_user("alice", {{"upload-quota", "0"}}));
  CHECK(quota() == 0);
  REQUIRE(bench.accounts.set_user("alice", {{"upload-quota", "1000000"}}));
  CHECK(quota() == 1'000'000);
  CHECK_FALSE(bench.accounts.set_user("alice", {{"upload-quota", "1000001"}}));
  CHECK_FALSE(bench.accounts.set_user("alice", {{"upload-quota", "many"}}));
}

TEST_CASE("A user may have more or fewer networks and channels than others; what is there stays") {
  AccountsBench bench;
  bench.config.limits.networks_per_user = 1;
  bench.config.limits.channels_per_network = 1;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.set_user("alice", {{"max-networks", "2"}, {"max-channels", "3"}}));
  for (const char* name : {"one", "two"}) REQUIRE(bench.accounts.add_network("alice", name, bench.draft()));
  CHECK(bench.accounts.add_network("alice", "three", bench.draft()).error() ==
        "alice has 2 networks already (max-networks)");
  Accounts::NetworkDraft join;
  for (const char* channel : {"#a", "#b", "#c"}) join.join.push_back({0, channel, ""});
  REQUIRE(bench.accounts.set_network("alice", "one", join));
  join.join = {{0, "#d", ""}};
  CHECK(bench.accounts.set_network("alice", "one", join).error() == "more than 3 channels (max-channels)");
  bench.accounts.put_channel(1, "#d", "");
  CHECK(bench.accounts.channels(1).size() == 3);

  REQUIRE(bench.accounts.set_user("alice", {{"max-networks", "0"}, {"max-channels", "1"}}));
  CHECK(bench.accounts.networks(1).size() == 2);
  CHECK(bench.accounts.channels(1).size() == 3);
  Accounts::NetworkDraft other;
  other.settings.set("nick", "ally");
  CHECK(bench.accounts.set_network("alice", "one", other));
  CHECK_FALSE(bench.accounts.add_network("alice", "three", bench.draft()));

  REQUIRE(bench.accounts.set_user("alice", {{"max-networks", ""}, {"max-channels", ""}}));
  CHECK(bench.accounts.add_network("alice", "three", bench.draft()).error() ==
        "alice has 2 networks already (limits.networks_per_user)");
  for (const char* name : {"max-networks", "max-channels"}) {
    CHECK(bench.accounts.set_user("alice", {{name, "100000"}}));
    CHECK_THAT(bench.accounts.set_user("alice", {{name, "100001"}}).error(), Catch::Contains("up to 100000"));
    CHECK_FALSE(bench.accounts.set_user("alice", {{name, "many"}}));
  }
}

TEST_CASE("Of a network's words 200 bytes are in the log, on one line") {
  CHECK(Audit::clean("a\r\nb\x7f") == "a??b?");
  CHECK(Audit::clean(std::string(300, 'x')) == std::string(200, 'x'));
}

TEST_CASE("What is said while nobody is there has 300 bytes at most") {
  CHECK(check_away(std::string(300, 'x')));
  CHECK_FALSE(check_away(std::string(301, 'x')));
  CHECK_FALSE(check_away("two\nlines"));
  CHECK(check_reattach("never"));
  CHECK_FALSE(check_reattach("always"));
}
