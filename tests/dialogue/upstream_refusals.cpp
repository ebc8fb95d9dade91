// What a network refuses, by whichever of the words that networks have for it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/upstream/question_kinds.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

TEST_CASE("whatever refuses a JOIN of Halley's own is told once, and a client's is told to whoever asked") {
  // Each numeric that may answer a JOIN; 470 leads elsewhere, 437 and 447 of a nick are others' tests.
  halley::irc::Message join;
  join.command = "JOIN";
  std::string_view errors = halley::question_kind(halley::question_kind_of(join)).errors;
  std::vector<std::string> refusals{":srv FAIL JOIN NOT_NOW #c :Why not"};
  while (!errors.empty()) {
    const std::string numeric(errors.substr(0, 3));
    if (numeric != "470") refusals.push_back(fmt::format(":srv {} ann #c :Why not", numeric));
    errors.remove_prefix(std::min<std::size_t>(4, errors.size()));
  }
  CHECK(refusals.size() > 20);
  for (const std::string& refusal : refusals) {
    INFO(refusal);
    Scene scene;
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    Actor client = scene.attach("ann/net");
    Actor server = scene.register_network();
    server.say(refusal);
    server.ping();
    const auto heard = client.until("cannot be joined: Why not");
    CHECK(std::ranges::none_of(heard, [&](const auto& line) { return line.contains(refusal.substr(5, 8)); }));
    client.say("JOIN #c");
    server.expect("JOIN #c");
    server.say(refusal);
    client.expect(refusal.starts_with(":srv FAIL") ? "JOIN: Why not" : refusal.substr(4, 9));
  }
}

TEST_CASE("an AWAY that is refused, in whichever words, leaves the answers to the others to who asked") {
  // The last is of no table: only the fence behind it says that the network is past it.
  const std::string refusal = GENERATE(
      as<std::string>{}, ":srv 429 ann :Changing away too fast", ":srv 263 ann AWAY :Try again later",
      ":srv FAIL AWAY TOO_FAST :Slow down", ":srv 421 ann AWAY :Unknown command",
      ":srv 461 ann AWAY :Not enough parameters", ":srv 400 ann AWAY :Not now", ":srv NOTICE ann :Not now");
  INFO(refusal);
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor one = scene.attach("ann/net@one", "standard-replies"), two = scene.attach("ann/net@two");
  Actor server = scene.register_network();
  one.say("AWAY lunch");
  server.expect("AWAY lunch");
  const std::string fence = server.expect("PING halley-fence");
  server.say(refusal);
  server.say(":srv PONG srv " + fence.substr(5));
  if (!refusal.contains("NOTICE")) one.expect(refusal.substr(5, 8));
  two.say("AWAY :at the dentist");
  server.expect("AWAY :at the dentist");
  server.say(":srv 306 ann :You have been marked as being away");
  two.expect(" 306 ");
  CHECK_FALSE(one.hears(" 306 "));
  CHECK_FALSE(two.hears(":Changing"));
  // What the network confirmed is what it is told again, not what it refused.
  server.close();
  scene.loop.run_turns();
  scene.advance(10'000);
  Actor again = scene.accept_network();
  again.expect("USER ");
  again.say(":srv 001 ann :Welcome");
  again.say(":srv 422 ann :No MOTD");
  CHECK(again.expect("AWAY").contains("at the dentist"));
}

TEST_CASE("what a refused AWAY said is no name that other refusals may mean") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor one = scene.attach("ann/net@one"), two = scene.attach("ann/net@two");
  Actor server = scene.register_network();
  one.say("AWAY bob");
  server.expect("AWAY bob");
  two.say("KILL bob :why");
  server.expect("KILL bob");
  server.say(":srv 306 ann :You have been marked as being away");
  one.expect(" 306 ");
  server.say(":srv 481 ann :Permission denied");
  two.expect(" 481 ");
  CHECK_FALSE(one.hears(" 481 "));
}
