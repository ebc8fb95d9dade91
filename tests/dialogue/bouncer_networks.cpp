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

TEST_CASE("networks are added, changed and removed by BOUNCER, and watchers hear of each change once") {
  Attached t(GENERATE(1U, 2U));
  Actor watcher = t.scene.attach("ann/net@watch", "soju.im/bouncer-networks-notify batch");
  const auto initial = watcher.until("BATCH -");
  CHECK(std::ranges::any_of(initial,
                            [](const auto& line) { return line.contains("BOUNCER NETWORK 1 name=net;"); }));
  Actor client = log_in_by_sasl(t.scene, "soju.im/bouncer-networks");
  client.say("CAP END");
  client.expect(" 422 ");
  client.say(
      "BOUNCER ADDNETWORK "
      "name=other;nickname=annie;host=irc.other.test;port=6667;tls=0;realname=Ann\\sOther");
  client.expect("BOUNCER ADDNETWORK 2");
  const std::string added = watcher.expect("BOUNCER NETWORK 2 ");
  for (const char* part : {" name=other;", ";state=", ";nickname=annie;host=irc.other.test;port=6667;tls=0;"})
    CHECK(added.contains(part));
  Actor other = t.scene.register_network("annie");
  CHECK(watcher.expect("state=connected").ends_with(" 2 state=connected"));
  const auto* row = t.scene.accounts().find_network(t.scene.user("ann").id(), "other");
  REQUIRE(row);
  CHECK(row->urls == "irc://irc.other.test:6667");
  CHECK(row->realname == "Ann Other");
  SECTION("a change tells what changed, and keeps what was not named") {
    client.say("BOUNCER CHANGENETWORK 2 name=third;tls=1");
    client.expect("BOUNCER CHANGENETWORK 2");
    const auto told = watcher.until("name=third");
    CHECK(std::ranges::none_of(told, [](const auto& line) { return line.contains("nickname="); }));
    row = t.scene.accounts().find_network(t.scene.user("ann").id(), "third");
    REQUIRE(row);
    CHECK(row->urls == "ircs://irc.other.test:6697");
    client.say("BOUNCER CHANGENETWORK 2 port=7000");
    client.expect("BOUNCER CHANGENETWORK 2");
    CHECK(t.scene.accounts().network(2)->urls == "ircs://irc.other.test:7000");
  }
  SECTION("one that is removed is told with a star") {
    client.say("BOUNCER DELNETWORK 2");
    client.expect("BOUNCER DELNETWORK 2");
    watcher.expect("BOUNCER NETWORK 2 *");
    other.expect("QUIT");
    client.say("BOUNCER DELNETWORK 2");
    client.expect("FAIL BOUNCER INVALID_NETID DELNETWORK 2 :");
  }
  SECTION("a lost link is told with its reason, and a client that does not watch hears nothing") {
    other.close();
    const std::string lost = watcher.expect("BOUNCER NETWORK 2 ");
    CHECK(lost.contains("state=connecting"));
    CHECK_FALSE(client.hears("BOUNCER NETWORK"));
  }
}

TEST_CASE("BOUNCER's defaults: TLS, its port, and the host for a name") {
  Attached t;
  Actor client = t.scene.attach("ann/net", "soju.im/bouncer-networks");
  client.say("BOUNCER ADDNETWORK host=irc.example.org");
  client.expect("BOUNCER ADDNETWORK 2");
  CHECK(t.scene.accounts().network(2)->name == "irc.example.org");
  CHECK(t.scene.accounts().network(2)->urls == "ircs://irc.example.org:6697");
  client.say("BOUNCER ADDNETWORK host=2001:db8::1;tls=0;name=six");
  client.expect("BOUNCER ADDNETWORK 3");
  CHECK(t.scene.accounts().network(3)->urls == "irc://[2001:db8::1]:6667");
  client.say("BOUNCER ADDNETWORK host=irc.secret.test;pass=hunter2hunter2");
  client.expect("BOUNCER ADDNETWORK 4");
  client.say("BOUNCER LISTNETWORKS");
  for (const std::string& line : client.ping()) CHECK_FALSE(line.contains("hunter2"));
}

