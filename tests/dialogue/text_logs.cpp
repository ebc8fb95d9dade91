// Running plain-text logs in ZNC's layout: what is logged is in the files a moment later, once.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

#include "bouncer/core/user.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

// 2023-11-14 22:13:20 UTC is where the scene's clock begins.
constexpr const char* kDay = "2023-11-14.log";

std::filesystem::path file(const Scene& scene, std::string_view window, std::string_view user = "ann",
                           std::string_view network = "net") {
  return scene.directory / "logs" / user / network / window / kDay;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Lets the logs come to the disk.
template <typename Done>
void settle(Scene& scene, Done&& done) {
  REQUIRE(scene.turn_until([&] {
    scene.drain();
    scene.advance(1000);
    return done();
  }));
}

bool said(const Scene& scene, std::string_view part) {
  return std::ranges::any_of(scene.audit,
                             [&](const auto& line) { return line.find(part) != std::string::npos; });
}

struct InUtc {
  InUtc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  ~InUtc() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

}  // namespace

TEST_CASE("lines are appended to plain-text files as they come, each once, also over restarts") {
  const InUtc utc;
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#C"});
  Actor server = scene.register_network();
  scene.join(server, "#C");
  server.say(":bob!b@h PRIVMSG #C :before they were turned on");
  server.ping();
  REQUIRE(scene.accounts().set_user("ann", {{"text-logs", "yes"}}));
  scene.accounts().flush(nullptr);
  server.say(":bob!b@h PRIVMSG #C :first");
  server.say(":bob!b@h PRIVMSG ann :to you");
  server.say(
      ":bob!b@h PRIVMSG #C :\x01"
      "ACTION waves\x01");
  server.say(":bob!b@h QUIT :gone");
  settle(scene, [&] { return contents(file(scene, "#c")).find("Quits") != std::string::npos; });
  CHECK(contents(file(scene, "#c")) ==
        "[22:13:20] <bob> first\n[22:13:20] * bob waves\n[22:13:20] *** Quits: bob (b@h) (gone)\n");
  CHECK(contents(file(scene, "bob")) == "[22:13:20] <bob> to you\n[22:13:20] *** Quits: bob (b@h) (gone)\n");

  // What was not yet in the files when Halley ended comes at the next start.
  server.say(":carl!c@h PRIVMSG #C :just before the end");
  server.ping();
  scene.restart();
  Actor again = scene.register_network();
  again.say(":carl!c@h PRIVMSG #C :after the start");
  settle(scene, [&] { return contents(file(scene, "#c")).find("after the start") != std::string::npos; });
  const std::string all = contents(file(scene, "#c"));
  CHECK(count(all, "first") == 1);
  CHECK(count(all, "just before the end") == 1);
  CHECK(count(all, "after the start") == 1);
  CHECK(all.find("before they were turned on") == std::string::npos);

  // Turned off, nothing more is written, and what was said meanwhile does not come later.
  REQUIRE(scene.accounts().set_user("ann", {{"text-logs", "no"}}));
  scene.accounts().flush(nullptr);
  again.say(":carl!c@h PRIVMSG #C :while off");
  again.ping();
  REQUIRE(scene.accounts().set_user("ann", {{"text-logs", "yes"}}));
  scene.accounts().flush(nullptr);
  again.say(":carl!c@h PRIVMSG #C :on again");
  settle(scene, [&] { return contents(file(scene, "#c")).find("on again") != std::string::npos; });
  CHECK(contents(file(scene, "#c")).find("while off") == std::string::npos);
}

TEST_CASE("history.text_logs turns them on for all who do not say otherwise") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_user("bob");
  REQUIRE(scene.accounts().set_user("bob", {{"text-logs", "no"}}));
  CHECK_FALSE(scene.accounts().set_user("bob", {{"text-logs", "perhaps"}}));
  scene.accounts().flush(nullptr);
  scene.add_network("ann", "net");
  Actor of_ann = scene.register_network();
  scene.add_network("bob", "net");
  Actor of_bob = scene.register_network("bob");
  of_bob.say(":eve!e@h PRIVMSG bob :hello");
  of_ann.say(":eve!e@h PRIVMSG ann :hello");
  of_bob.ping();
  settle(scene, [&] { return !contents(file(scene, "eve")).empty(); });
  CHECK_FALSE(std::filesystem::exists(scene.directory / "logs/bob"));
}

