// user reset, and the group invite.
#include <catch2/catch.hpp>

#include "bouncer/cli/text_table.h"
#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using cli::Caller;
using tests::RunnerBench;

TEST_CASE("what somebody typed cannot change the terminal that shows it") {
  const std::string evil =
      "a\x1b]0;title\x07\nb\x7f \xc2\x9b"
      "2J \xc3\xa4\t.";
  CHECK(cli::text_table({{evil, "x"}, {"y", "z"}}) ==
        "a^[]0;title^G^Jb^? \\u009b2J \xc3\xa4^I.  x\ny" + std::string(33, ' ') + "z");
  CHECK(cli::visible_lines("one\ntwo\t\x1b[2J\r\xc2") == "one\ntwo\t^[[2J^M\xc2");
  RunnerBench bench;
  bench.must("invite add --note 'for \x1b[2Jbob'");
  const auto list = bench.must("invite list");
  CHECK_THAT(list.text, Catch::Contains("for ^[[2Jbob"));
  CHECK(list.json[0]["note"] == "for \x1b[2Jbob");
}

TEST_CASE("A reset is told once, with the page's address where that is known, and kept as a hash") {
  RunnerBench bench;
  bench.add_kit();
  const auto bare = bench.must("user reset kit");
  const std::string code = bare.json["code"];
  CHECK(code.size() == 43);
  CHECK(bare.json["url"] == "");
  CHECK_THAT(bare.text, Catch::StartsWith("#reset=" + code) && Catch::Contains("http.public_url"));
  REQUIRE(bench.accounts.find_ticket(code) != nullptr);
  CHECK(bench.accounts.find_ticket(code)->user == 1);

  bench.config.http.public_url = "https://irc.example.org";
  const auto full = bench.must("user reset kit --hours 2");
  CHECK(full.json["url"] == "https://irc.example.org/#reset=" + full.json["code"].get<std::string>());
  CHECK_THAT(full.text, Catch::StartsWith(full.json["url"].get<std::string>()));
  CHECK(bench.accounts.find_ticket(code) == nullptr);  // the newer one counts
  const auto* row = bench.accounts.find_ticket(full.json["code"].get<std::string>());
  REQUIRE(row != nullptr);
  CHECK(row->until_ms - row->created_ms == 2 * 3'600'000);
  CHECK(bench.run("user reset nobody").status == 1);
  for (const char* hours : {"0", "721", "-1", "x", "2h", ""}) {
    INFO(hours);
    CHECK(bench.run(std::string("user reset kit --hours '") + hours + "'").status == 2);
  }
}

TEST_CASE("In band administrators make resets for others; for themselves that takes their password") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("user add ann --password-hash-stdin", tests::kCheapHash);
  const Caller kit{.user = 1, .admin = true};
  CHECK(bench.run("user reset kit", "", {.user = 2, .admin = false}).status == 1);
  CHECK(bench.run("invite add", "", {.user = 2, .admin = false}).status == 1);
  bench.must("user reset ann", "", kit);
  CHECK_THAT(bench.run("user reset KIT", "", kit).error, Catch::Contains("needs the current one"));
  bench.must("user reset kit", "", {.user = 1, .admin = true, .proven_by = ProvenBy::kPassword});
}

TEST_CASE("Invitations are made, listed without their codes, and revoked") {
  RunnerBench bench;
  CHECK_THAT(bench.must("invite list").text, Catch::Contains("no invitations"));
  bench.config.http.public_url = "https://irc.example.org";
  const auto made = bench.must("invite add --uses 3 --days 2 --note 'the people of #comet'");
  const std::string code = made.json["code"];
  CHECK(made.json["url"] == "https://irc.example.org/#invite=" + code);
  CHECK_THAT(made.text, Catch::Contains("3 users") && Catch::Contains(code));
  const auto list = bench.must("invite list");
  REQUIRE(list.json.size() == 1);
  CHECK((list.json[0]["uses"] == 3 && list.json[0]["note"] == "the people of #comet"));
  CHECK_THAT(list.text, Catch::Contains("3 left") && Catch::Contains("#comet") && !Catch::Contains(code));
  CHECK(bench.accounts.find_ticket(code)->until_ms - bench.accounts.find_ticket(code)->created_ms ==
        2 * 86'400'000);
  CHECK(bench.must("invite add").json["uses"] == 1);
  for (const char* wrong : {"--uses 0", "--uses 1001", "--days 366", "--days x"}) {
    INFO(wrong);
    CHECK(bench.run(std::string("invite add ") + wrong).status == 2);
  }
  CHECK(bench.run("invite revoke x").status == 2);
  CHECK(bench.run("invite revoke 99").status == 1);
  bench.must("invite revoke " + made.json["id"].dump());
  CHECK(bench.must("invite list").json.size() == 1);
  CHECK(bench.accounts.find_ticket(code) == nullptr);
}

TEST_CASE("Where another program checks passwords, none is given, changed or invited to here") {
  RunnerBench bench;
  bench.add_kit();
  bench.config.auth.http = "https://auth.example";
  for (const char* line :
       {"user passwd kit", "user passwd kit --password-stdin", "user add ann --password-stdin",
        "user set kit --password-stdin", "user reset kit"}) {
    INFO(line);
    CHECK_THAT(bench.run(line, "six or more\n").error, Catch::Contains("auth.http"));
  }
  CHECK_THAT(bench.run("invite add").error, Catch::Contains("auth.create"));
  bench.must("user add ann");
  CHECK(bench.accounts.find_user("ann")->password_hash.empty());
  bench.must("user set kit retention-days=3");
  bench.config.auth.http.clear();
  CHECK(bench.run("user add bob").status == 1);
}
