// What Halley itself asks a network: behind what people say, and never a flood.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/dialogue/scene.h"

namespace halley::dialogue {
namespace {

std::size_t asked(const std::vector<std::string>& lines, std::string_view command) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.starts_with(command); }));
}

}  // namespace

TEST_CASE("our own questions go out as they are answered") {
  Scene scene;
  scene.add_user("ann");
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back("#c" + std::to_string(i));
  scene.add_network("ann", "net", names);
  Actor server = scene.register_network();
  for (const std::string& name : names) {
    server.say(":ann!ann@host.test JOIN " + name);
    server.say(":srv 353 ann = " + name + " :ann bob");
    server.say(":srv 366 ann " + name + " :End");
  }
  // Twice: what an answer lets go may follow the PONG that was asked for behind it.
  const std::size_t first = asked(server.ping(), "MODE #c");
  CHECK(first + asked(server.ping(), "MODE #c") == 3);
  Actor client = scene.attach("ann/net");

  SECTION("each answer lets the next one go") {
    for (std::size_t i = 0; i + 3 < names.size(); ++i) {
      server.say(":srv 324 ann " + names[i] + " +nt");
      server.expect("MODE #c" + std::to_string(i + 3));
    }
    CHECK_FALSE(server.hears("MODE #c"));
  }
  SECTION("a network that does not answer is asked the rest nevertheless, slowly") {
    CHECK(asked(server.ping(), "MODE #c") == 0);
    scene.advance(11'000);
    server.expect("MODE #c");
    CHECK_FALSE(server.hears("MODE #c"));
    scene.advance(11'000);
    server.expect("MODE #c");
    CHECK_FALSE(server.hears("MODE #c"));
  }
  SECTION("what people say and ask does not wait for them") {
    client.say("PRIVMSG #c1 :hello");
    client.say("WHOIS bob");
    server.expect("PRIVMSG #c1 :hello");
    server.expect("WHOIS bob");
  }
}

}  // namespace halley::dialogue