TEST_CASE("a flood comes to the plain-text logs whole and in order, a page at a time") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  std::string expected;
  constexpr int kLines = 6000;
  const std::string filler(100, 'x');
  for (int i = 0; i < kLines; ++i) {
    server.say(":bob!b@h PRIVMSG ann :" + std::to_string(i) + " " + filler);
    if (i % 500 == 0) server.ping();
  }
  server.ping();
  settle(scene, [&] { return contents(file(scene, "bob")).find("5999 ") != std::string::npos; });
  const std::string all = contents(file(scene, "bob"));
  CHECK(count(all, "\n") == kLines);
  std::size_t at = 0;
  for (int i = 0; i < kLines && at != std::string::npos; ++i)
    at = all.find("> " + std::to_string(i) + " ", at);
  CHECK(at != std::string::npos);
}

TEST_CASE("plain-text logs go with their user, network or buffer, and take new names") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  const auto hear = [&](std::string_view from, std::string_view user, std::string_view network) {
    server.say(":" + std::string(from) + "!x@h PRIVMSG ann :hello");
    server.ping();
    settle(scene, [&] { return !contents(file(scene, from, user, network)).empty(); });
  };
  const auto gone = [&](const std::filesystem::path& path) {
    scene.accounts().flush(nullptr);
    settle(scene, [&] { return !std::filesystem::exists(scene.directory / "logs" / path); });
  };
  hear("bob", "ann", "net");
  hear("eve", "ann", "net");
  const auto& user = scene.user("ann");
  const auto network = user.networks()[0]->id();
  REQUIRE(scene.accounts().remove_buffer({.id = user.networks()[0]->buffers().find("bob"),
                                          .user = user.id(),
                                          .network = network,
                                          .name = "bob"}));
  gone("ann/net/bob");
  CHECK_FALSE(contents(file(scene, "eve")).empty());
  REQUIRE(scene.accounts().rename_network("ann", "net", "other"));
  gone("ann/net");
  CHECK_FALSE(contents(file(scene, "eve", "ann", "other")).empty());
  REQUIRE(scene.accounts().rename_user("ann", "annie"));
  gone("ann");
  CHECK_FALSE(contents(file(scene, "eve", "annie", "other")).empty());
  hear("carl", "annie", "other");
  REQUIRE(scene.accounts().remove_network("annie", "other"));
  gone("annie/other");
  REQUIRE(scene.accounts().remove_user("annie"));
  gone("annie");
}

TEST_CASE("plain-text logs that cannot be written are told of, and written when they can be") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  std::ofstream(scene.directory / "logs") << "in the way";
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  server.say(":bob!b@h PRIVMSG ann :one");
  server.ping();
  settle(scene, [&] { return !scene.daemon().status(0).text_logs_trouble.empty(); });
  CHECK(said(scene, "plain-text logs wait, as they cannot be written"));
  CHECK(scene.daemon().status(0).text_logs_trouble.find("Not a directory") != std::string::npos);
  server.say(":bob!b@h PRIVMSG ann :two");
  server.ping();
  std::filesystem::remove(scene.directory / "logs");
  settle(scene, [&] { return contents(file(scene, "bob")).find("two") != std::string::npos; });
  const std::string all = contents(file(scene, "bob"));
  CHECK(count(all, "\n") == 2);
  CHECK(count(all, "<bob> one\n") == 1);
  CHECK(count(all, "<bob> two\n") == 1);
  CHECK(scene.daemon().status(0).text_logs_trouble.empty());
  CHECK(said(scene, "plain-text logs are written again"));
}
