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
