// What outlives the bouncer's end: it stops without a goodbye, and starts again on the same files.
#include <catch2/catch.hpp>

#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

TEST_CASE("AWAY outlives a restart, and so does being back") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  scene.add_network("ann", "other");
  Actor server = scene.register_network();
  Actor other = scene.register_network();
  Actor client = scene.attach("ann/net");
  client.say("AWAY :lunch");
  server.expect("AWAY ");
  server.say(":srv 306 ann :You have been marked as being away");
  client.expect(" 306 ");

  const auto restart = [&] {
    scene.restart();
    server = scene.accept_network();
    server.expect("USER ");
    server.say(":srv 001 ann :Welcome");
    server.say(":srv 422 ann :No MOTD");
    other = scene.register_network();
  };
  restart();
  CHECK(server.expect("AWAY") == "AWAY :lunch");
  CHECK_FALSE(other.hears("AWAY"));

  SECTION("confirmed by the network") {
    server.say(":srv 306 ann :You have been marked as being away");
    client = scene.attach("ann/net");
    client.say("AWAY");
    server.expect("AWAY");
    server.say(":srv 305 ann :You are no longer marked as being away");
    client.expect(" 305 ");
  }
  SECTION("asked for without a link") {
    server.close();
    scene.loop.run_turns();
    client = scene.attach("ann/net");
    client.say("AWAY");
    client.expect("it is told as soon as it is");
  }
  restart();
  CHECK_FALSE(server.hears("AWAY"));
}

TEST_CASE("lines that a start finds lost are told to each user, on each network, once") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  scene.add_network("ann", "other");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net@phone");
  server.say(":bob!b@h PRIVMSG ann :hello");
  client.expect("hello");
  scene.drain();
  client.close();

  scene.restart([&scene] { std::filesystem::remove(scene.directory / "halley.journal"); });
  client = scene.attach("ann/net@phone");
  CHECK_THAT(client.expect("lines may have been lost, perhaps yours"),
             Catch::StartsWith(":*halley!*halley@") && Catch::Contains("halley.journal was not there"));
  client = scene.attach("ann/other@phone");
  client.expect("lines may have been lost, perhaps yours");
  scene.drain();

  scene.restart();
  client = scene.attach("ann/net@phone");
  CHECK_FALSE(client.hears("lost"));
}
