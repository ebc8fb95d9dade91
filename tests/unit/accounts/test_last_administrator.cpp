#include <catch2/catch.hpp>

#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

TEST_CASE("the last administrator who can log in stays one, whoever asks") {
  AccountsBench bench;
  Accounts& accounts = bench.accounts;
  const auto demote = [&](std::string_view name) {
    SettingValues settings;
    settings.set("admin", "no");
    return accounts.set_user(name, settings);
  };
  const auto is_last = [](const Accounts::Result<void>& done) {
    return !done && done.error().contains("is the last administrator") &&
           done.error().contains("user set NAME admin=yes");
  };
  REQUIRE(accounts.add_user("ann", "", true));
  REQUIRE(accounts.add_user("bob", "", false));
  CHECK(is_last(demote("ann")));
  CHECK(is_last(accounts.set_enabled("ann", false)));
  CHECK(is_last(accounts.remove_user("ann")));
  CHECK(accounts.find_user("ann")->admin);
  REQUIRE(accounts.add_user("eve", "", true));
  REQUIRE(accounts.set_enabled("eve", false));
  CHECK(is_last(demote("ann")));  // one who is disabled manages nothing
  CHECK(demote("eve"));
  CHECK(accounts.remove_user("eve"));
  SettingValues promoted;
  promoted.set("admin", "yes");
  REQUIRE(accounts.set_user("bob", promoted));
  CHECK(accounts.remove_user("ann"));
  CHECK(is_last(accounts.set_enabled("bob", false)));
}
