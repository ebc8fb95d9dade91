#include <catch2/catch.hpp>

#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

TEST_CASE("Names that mean a folder or an option are not given, and kept where they are there") {
  storage::Loaded loaded;
  loaded.users = {{.id = 1, .name = ".."}};
  loaded.networks.resize(1);
  loaded.networks[0].id = loaded.networks[0].user = 1;
  loaded.networks[0].name = "-n";
  loaded.networks[0].urls = "ircs://h";
  loaded.devices = {{.id = 1, .user = 1, .name = "."}};
  AccountsBench bench(std::move(loaded));
  Accounts& accounts = bench.accounts;
  REQUIRE(accounts.set_enabled("..", true));
  REQUIRE(accounts.set_network("..", "-n", bench.draft("ircs://other.example.org")));
  CHECK(accounts.device_for(1, ".").has_value());
  CHECK(accounts.add_device("..", ".").has_value());
  REQUIRE(accounts.add_user("kit", "", false));
  REQUIRE(accounts.add_network("kit", "libera", bench.draft()));
  REQUIRE(accounts.add_device("kit", "phone"));
  for (const std::string name : {".", "..", "-", "-x", "--yes"}) {
    INFO(name);
    CHECK_FALSE(accounts.add_user(name, "", false));
    CHECK_FALSE(accounts.rename_user("kit", name));
    CHECK_FALSE(accounts.add_network("kit", name, bench.draft()));
    CHECK_FALSE(accounts.rename_network("kit", "libera", name));
    CHECK_FALSE(accounts.add_device("kit", name));
    CHECK_FALSE(accounts.rename_device("kit", "phone", name));
    CHECK_FALSE(accounts.device_for(accounts.find_user("kit")->id, name));
    CHECK(is_account_name(account_name_like(name)));
  }
  for (const char* name : {"...", ".x", "x-", "_-"}) CHECK(is_account_name(name));
}
