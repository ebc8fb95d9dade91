// What cannot be undone: it is looked for, asked about, and never suggested.
#include <catch2/catch.hpp>

#include "bouncer/cli/command_table.h"
#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using tests::RunnerBench;

TEST_CASE("What destroys asks in band, is never suggested, and things can be renamed instead") {
  RunnerBench bench;
  bench.add_kit();
  const Caller kit{1, true};
  bench.must("network add libera ircs://h", "", kit);
  const auto asked = bench.run("network remove libera", "", kit);
  CHECK(asked.status == 1);
  CHECK_THAT(asked.error,
             Catch::Contains("all that was logged there") && Catch::EndsWith("network remove libera --yes"));
  // It is looked before it is asked.
  CHECK_THAT(bench.run("network remove oftc", "", kit).error, Catch::Contains("no network \"oftc\""));
  CHECK_THAT(bench.run("device revoke phone", "", kit).error, Catch::Contains("no device \"phone\""));
  CHECK_THAT(bench.run("passkey revoke 7", "", kit).error, !Catch::Contains("this removes"));
  CHECK_THAT(bench.run("user remove nobody", "", kit).error, Catch::Contains("no user \"nobody\""));
  CHECK_THAT(bench.run("upload remove x", "", kit).error, Catch::Contains("no file x"));
  bench.daemon.uploaded = {{.name = "a.png", .bytes = 1}};
  CHECK_THAT(bench.run("upload remove a.png", "", kit).error, Catch::EndsWith("upload remove a.png --yes"));
  CHECK(bench.must("upload remove kit a.png --look").json["would_remove"] == "the file");
  CHECK(bench.daemon.uploaded.size() == 1);
  bench.must("network remove kit libera --look");
  CHECK(bench.accounts.networks(1).size() == 1);
  CHECK(bench.run("network remove kit oftc --look").status == 1);
  CHECK(bench.run("batch", "network remove kit libera --look\n").status == 2);
  CHECK(bench.accounts.networks(1).size() == 1);
  for (const Command& command : commands()) {
    if (command.traits.destroys.empty()) continue;
    INFO(command.words);
    // Every word that is one letter off.
    for (std::size_t i = 0; i < command.words.size(); ++i) {
      std::string typo(command.words);
      typo.erase(i, 1);
      const auto result = bench.run(typo, "", kit);
      CHECK_THAT(result.error, !Catch::Contains("did you mean " + std::string(command.words)));
      // Nor what it resembles less: where a letter of its second word is missing, its group is named.
      if (i > command.words.find(' '))
        CHECK_THAT(
            result.error,
            Catch::EndsWith("see help " + std::string(command.words.substr(0, command.words.find(' ')))));
    }
  }
  CHECK_THAT(bench.run("network rname libera x", "", kit).error,
             Catch::Contains("did you mean network rename?"));
  bench.must("network rename libera Liberty", "", kit);
  CHECK(bench.must("network list", "", kit).json[0]["name"] == "Liberty");
  bench.must("network remove liberty --yes", "", kit);
  CHECK(bench.accounts.networks(1).empty());

  bench.must("user rename kit kate");  // the operator's scripts mean what they say
  CHECK(bench.accounts.find_user("kate") != nullptr);
  CHECK_THAT(bench.must("help network remove").text, Catch::Contains("--yes"));
  bench.must("user remove kate");
}
