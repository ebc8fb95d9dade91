// An administrator's word to everybody, and a buffer that is removed while people talk.
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

TEST_CASE("a notice reaches those who are here, those who come later, and those without a network") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  scene.add_user("bob");
  scene.add_user("eve");
  REQUIRE(scene.accounts().set_enabled("eve", false));
  scene.accounts().flush(nullptr);
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  scene.attach("ann/net@later").close();
  Actor alone = scene.connect_client();
  alone.say("PASS bob:secret");
  alone.say("NICK bob");
  alone.say("USER bob 0 * :bob");
  alone.ping();
  CHECK(scene.bouncer().tell_everybody("restarted at eight") == 2);
  CHECK(client.expect("restarted at eight").starts_with(":*halley!*halley@"));
  CHECK(alone.hears("NOTICE bob :restarted at eight"));
  Actor later = scene.attach("ann/net@later");
  later.expect("restarted at eight");
}

TEST_CASE("what is said after a buffer was removed begins a new one") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net", "draft/chathistory batch");
  server.say(":bob!b@h PRIVMSG #c :before");
  client.expect("before");
  auto& buffers = scene.user("ann").networks()[0]->buffers();
  const auto old = buffers.find("#c");
  REQUIRE(scene.accounts().remove_buffer({.id = old, .user = 1, .network = 1, .name = "#c"}));
  scene.accounts().flush(nullptr);
  CHECK(buffers.find("#c") == 0);
  server.say(":bob!b@h PRIVMSG #c :after");
  client.expect("after");
  CHECK(buffers.find("#c") > old);
  client.say("CHATHISTORY LATEST #c * 10");
  const auto answer = client.until("BATCH -");
  const auto told = [&answer](std::string_view part) {
    return std::ranges::any_of(answer,
                               [part](const auto& line) { return line.find(part) != std::string::npos; });
  };
  CHECK(told("] after"));
  CHECK_FALSE(told("before"));
}