TEST_CASE("what BOUNCER refuses, with which codes, changes nothing") {
  Attached t;
  t.scene.config.limits.networks_per_user = 2;
  Actor client = t.scene.attach("ann/net", "soju.im/bouncer-networks");
  const auto refused = [&](std::string_view line, std::string_view answer) {
    client.say(line);
    client.expect(fmt::format("FAIL BOUNCER {}", answer));
  };
  refused("BOUNCER ADDNETWORK", "NEED_MORE_PARAMS ADDNETWORK :");
  refused("BOUNCER ADDNETWORK name=x", "NEED_ATTRIBUTE ADDNETWORK host :");
  refused("BOUNCER ADDNETWORK host=", "NEED_ATTRIBUTE ADDNETWORK host :");
  refused("BOUNCER ADDNETWORK host=h.test;state=connected", "READ_ONLY_ATTRIBUTE ADDNETWORK * state :");
  refused("BOUNCER ADDNETWORK host=h.test;colour=red", "UNKNOWN_ATTRIBUTE ADDNETWORK * colour :");
  refused("BOUNCER ADDNETWORK host=h.test;port=0", "INVALID_ATTRIBUTE ADDNETWORK * port :");
  refused("BOUNCER ADDNETWORK host=h.test;port=70000", "INVALID_ATTRIBUTE ADDNETWORK * port :");
  refused("BOUNCER ADDNETWORK host=h.test;tls=yes", "INVALID_ATTRIBUTE ADDNETWORK * tls :");
  refused("BOUNCER ADDNETWORK host=h.test,evil.test", "INVALID_ATTRIBUTE ADDNETWORK * host :");
  refused("BOUNCER ADDNETWORK host=h\\stest", "INVALID_ATTRIBUTE ADDNETWORK * host :");
  refused("BOUNCER ADDNETWORK host=h.test;name=a\\sb", "INVALID_ATTRIBUTE ADDNETWORK * name :");
  refused("BOUNCER ADDNETWORK host=h.test;name=NET", "INVALID_ATTRIBUTE ADDNETWORK * name :");
  refused("BOUNCER ADDNETWORK host=h.test;realname=ok;nickname=a\\sb",
          "INVALID_ATTRIBUTE ADDNETWORK * nickname :");
  refused("BOUNCER CHANGENETWORK 1", "NEED_MORE_PARAMS CHANGENETWORK :");
  refused("BOUNCER CHANGENETWORK 9 tls=0", "INVALID_NETID CHANGENETWORK 9 :");
  refused("BOUNCER CHANGENETWORK 1 error=none", "READ_ONLY_ATTRIBUTE CHANGENETWORK 1 error :");
  refused("BOUNCER CHANGENETWORK 1 colour=red", "UNKNOWN_ATTRIBUTE CHANGENETWORK 1 colour :");
  refused("BOUNCER CHANGENETWORK 1 nickname=a\\sb", "INVALID_ATTRIBUTE CHANGENETWORK 1 nickname :");
  refused("BOUNCER CHANGENETWORK 1 name=a\\sb", "INVALID_ATTRIBUTE CHANGENETWORK 1 name :");
  refused("BOUNCER DELNETWORK", "NEED_MORE_PARAMS DELNETWORK :");
  refused("BOUNCER DELNETWORK x", "INVALID_NETID DELNETWORK x :");
  CHECK(t.scene.user("ann").networks().size() == 1);
  CHECK(t.scene.user("ann").find_network("net")->row().urls == "irc://irc.test:6667");
  client.say("BOUNCER ADDNETWORK host=h.test");
  client.expect("BOUNCER ADDNETWORK ");
  refused("BOUNCER ADDNETWORK host=h.test;name=more", "UNKNOWN_ERROR ADDNETWORK * :");
}

TEST_CASE("a client removes the very network that it is bound to") {
  Attached t;
  Actor client = t.scene.attach("ann/net", "soju.im/bouncer-networks");
  client.say("BOUNCER DELNETWORK 1");
  client.expect_closed();
  CHECK(t.scene.user("ann").networks().empty());
}

TEST_CASE("a client has its network removed in the midst of a message to several") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  client.say("PRIVMSG *halley,#c,*halley,bob :network remove net --yes");
  client.expect_closed();
  CHECK(t.scene.user("ann").networks().empty());
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
