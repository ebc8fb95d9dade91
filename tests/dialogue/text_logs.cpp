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

TEST_CASE("trouble of plain-text logs is over once whoever has it has them no more") {
  Scene scene;
  scene.config.history.text_logs = true;
  std::ofstream(scene.directory / "logs") << "in the way";
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  server.say(":bob!b@h PRIVMSG ann :one");
  server.ping();
  settle(scene, [&] { return !scene.daemon().status(0).text_logs_trouble.empty(); });
  REQUIRE(scene.accounts().set_user("ann", {{"text-logs", "no"}}));
  scene.accounts().flush(nullptr);
  CHECK(scene.daemon().status(0).text_logs_trouble.empty());
  scene.advance(60'000);
  CHECK(scene.daemon().status(0).text_logs_trouble.empty());
}

TEST_CASE("what is read while a name changes comes to the files of the new one") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  server.say(":bob!b@h PRIVMSG ann :one");
  server.ping();
  settle(scene, [&] { return !contents(file(scene, "bob")).empty(); });
  server.say(":bob!b@h PRIVMSG ann :two");
  server.ping();
  scene.drain();
  scene.hold_answers(true);
  scene.advance(3000);
  REQUIRE(scene.accounts().rename_network("ann", "net", "other"));
  scene.accounts().flush(nullptr);
  scene.hold_answers(false);
  const auto other = file(scene, "bob", "ann", "other");
  settle(scene, [&] { return contents(other).find("two") != std::string::npos; });
  // How long it took until the first line was written decides the second one's time: only the texts are told.
  const auto written = contents(other);
  CHECK(count(written, "\n") == 2);
  CHECK(written.find("<bob> one\n") < written.find("<bob> two\n"));
  CHECK_FALSE(std::filesystem::exists(scene.directory / "logs/ann/net"));
}

TEST_CASE("what stands in many windows comes to the plain-text logs in pieces, in order and once") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  constexpr int kChannels = 25, kNicks = 100;  // more than kMostTextPageLines in one page
  std::string nicks;
  for (int nick = 10; nick < 10 + kNicks; ++nick) (nicks += nick == 10 ? "n" : " n") += std::to_string(nick);
  for (int channel = 0; channel < kChannels; ++channel)
    scene.join(server, "#c" + std::to_string(channel), nicks);
  scene.drain();
  for (int nick = 10; nick < 10 + kNicks; ++nick) server.say(":n" + std::to_string(nick) + "!n@h QUIT :gone");
  server.ping();
  const auto of = [&](int channel) { return contents(file(scene, "#c" + std::to_string(channel))); };
  settle(scene, [&] {
    std::size_t quits = 0;
    for (int channel = 0; channel < kChannels; ++channel) quits += count(of(channel), "*** Quits: ");
    return quits >= std::size_t{kChannels} * kNicks;
  });
  for (int channel = 0; channel < kChannels; ++channel) {
    const std::string all = of(channel);
    CHECK(count(all, "*** Quits: ") == kNicks);
    std::size_t at = 0;
    for (int nick = 10; nick < 10 + kNicks && at != std::string::npos; ++nick)
      at = all.find("*** Quits: n" + std::to_string(nick) + " ", at);
    CHECK(at != std::string::npos);
  }
}

TEST_CASE("windows of two buffers that share files go with the last of them") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  scene.join(server, "#a/b");
  scene.join(server, "#a-b");
  server.say(":bob!b@h PRIVMSG #a/b :one");
  server.say(":bob!b@h PRIVMSG #a-b :two");
  server.ping();
  settle(scene, [&] { return contents(file(scene, "#a-b")).find("two") != std::string::npos; });
  const auto& user = scene.user("ann");
  const auto remove = [&](std::string_view name) {
    const auto& network = *user.networks()[0];
    REQUIRE(scene.accounts().remove_buffer({.id = network.buffers().find(name),
                                            .user = user.id(),
                                            .network = network.id(),
                                            .name = std::string(name)}));
    scene.accounts().flush(nullptr);
  };
  remove("#a/b");
  scene.advance(10'000);
  CHECK(contents(file(scene, "#a-b")).find("one") != std::string::npos);
  remove("#a-b");
  settle(scene, [&] { return !std::filesystem::exists(scene.directory / "logs/ann/net/#a-b"); });
}

TEST_CASE("while plain-text logs wait, so many changes of names wait with them, and it is told of the rest") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  std::ofstream(scene.directory / "logs") << "in the way";
  scene.add_user("ann");
  scene.add_network("ann", "n0");
  Actor server = scene.register_network();
  server.say(":bob!b@h PRIVMSG ann :one");
  server.ping();
  settle(scene, [&] { return !scene.daemon().status(0).text_logs_trouble.empty(); });
  const auto name = [](std::size_t number) { return "n" + std::to_string(number); };
  constexpr std::size_t kMost = halley::TextLogs::kMostMoves;
  for (std::size_t i = 0; i <= kMost; ++i) {
    CHECK_FALSE(said(scene, "too much waits for the disk"));
    REQUIRE(scene.accounts().rename_network("ann", name(i), name(i + 1)));
    scene.accounts().flush(nullptr);
  }
  CHECK(said(scene, "ann/n256 is not renamed, as too much waits for the disk"));
  std::filesystem::remove(scene.directory / "logs");
  settle(scene, [&] { return !contents(file(scene, "bob", "ann", name(kMost))).empty(); });
  CHECK_FALSE(std::filesystem::exists(scene.directory / "logs/ann/n0"));
}

TEST_CASE("of windows whose network goes while plain-text logs wait only the network waits to be removed") {
  const InUtc utc;
  Scene scene;
  scene.config.history.text_logs = true;
  std::ofstream(scene.directory / "logs") << "in the way";
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  constexpr std::size_t kMost = halley::TextLogs::kMostMoves;
  for (std::size_t i = 0; i < kMost; ++i) server.say(":b" + std::to_string(i) + "!b@h PRIVMSG ann :hello");
  server.ping();
  settle(scene, [&] { return !scene.daemon().status(0).text_logs_trouble.empty(); });
  const auto& user = scene.user("ann");
  for (std::size_t i = 0; i < kMost; ++i) {
    const auto& network = *user.networks()[0];
    const std::string nick = "b" + std::to_string(i);
    REQUIRE(scene.accounts().remove_buffer(
        {.id = network.buffers().find(nick), .user = user.id(), .network = network.id(), .name = nick}));
    scene.accounts().flush(nullptr);
  }
  REQUIRE(scene.accounts().remove_network("ann", "net"));
  scene.accounts().flush(nullptr);
  CHECK_FALSE(said(scene, "too much waits for the disk"));
  std::filesystem::remove(scene.directory / "logs");
  settle(scene, [&] { return scene.daemon().status(0).text_logs_trouble.empty(); });
  settle(scene, [&] { return !std::filesystem::exists(scene.directory / "logs/ann/net"); });
}
