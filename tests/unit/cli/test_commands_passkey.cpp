#include <catch2/catch.hpp>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("Passkeys are listed and revoked") {
  RunnerBench bench;
  bench.add_kit();
  CHECK_THAT(bench.must("passkey list kit").text, Catch::Contains("no passkeys"));
  for (const char* id : {"a", "b"})
    REQUIRE(bench.accounts.add_passkey(
        {.user = 1, .name = "my phone", .host = "chat.test", .credential_id = id}));
  bench.accounts.flush(nullptr);
  const auto list = bench.must("passkey list kit");
  CHECK_THAT(list.text, Catch::Contains("1  my phone  chat.test") && Catch::Contains("used never"));
  CHECK((list.json.size() == 2 && list.json[1]["id"] == 2 && list.json[1]["host"] == "chat.test"));
  CHECK(bench.must("user show kit").json["passkeys"] == 2);
  CHECK(bench.run("passkey revoke kit one").status == 2);
  CHECK(bench.run("passkey revoke kit 9").status == 1);
  bench.must("passkey revoke kit 1");
  CHECK(bench.run("passkey revoke kit 1").status == 1);
  CHECK(bench.must("passkey list kit").json.size() == 1);
}
