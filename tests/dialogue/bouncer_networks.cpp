// BOUNCER: connections that are bound to a network, or to none.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;

namespace {

// Up to the end of SASL; the login is not ended yet.
Actor log_in_by_sasl(Scene& scene, std::string_view caps) {
  Actor client = scene.connect_client();
  client.say("CAP LS 302");
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say(fmt::format("CAP REQ :sasl {}", caps));
  client.expect("ACK");
  client.say("AUTHENTICATE PLAIN");
  client.expect("AUTHENTICATE +");
  client.say("AUTHENTICATE AGFubgBzZWNyZXQ=");  // \0ann\0secret
  client.expect(" 903 ");
  return client;
}

std::string netid(Scene& scene, std::string_view name) {
  return std::to_string(scene.user("ann").find_network(name)->id());
}

}  // namespace

TEST_CASE("networks are listed before and after the end of the login, and one is bound") {
  Attached t(GENERATE(1U, 2U));
  t.scene.add_network("ann", "other", {});
  Actor other = t.scene.register_network();
  Actor client = log_in_by_sasl(t.scene, "soju.im/bouncer-networks batch");
  client.say("BOUNCER LISTNETWORKS");
  client.expect("BATCH +");
  const auto listed = client.until("BATCH -");
  REQUIRE(listed.size() == 3);
  CHECK(listed[0].contains(
      fmt::format("BOUNCER NETWORK {} name=net;state=connected;nickname=ann", netid(t.scene, "net"))));
  CHECK(listed[1].contains("name=other"));
  SECTION("without one the connection is let in, bound to none") {
    client.say("CAP END");
    client.expect(" 001 x ");
    CHECK_FALSE(client.until(" 422 ").front().contains("BOUNCER_NETID"));
    client.say("BOUNCER LISTNETWORKS");
    client.expect("name=other");
    client.say("PRIVMSG #c :hi");
    client.expect("bound to no network");
    client.say("BOUNCER BIND " + netid(t.scene, "net"));
    client.expect("FAIL BOUNCER REGISTRATION_IS_COMPLETED BIND ");
    CHECK(t.scene.user("ann").clients()[0]->bound_network() == nullptr);
  }
  SECTION("with one it is that network's") {
    client.say("BOUNCER BIND " + netid(t.scene, "other"));
    client.say("CAP END");
    client.expect("BOUNCER_NETID=" + netid(t.scene, "other"));
    client.say("PRIVMSG #d :hi");
    other.expect("PRIVMSG #d :hi");
  }
  SECTION("what is no id binds nothing, and the answer says which") {
    for (const std::string bad : {"12x", "4711", "-1", "99999999999999"}) {
      client.say("BOUNCER BIND " + bad);
      client.expect(fmt::format("FAIL BOUNCER INVALID_NETID BIND {} :", bad));
    }
    client.say("BOUNCER BIND");
    client.expect("FAIL BOUNCER NEED_MORE_PARAMS BIND :");
    client.say("BOUNCER SIDEWAYS");
    client.expect("FAIL BOUNCER UNKNOWN_COMMAND SIDEWAYS :");
  }
}

TEST_CASE("a stranger is told to log in first") {
  Scene scene;
  Actor client = scene.connect_client();
  client.say("BOUNCER LISTNETWORKS");
  client.expect("FAIL BOUNCER ACCOUNT_REQUIRED LISTNETWORKS :");
  client.say("BOUNCER BIND 1");
  client.expect("FAIL BOUNCER ACCOUNT_REQUIRED BIND :");
}

TEST_CASE("a user without a network, or with several and none named, gets in and is told how to go on") {
  Scene scene;
  scene.add_user("ann");
  SECTION("none") {
    Actor client = scene.attach("ann");
    CHECK(client.expect("NOTICE").contains("/msg *halley network add"));
  }
  SECTION("several") {
    scene.add_network("ann", "one", {});
    scene.add_network("ann", "two", {});
    Actor client = scene.attach("ann@phone");
    const std::string told = client.expect("NOTICE");
    CHECK(told.contains("one, two"));
    CHECK(told.contains("ann/NETWORK"));
  }
}

TEST_CASE("typing notes and reactions go both ways for those who take tags, and are not kept") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :message-tags");
  server.expect("CAP REQ :message-tags");
  server.say(":srv CAP * ACK :message-tags");
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  scene.join(server, "#c");
  Actor tags = scene.attach("ann/net@tags", "message-tags"), plain = scene.attach("ann/net@plain");
  server.say("@+typing=active :bob!b@h TAGMSG #c");
  tags.expect("@+typing=active :bob!b@h TAGMSG #c");
  CHECK_FALSE(plain.hears("TAGMSG"));
  tags.say("@+typing=active;account=evil TAGMSG #c");
  CHECK(server.expect("TAGMSG #c") == "@+typing=active TAGMSG #c");
  plain.say("TAGMSG #c");  // nothing to say without tags, and no error
  Actor late = scene.attach("ann/net@tags", "message-tags");
  CHECK_FALSE(late.hears("TAGMSG"));
}

TEST_CASE("who is away is told to those who asked for it") {
  Attached t;
  Actor one = t.scene.attach("ann/net@one", "away-notify"), two = t.scene.attach("ann/net@two");
  t.server->say(":bob!b@h AWAY :lunch");
  one.expect(":bob!b@h AWAY lunch");
  CHECK_FALSE(two.hears("AWAY"));
}
