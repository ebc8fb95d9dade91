// What clients set up lives on the network: channels, keys and nicks follow what it confirms, and are set up
// again on each link.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

std::vector<std::string> wanted(Scene& scene) {
  std::vector<std::string> names;
  for (const auto* row : scene.user("ann").find_network("net")->wanted_channels())
    names.push_back(row->key.empty() ? row->name : row->name + " " + row->key);
  std::ranges::sort(names);
  return names;
}
using Names = std::vector<std::string>;

// The link ends, and the next one is registered.
Actor reconnect(Scene& scene, Actor& server, std::string_view nick = "ann") {
  server.close();
  scene.loop.run_turns();
  scene.advance(10'000);
  return scene.register_network(nick);
}

}  // namespace

TEST_CASE("a channel's key follows the channel's modes and the keys that worked") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.join = {{0, "#k", "first"}};
  scene.add_network("ann", "net", {}, draft);
  Actor server = scene.register_network();
  scene.join(server, "#k");
  SECTION("set by an operator") {
    server.say(":op!o@h MODE #k +k second");
    server.ping();
    CHECK(wanted(scene) == Names{"#k second"});
    server.close();
    scene.loop.run_turns();
    scene.advance(10'000);
    server = scene.accept_network();
    server.expect("USER ");
    server.say(":srv 001 ann :Welcome");
    server.say(":srv 422 ann :No MOTD");
    CHECK(server.expect("JOIN ") == "JOIN #k second");
  }
  SECTION("taken away") {
    server.say(":op!o@h MODE #k -k first");
    server.ping();
    CHECK(wanted(scene) == Names{"#k"});
  }
  SECTION("told when asked, but not when hidden") {
    server.say(":srv 324 ann #k +knt *");
    server.ping();
    CHECK(wanted(scene) == Names{"#k first"});
    server.say(":srv 324 ann #k +knt third");
    server.ping();
    CHECK(wanted(scene) == Names{"#k third"});
  }
  SECTION("mistyped by a client") {
    Actor client = scene.attach("ann/net");
    client.say("JOIN #k wrong");
    server.expect("JOIN #k wrong");
    server.say(":srv 475 ann #k :Cannot join channel (+k)");
    client.expect(" 475 ");
    CHECK(wanted(scene) == Names{"#k first"});
  }
  SECTION("typed while there is no link, and refused: the one that worked is tried") {
    Actor client = scene.attach("ann/net");
    server.close();
    scene.loop.run_turns();
    client.say("JOIN #K wrong");
    client.expect("as soon as");
    scene.advance(10'000);
    server = scene.register_network();
    server.say(":srv 475 ann #k :Cannot join channel (+k)");
    CHECK(server.expect("JOIN #k first") == "JOIN #k first");
    CHECK(wanted(scene) == Names{"#k first"});
  }
}

TEST_CASE("a channel is wanted from when the network confirms it until it confirms that it was left") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#one", "#two"});
  Actor server = scene.register_network();
  scene.join(server, "#one");
  scene.join(server, "#two");
  Actor client = scene.attach("ann/net");
  SECTION("JOIN 0 leaves all") {
    client.say("JOIN 0");
    server.expect("JOIN 0");
    server.say(":ann!ann@host.test PART #one :Left all channels");
    server.say(":ann!ann@host.test PART #two :Left all channels");
    server.ping();
    CHECK(wanted(scene).empty());
  }
  SECTION("a PART that somebody else brought about") {
    server.say(":ann!ann@host.test PART #TWO :Forced by services");
    server.ping();
    CHECK(wanted(scene) == Names{"#one"});
  }
  SECTION("a KICK is not the user's will") {
    server.say(":op!o@h KICK #two ann :out");
    server.ping();
    CHECK(wanted(scene) == Names{"#one", "#two"});
  }
  SECTION("JOIN and PART in quick succession") {
    client.say("JOIN #three key");
    client.say("PART #three");
    server.expect("PART #three");
    server.say(":ann!ann@host.test JOIN #three");
    server.say(":ann!ann@host.test PART #three");
    server.ping();
    CHECK(wanted(scene) == Names{"#one", "#two"});
    client.say("JOIN #four");
    client.say("PART #four");
    server.expect("PART #four");
    server.say(":ann!ann@host.test JOIN #four");
    server.close();
    scene.loop.run_turns();
    CHECK(wanted(scene) == Names{"#one", "#two"});
  }
  SECTION("the good ones of a list are joined, with their keys") {
    client.say("JOIN #good,bad,#locked k1,k2,k3");
    CHECK(server.expect("JOIN ") == "JOIN #good,#locked k1,k3");
    client.expect("'bad' is no channel name");
    server.say(":ann!ann@host.test JOIN #good");
    server.say(":srv 473 ann #locked :Cannot join channel (+i)");
    client.expect(" 473 ");
    CHECK(wanted(scene) == Names{"#good k1", "#one", "#two"});
  }
  SECTION("asked for while there is no link, and refused later") {
    server.close();
    scene.loop.run_turns();
    client.say("JOIN #later");
    client.expect("as soon as");
    CHECK(wanted(scene) == Names{"#later", "#one", "#two"});
    scene.advance(10'000);
    server = scene.register_network();
    server.say(":srv 403 ann #later :No such channel");
    client.expect("#later cannot be joined");
    CHECK(wanted(scene) == Names{"#one", "#two"});
  }
}

TEST_CASE("a channel that is reached by forwarding is left with the name that led there") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  client.say("JOIN #full");
  server.expect("JOIN #full");
  server.say(":srv 470 ann #full ##overflow :Forwarding to another channel");
  server.say(":ann!ann@host.test JOIN ##overflow");
  server.ping();
  CHECK(wanted(scene) == Names{"#full"});
  SECTION("at once") {}
  SECTION("after a reconnect") {
    server = reconnect(scene, server);
    server.say(":srv 470 ann #full ##overflow :Forwarding to another channel");
    server.say(":ann!ann@host.test JOIN ##overflow");
    server.ping();
    CHECK(wanted(scene) == Names{"#full"});
  }
  const bool found_room = GENERATE(false, true);
  if (found_room) {  // it leads nowhere from then on
    client.say("JOIN #full");
    server.expect("JOIN #full");
    server.say(":ann!ann@host.test JOIN #full");
    server.ping();
  }
  client.say("PART ##overflow");
  server.expect("PART ##overflow");
  server.say(":ann!ann@host.test PART ##overflow");
  server.ping();
  CHECK(wanted(scene) == (found_room ? Names{"#full"} : Names{}));
}

