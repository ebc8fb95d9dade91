#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "bouncer/cli/init.h"
#include "bouncer/cli/offline.h"
#include "bouncer/config/config_file.h"
#include "bouncer/config/config_keys.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;
using namespace halley::cli;

namespace {

CommandResult offline(const Config& config, std::vector<std::string> args, std::string input = {}) {
  return run_offline(config, {std::move(args), std::move(input)});
}

}  // namespace

TEST_CASE("init writes a configuration that names each key, and makes an administrator") {
  const fakes::TempDirectory folder;
  const InitRequest request{.file = folder.path() / "etc/halley.toml",
                            .data_dir = folder.path() / "data",
                            .hostname = "irc.example.org",
                            .admin = "kit",
                            .password = "correct horse"};
  const CommandResult made = run_init(request);
  INFO(made.error);
  REQUIRE(made.status == 0);
  CHECK_THAT(made.text, Catch::Contains("serve") &&
                            Catch::Contains(made.json["fingerprint"].get<std::string>()) &&
                            !Catch::Contains("correct horse"));
  // Tokens first: what is to be pasted has one, not the password.
  const std::string token = made.json["token"].get<std::string>();
  CHECK_THAT(made.text, Catch::Contains("-password=kit:" + token) && !Catch::Contains("PASSWORD"));
  const std::string url = "ircs://kit%40first:" + token + "@irc.example.org:6697";
  CHECK(made.json["url"] == url);
  CHECK_THAT(made.text, Catch::Contains(" " + url + "\n"));
  std::ifstream in(request.file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const ConfigKey& key : config_keys()) CHECK_THAT(text, Catch::Contains(std::string(key.name) + " = "));
  const auto config = parse_config(text, request.file);
  REQUIRE(config);
  CHECK(config->hostname == "irc.example.org");
  CHECK(config->data_dir == request.data_dir);
  CHECK(config->listen.size() == 2);
  CHECK(offline(*config, {"user", "list"}).json[0]["admin"] == true);
  CHECK(offline(*config, {"device", "list", "kit"}).json[0]["token"] == true);

  const CommandResult again = run_init(request);
  CHECK(again.status == 1);
  CHECK_THAT(again.error, Catch::Contains("there already"));
  CHECK(made.json["joined"] == false);
  CHECK_THAT(made.text, !Catch::Contains("already"));

  // Where there are data already the administrator joins who is there, and is told so.
  InitRequest second = request;
  second.file = folder.path() / "other.toml";
  second.admin = "ann";
  const CommandResult joined = run_init(second);
  INFO(joined.error);
  REQUIRE(joined.status == 0);
  CHECK(joined.json["joined"] == true);
  CHECK(joined.json["data_dir"] == request.data_dir.string());
  CHECK_THAT(joined.text, Catch::StartsWith("There were data of Halley's in " + request.data_dir.string() +
                                            " already: ann was added to the users there."));
  CHECK(offline(*config, {"user", "list"}).json.size() == 2);
}

TEST_CASE("init that cannot make the administrator leaves no configuration") {
  const fakes::TempDirectory folder;
  const InitRequest request{.file = folder.path() / "halley.toml",
                            .data_dir = folder.path() / "data",
                            .hostname = "irc.example.org",
                            .admin = "kit",
                            .password = "x"};
  CHECK_THAT(run_init(request).error, Catch::Contains("at least 6"));
  CHECK_FALSE(std::filesystem::exists(request.file));
}

TEST_CASE("Commands that only read make no files, and one that makes them says so") {
  const fakes::TempDirectory folder;
  Config config;
  config.data_dir = folder.path() / "data";
  const std::vector<std::vector<std::string>> refused{
      {"status"}, {"user", "list"}, {"user", "disable", "kit"}};
  for (const auto& args : refused) {
    const CommandResult result = offline(config, args);
    CHECK(result.status == 1);
    CHECK_THAT(result.error, Catch::Contains(config.data_dir.string()));
    CHECK_FALSE(std::filesystem::exists(config.data_dir));
  }
  const CommandResult made = offline(config, {"user", "add", "kit", "--password-stdin"}, "correct horse\n");
  REQUIRE(made.status == 0);
  CHECK_THAT(made.note, Catch::Contains("new data") && Catch::Contains("no daemon"));
  CHECK(offline(config, {"status"}).status == 0);
  CHECK_THAT(offline(config, {"user", "disable", "kit"}).note, Catch::Contains("no daemon"));
}

TEST_CASE("Without its key a store is not opened by commands that make none") {
  const fakes::TempDirectory folder;
  Config config;
  config.data_dir = folder.path() / "data";
  REQUIRE(offline(config, {"user", "add", "kit", "--password-stdin"}, "correct horse\n").status == 0);
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(config.data_dir))
      names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  };
  for (const char* name : {"halley.key", "halley.journal", "halley.lock"})
    std::filesystem::remove(config.data_dir / name);
  const auto before = files();
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"status"}, {"user", "list"}, {"device", "list", "kit"}}) {
    const CommandResult result = offline(config, args);
    CHECK(result.status == 1);
    CHECK_THAT(result.error, Catch::Contains("halley.key is missing") && Catch::Contains("put back"));
    CHECK(files() == before);
  }
  const CommandResult ill = offline(config, {"doctor"});
  CHECK(ill.status == 1);
  CHECK_THAT(ill.text, Catch::Contains("BAD   key: ") && Catch::Contains("put back the one"));
  CHECK_FALSE(std::filesystem::exists(config.data_dir / "halley.key"));
}

TEST_CASE("A first command that fails leaves no store behind") {
  const fakes::TempDirectory folder;
  Config config;
  config.data_dir = folder.path() / "data";
  CHECK(offline(config, {"user", "add", "kit", "--password-stdin"}, "short\n").status == 1);
  CHECK_FALSE(std::filesystem::exists(config.data_dir));
  CHECK(offline(config, {"user", "add", "k/t", "--password-stdin"}, "correct horse\n").status == 1);
  CHECK_FALSE(std::filesystem::exists(config.data_dir));
  CHECK(offline(config, {"batch"}, "user add kit password=short\n").status == 1);
  CHECK_FALSE(std::filesystem::exists(config.data_dir));
  // What was there stays.
  std::filesystem::create_directory(config.data_dir);
  std::ofstream(config.data_dir / "notes") << "mine";
  CHECK(offline(config, {"batch"}, "user add kit password=short\n").status == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(config.data_dir), {}) == 1);
  REQUIRE(offline(config, {"user", "add", "kit", "--password-stdin"}, "correct horse\n").status == 0);
  CHECK(offline(config, {"user", "add", "kit", "--password-stdin"}, "correct horse\n").status == 1);
  CHECK(offline(config, {"user", "list"}).json.size() == 1);
}
