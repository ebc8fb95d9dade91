#include <catch2/catch.hpp>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("Passkeys are listed, renamed and revoked") {
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
  bench.must("passkey rename kit 2 'kitchen tablet'");
  CHECK_THAT(bench.must("passkey list kit").text, Catch::Contains("2  kitchen tablet  chat.test"));
  CHECK(bench.run("passkey rename kit two tablet").status == 2);
  CHECK(bench.run("passkey rename kit 9 tablet").status == 1);
  CHECK_THAT(bench.run("passkey rename kit 1 " + std::string(65, 'x')).error,
             Catch::Contains("1 to 64 bytes"));
  CHECK_THAT(bench.must("passkey list kit").text, Catch::Contains("1  my phone  "));
  CHECK(bench.run("passkey revoke kit one").status == 2);
  CHECK(bench.run("passkey revoke kit 9").status == 1);
  bench.must("passkey revoke kit 1");
  CHECK(bench.run("passkey revoke kit 1").status == 1);
  CHECK(bench.must("passkey list kit").json.size() == 1);
}
