#include <catch2/catch.hpp>

#include "bouncer/accounts/client_cert.h"
#include "bouncer/config/listen_url.h"
#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("What a device hides is set and listed while a daemon runs, by its user and by the operator") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("network add kit libera ircs://h");
  bench.must("device add kit bot");
  CHECK(bench.must("device list kit").json[0]["hidden"] == nlohmann::json::array());
  CHECK(bench.must("device hide kit bot libera '#comet'").text == "device bot hides #comet on libera");
  const Caller kit{bench.accounts.find_user("kit")->id, false};
  bench.must("device hide bot libera bob", "", kit);
  CHECK_THAT(bench.must("device list kit").text, Catch::Contains("  hides libera/#comet, libera/bob"));
  CHECK(bench.must("device list kit").json[0]["hidden"][1]["target"] == "bob");
  CHECK(bench.must("device unhide kit bot libera bob").text == "device bot shows bob on libera");
  CHECK(bench.run("device unhide kit bot libera bob").error == "it does not hide that");
  CHECK(bench.run("device hide kit bot libera 'a b'").error == "that is no nick or channel");
  CHECK(bench.run("device hide kit phone libera bob").error ==
        "kit has no device \"phone\"; see device list");
  CHECK_THAT(bench.run("device hide kit bot nowhere bob").error, Catch::Contains("nowhere"));
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("device hide kit bot libera bob").error, Catch::Contains("no daemon runs"));
  CHECK(bench.must("device list kit").json[0]["hidden"].is_null());
}

TEST_CASE("A device is given a certificate by either of its fingerprints, in place of a token") {
  RunnerBench bench;
  bench.add_kit();
  const std::string sha256(64, 'a'), sha512(128, 'b');
  CHECK_THAT(bench.must("device add kit phone --certificate AA:" + std::string(62, 'A')).text,
             Catch::Contains("logs in by SASL EXTERNAL"));
  CHECK(bench.must("device list kit").json[0]["certificate"] == sha256);
  CHECK(bench.must("device add kit tablet --certificate " + sha512).json["device"] == "tablet");
  CHECK(bench.must("device list kit").json[1]["certificate"] == sha512);
  CHECK(
      bench.run("device add kit third --certificate 12:34").error ==
      "\"12:34\" is no fingerprint of a certificate: it takes the 64 hex digits of a SHA-256, or the 128 of "
      "a SHA-512");
  CHECK(bench.run("device add kit third --certificate " + sha512).error ==
        "device tablet of kit has that certificate already");
  CHECK(bench.run("device add kit phone --certificate " + std::string(128, 'c')).error ==
        "device phone of kit has a certificate already; say: device revoke kit phone");
}

TEST_CASE("A device gets another name, and keeps its token") {
  RunnerBench bench;
  bench.add_kit();
  const auto token = bench.must("device add kit phone").json["token"].get<std::string>();
  bench.must("device add kit tablet");
  CHECK_THAT(bench.must("device rename kit phone old-phone").text, Catch::Contains("kit@old-phone"));
  REQUIRE(bench.accounts.find_token(token));
  CHECK(bench.accounts.find_token(token)->name == "old-phone");
  CHECK(bench.run("device rename kit phone new").error == "kit has no device \"phone\"; see device list");
  CHECK(bench.run("device rename kit old-phone Tablet").error == "kit has a device tablet already");
  CHECK_THAT(bench.run("device rename kit old-phone 'a b'").error,
             Catch::Contains("cannot be a device's name"));
  bench.must("device rename kit old-phone OLD-phone");  // its own name, in other letters
  CHECK(bench.must("device list kit").json[0]["name"] == "OLD-phone");
}

TEST_CASE("A certificate is made for a device that has none, and shown once") {
  RunnerBench bench;
  bench.add_kit();
  // All of the user's clients hear *halley's answers.
  CHECK_THAT(bench.run("device add laptop --make-certificate", "", {.user = 1, .admin = false}).error,
             Catch::Contains("not told over IRC"));
  CHECK(bench.accounts.find_device(1, "laptop") == nullptr);
  const CommandResult made = bench.must("device add kit laptop --make-certificate");
  const auto certificate = made.json["certificate"].get<std::string>(),
             key = made.json["key"].get<std::string>();
  CHECK(client_cert_fingerprint(certificate + key) == made.json["fingerprint"].get<std::string>());
  CHECK_THAT(made.text, Catch::StartsWith(certificate + key));
  CHECK_FALSE(made.json.contains("token"));
  const CommandResult listed = bench.must("device list kit");
  CHECK(listed.json[0]["certificate"] == made.json["fingerprint"]);
  CHECK(listed.json[0].dump().find("PRIVATE") == std::string::npos);
  CHECK_THAT(bench.run("device add kit laptop --make-certificate").error,
             Catch::Contains("has a certificate already"));
  CHECK_THAT(bench.run("device add kit other --make-certificate --certificate " + std::string(64, 'a')).error,
             Catch::Contains("not both"));
  CHECK(bench.must("device list kit").json.size() == 1);
  CHECK(
      bench.must("device add tablet --make-certificate", "", {.user = 1, .admin = false, .overheard = false})
          .json.contains("key"));
}

TEST_CASE("A new device is told its token, alone on the first line, and the link that sets its client up") {
  RunnerBench bench;
  bench.add_kit();
  bench.config.hostname = "irc.example.org";
  bench.config.listen = {parse_listen_url("ircs://0.0.0.0:6697").value()};
  const CommandResult made = bench.must("device add kit phone");
  const auto token = made.json["token"].get<std::string>();
  const std::string url = "ircs://kit%40phone:" + token + "@irc.example.org:6697";
  CHECK(made.json["url"] == url);
  CHECK_THAT(made.text, Catch::StartsWith(token + "\n") && Catch::EndsWith("\n" + url));
  // In band, too, and without a code.
  const Caller kit{bench.accounts.find_user("kit")->id, false};
  const CommandResult said = bench.must("device add tablet", "", kit);
  CHECK_THAT(said.text, Catch::EndsWith("\n" + said.json["url"].get<std::string>()));
  CHECK_THAT(said.text, !Catch::Contains("█"));

  bench.config.listen = {parse_listen_url("irc://127.0.0.1:6667").value()};
  const CommandResult without = bench.must("device add kit third --no-qr");
  CHECK(without.json["url"].is_null());
  CHECK_THAT(without.text, Catch::StartsWith(without.json["token"].get<std::string>() + "\n") &&
                               Catch::Contains("No link can be told that sets up a client: `listen`"));
}