TEST_CASE("a channel that could not be joined is tried again when the reason may be gone") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#reg"});
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  server.ping();
  server.say(":srv 477 ann #reg :You need to be identified to a registered account");
  client.expect("#reg cannot be joined");
  CHECK_FALSE(server.hears("JOIN"));
  SECTION("services know the user now") {
    server.say(":srv 900 ann ann!a@h ann :You are now logged in");
  }
  SECTION("a mode says the same") {
    server.say(":ann MODE ann +r");
  }
  SECTION("a network says so again and again: the next time is soon enough") {
    server.say(":srv 900 ann ann!a@h ann :You are now logged in");
    server.expect("JOIN #reg");
    server.say(":srv 477 ann #reg :You need to be identified to a registered account");
    for (int i = 0; i < 100; ++i) server.say(":ann MODE ann +r");
    CHECK_FALSE(server.hears("JOIN"));
    scene.advance(30'000);
  }
  SECTION("an invitation") {
    server.say(":op!o@h INVITE ann #REG");
  }
  SECTION("time passes, ever more of it") {
    scene.advance(80'000);
    server.expect("JOIN #reg");
    server.say(":srv 477 ann #reg :You need to be identified to a registered account");
    scene.advance(60'000);
    CHECK_FALSE(server.heard("JOIN"));
    scene.advance(80'000);
  }
  server.expect("JOIN #reg");
  server.say(":srv 477 ann #reg :You need to be identified to a registered account");
  server.ping();
  CHECK_FALSE(client.hears("477"));  // told once
  CHECK(wanted(scene) == Names{"#reg"});
}

TEST_CASE("only a nick that the network has given is kept") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  const halley::Network& network = *scene.user("ann").find_network("net");
  SECTION("refused") {
    client.say("NICK carl");
    server.expect("NICK carl");
    server.say(":srv 433 ann carl :Nickname is already in use");
    client.expect(" 433 ");
    server.say(":carl!c@c QUIT :gone");
    CHECK_FALSE(server.hears("NICK"));
    CHECK(network.row().nick == "ann");
  }
  SECTION("given") {
    client.say("NICK carl");
    server.expect("NICK carl");
    CHECK(network.row().nick == "ann");
    server.say(":ann!ann@host.test NICK carl");
    server.ping();
    CHECK(network.row().nick == "carl");
  }
  SECTION("asked for without a link, and refused") {
    server.close();
    scene.loop.run_turns();
    client.say("NICK NickServ");
    client.expect("as soon as");
    scene.advance(10'000);
    Actor again = scene.accept_network();
    again.expect("NICK NickServ");
    again.say(":srv 432 * NickServ :Erroneous nickname");
    CHECK(again.expect("NICK ") == "NICK ann");
    CHECK(network.row().nick == "ann");
  }
  SECTION("asked for without a link, and given") {
    server.close();
    scene.loop.run_turns();
    client.say("NICK carl");
    client.expect("as soon as");
    scene.advance(10'000);
    Actor again = scene.register_network("carl");
    CHECK(network.row().nick == "carl");
  }
}

TEST_CASE("tries to take a nick back are shown to nobody, and become rarer") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("NICK ann");
  server.say(":srv 433 * ann :Nickname is already in use");
  server.expect("NICK ann_");
  server.say(":srv 001 ann_ :Welcome");
  server.say(":srv 422 ann_ :No MOTD");
  server.ping();
  Actor client = scene.attach("ann/net");
  const std::string refusal = GENERATE(":srv 433 ann_ ann :Nickname is already in use",
                                       ":srv 437 ann_ ann :Nick/channel is temporarily unavailable",
                                       ":srv FAIL NICK NICKNAME_RESERVED ann :It is somebody's",
                                       ":srv 435 ann_ ann #bar :Cannot change nickname while banned",
                                       ":srv 447 ann_ :Can not change nickname while on #bar (+N)",
                                       ":srv 438 ann_ ann :Nick change too fast");
  std::size_t tries = 0;
  const auto minutes_pass = [&](int minutes) {
    for (int minute = 0; minute < minutes; ++minute) {
      scene.advance(60'000);
      client.ping();
      for (const std::string& line : server.ping()) {
        if (line.starts_with("PING")) server.say(":srv PONG srv :" + line.substr(6));
        if (!line.starts_with("NICK ")) continue;
        ++tries;
        server.say(refusal);
      }
    }
  };
  minutes_pass(15);
  CHECK(tries == 4);  // after 1, 2, 4 and 8 minutes
  minutes_pass(16 + 32);
  CHECK(tries == 6);
  minutes_pass(3 * 60);
  CHECK(tries == 9);  // once an hour from then on
  CHECK_FALSE(client.hears(refusal.substr(0, 8)));
  // What a client asks for is another matter.
  client.say("NICK other");
  server.expect("NICK other");
  server.say(":srv 433 ann_ other :Nickname is already in use");
  client.expect(" 433 ");
}

TEST_CASE("a nick that is taken back is free of the tries that led there") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("NICK ann");
  server.say(":srv 433 * ann :Nickname is already in use");
  server.say(":srv 001 ann_ :Welcome");
  server.say(":srv 422 ann_ :No MOTD");
  server.ping();
  Actor client = scene.attach("ann/net");
  server.say(":ann!a@h QUIT :bye");
  server.expect("NICK ann");
  server.say(":ann_!ann@host.test NICK ann");
  client.expect("NICK ann");
  client.say("NICK carl");
  server.expect("NICK carl");
  server.say(":srv 433 ann carl :Nickname is already in use");
  client.expect(" 433 ");  // the refusal is the client's, not of a try long past
}

TEST_CASE("a new nick that the network gives is accepted") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network("ann", "MONITOR=100 CASEMAPPING=ascii");
  SECTION("renamed by services") {
    server.say(":ann!ann@host.test NICK Guest1");
    for (int minute = 0; minute < 10; ++minute) {
      scene.advance(60'000);
      for (const std::string& line : server.ping()) {
        CHECK_FALSE(line.starts_with("NICK"));
        if (line.starts_with("PING")) server.say(":srv PONG srv :" + line.substr(6));
      }
    }
    server.close();
    scene.loop.run_turns();
    scene.advance(10'000);
    server = scene.register_network("ann");  // a new link is a new beginning
  }
  SECTION("cut to the network's length") {
    server.close();
    scene.loop.run_turns();
    scene.advance(10'000);
    server = scene.accept_network();
    server.expect("USER ");
    server.say(":srv 001 an :Welcome");
    server.say(":srv 422 an :No MOTD");
    scene.advance(80'000);
    CHECK_FALSE(server.hears("NICK an"));
  }
}

TEST_CASE("MONITOR says when the wanted nick is free") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("NICK ann");
  server.say(":srv 433 * ann :Nickname is already in use");
  server.say(":srv 001 ann_ :Welcome");
  server.say(":srv 005 ann_ MONITOR=100 :are supported by this server");
  server.say(":srv 422 ann_ :No MOTD");
  server.expect("MONITOR + ann");
  Actor client = scene.attach("ann/net");
  server.say(":srv 730 ann_ :ann!a@h");
  for (int minute = 0; minute < 5; ++minute) {
    scene.advance(60'000);
    client.ping();
    for (const std::string& line : server.ping()) {
      CHECK_FALSE(line.starts_with("NICK"));
      if (line.starts_with("PING")) server.say(":srv PONG srv :" + line.substr(6));
    }
  }
  server.say(":srv 731 ann_ :ann");
  server.expect("NICK ann");
  server.say(":ann_!ann@host.test NICK ann");
  server.expect("MONITOR - ann");
  for (const std::string& line : client.ping()) CHECK(line.find(" 73") == std::string::npos);
}

TEST_CASE("AWAY is kept on the network, and every client is told") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  client.say("AWAY :lunch");
  server.expect("AWAY ");
  const auto next_link = [&] {
    server.close();
    scene.loop.run_turns();
    scene.advance(10'000);
    server = scene.accept_network();
    server.expect("USER ");
    server.say(":srv 001 ann :Welcome");
    server.say(":srv 422 ann :No MOTD");
  };
  SECTION("confirmed") {
    server.say(":srv 306 ann :You have been marked as being away");
    client.expect(" 306 ");
    Actor other = scene.connect_client();
    other.say("PASS ann/net:secret");
    other.say("NICK x");
    other.say("USER x 0 * :x");
    other.expect(" 306 ");
    next_link();
    CHECK(server.expect("AWAY") == "AWAY :lunch");
  }
  SECTION("the link ends before it is") {
    next_link();
    CHECK(server.expect("AWAY") == "AWAY :lunch");
  }
  SECTION("back again") {
    server.say(":srv 306 ann :You have been marked as being away");
    client.say("AWAY");
    server.expect("AWAY");
    server.say(":srv 305 ann :You are no longer marked as being away");
    client.expect(" 305 ");
    next_link();
    CHECK_FALSE(server.hears("AWAY"));
  }
}

TEST_CASE("each client watches whom it wants, and the network has one list") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network("ann", "MONITOR=4 CASEMAPPING=rfc1459");
  Actor one = scene.attach("ann/net@one");
  Actor two = scene.attach("ann/net@two");
  one.say("MONITOR + carol,dave[m]");
  CHECK(server.expect("MONITOR") == "MONITOR + carol,dave[m]");
  server.say(":srv 731 ann :carol,dave[m]");
  one.expect(" 731 ann :carol,dave[m]");
  two.say("MONITOR + Carol,erin");
  CHECK(server.expect("MONITOR") == "MONITOR + erin");
  two.expect(" 731 ann :carol");  // known already
  server.say(":srv 730 ann :carol!c@c,DAVE{M}!d@d,erin!e@e");
  one.expect(" 730 ann :carol!c@c,DAVE{M}!d@d");
  two.expect(" 730 ann :carol!c@c,erin!e@e");
  two.say("MONITOR S");
  two.expect(" 730 ann :carol!c@c,erin!e@e");
  two.say("MONITOR L");
  two.expect(" 732 ann :carol,erin");
  two.expect(" 733 ");
  SECTION("one that goes takes its list with it") {
    one.close();
    scene.loop.run_turns();
    CHECK(server.expect("MONITOR") == "MONITOR - dave[m]");
  }
  SECTION("one clears its list, and the other keeps its own") {
    two.say("MONITOR C");
    CHECK(server.expect("MONITOR") == "MONITOR - erin");
    two.say("MONITOR L");
    CHECK(two.until(" 733 ").size() == 1);
  }
  SECTION("there is a limit") {
    two.say("MONITOR + frank,greg");
    CHECK(server.expect("MONITOR") == "MONITOR + frank");
    two.expect(" 734 ann 4 greg ");
    server.say(":srv 734 ann 4 frank :Monitor list is full.");
    two.expect(" 734 ann 4 frank ");
  }
  SECTION("a new link") {
    server.close();
    scene.loop.run_turns();
    scene.advance(10'000);
    server = scene.accept_network();
    server.expect("USER ");
    server.say(":srv 001 ann :Welcome");
    server.say(":srv 005 ann MONITOR=100 CASEMAPPING=rfc1459 :are supported by this server");
    server.say(":srv 422 ann :No MOTD");
    CHECK(server.expect("MONITOR") == "MONITOR + carol,dave[m],erin");
    server.say(":srv 731 ann :erin");
    two.expect(" 731 ann :erin");
  }
}
