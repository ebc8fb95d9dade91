// A client with draft/whoami knows its own nick, user and host on its network.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>

#include "bouncer/core/user.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

namespace {

// The first line that holds `part`; as many as there are lines: none does.
std::size_t place_of_line(const std::vector<std::string>& lines, std::string_view part) {
  const auto at = std::ranges::find_if(lines, [&](const auto& line) { return line.contains(part); });
  return static_cast<std::size_t>(at - lines.begin());
}

std::size_t lines_with(const std::vector<std::string>& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const auto& line) { return line.contains(part); }));
}

// They have caught up: what happens from now on they hear as it happens.
void wait_until_live(Actor& server, std::initializer_list<Actor*> clients) {
  server.say(":bob!b@h PRIVMSG #c :now");
  for (Actor* client : clients) client->expect("PRIVMSG #c :now");
}

}  // namespace

TEST_CASE("the welcome tells who the client is, behind 005, with the real name") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  const bool named = GENERATE(false, true);
  if (named) draft.settings.set("realname", "Ann B");
  scene.add_network("ann", "net", {"#c"}, draft);
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.connect_client();
  for (const char* line :
       {"CAP REQ :draft/whoami", "PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"})
    client.say(line);
  const auto lines = client.until(" 366 ");
  const std::size_t at = place_of_line(lines, ":ann!ann@host.test SETNAME :");
  REQUIRE(at < lines.size());
  CHECK(lines[at] == (named ? ":ann!ann@host.test SETNAME :Ann B" : ":ann!ann@host.test SETNAME :ann"));
  CHECK(lines[at - 1].contains(" 005 "));
  CHECK(at < place_of_line(lines, " 422 "));
  CHECK(lines_with(lines, "SETNAME") == 1);
  SECTION("others are told nothing") {
    Actor plain = scene.attach("ann/net@plain");
    CHECK_FALSE(plain.hears("SETNAME"));
    server.say(":srv 396 ann hidden.host :is now your hidden host");
    server.ping();
    CHECK_FALSE(plain.hears("CHGHOST"));
  }
  SECTION("who is shown all networks is told nothing of one") {
    Actor all = scene.attach("ann/*", "draft/whoami");
    all.expect(" 366 ");
    server.say(":srv 396 ann hidden.host :is now your hidden host");
    server.ping();
    for (const std::string& line : all.ping())
      CHECK_FALSE((line.contains("SETNAME") || line.contains("CHGHOST")));
  }
}

TEST_CASE("half an address is none: the rest is asked for, and told then") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {});
  Actor server = scene.accept_network();
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome to the network ann");
  server.say(":srv 396 ann user/ann :is now your hidden host");
  server.say(":srv 422 ann :No MOTD");
  server.expect("USERHOST ann");
  Actor client = scene.attach("ann/net", "draft/whoami");
  CHECK_FALSE(client.hears("SETNAME"));
  server.say(":srv 302 ann :ann=+~a@user/ann");
  CHECK(client.expect("SETNAME").starts_with(":ann!~a@user/ann SETNAME "));
}

TEST_CASE("who the client is follows as soon as it is known") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.accept_network();
  Actor client = scene.attach("ann/net", "draft/whoami");
  CHECK_FALSE(client.hears("SETNAME"));
  server.expect("USER ");
  const std::string mask = GENERATE("", " ann!~a@some.host");
  server.say(":srv 001 ann :Welcome" + mask);
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  if (mask.empty()) {
    CHECK_FALSE(client.hears("SETNAME"));
    SECTION("by the first JOIN") {
      server.say(":ann!~a@some.host JOIN #c");
    }
    SECTION("by the answer that Halley asked for") {
      server.say(":srv 302 ann :ann=+~a@some.host ");
    }
    SECTION("by 396") {
      server.say(":srv 396 ann ~a@some.host :is now your hidden host");
    }
  }
  server.ping();
  client.expect(":ann!~a@some.host SETNAME :ann");
  CHECK_FALSE(client.hears("SETNAME"));
}

TEST_CASE("each change of user or host is told once") {
  Attached t;
  Actor client = t.scene.attach("ann/net", "draft/whoami");
  wait_until_live(*t.server, {&client});
  for (int i = 0; i < 2; ++i) t.server->say(":srv 396 ann hidden.host :is now your hidden host");
  t.server->ping();
  client.expect(":ann!ann@host.test CHGHOST ann hidden.host");
  CHECK_FALSE(client.hears("CHGHOST"));
  SECTION("under the nick of that time") {
    t.server->say(":ann!ann@hidden.host NICK anna");
    t.server->say(":srv 396 anna ~b@other.host :is now your hidden host");
    t.server->ping();
    client.expect(" NICK anna");
    client.expect(":anna!ann@hidden.host CHGHOST ~b other.host");
  }
  SECTION("by a JOIN of the user's own") {
    t.server->say(":ann!ann@third.host JOIN #d");
    t.server->ping();
    client.expect(":ann!ann@third.host JOIN #d");
    client.expect(":ann!ann@hidden.host CHGHOST ann third.host");
  }
  SECTION("with a new link") {
    t.server->close();
    t.scene.loop.run_turns();
    t.scene.advance(60'000);
    t.server.emplace(t.scene.register_network());
    client.expect(":ann!ann@hidden.host CHGHOST ann host.test");
    CHECK_FALSE(client.hears("CHGHOST"));
  }
}

TEST_CASE("a network's own CHGHOST is told once, whatever the client has") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, "chghost setname");
  Actor both = scene.attach("ann/net@both", "draft/whoami chghost setname"),
        one = scene.attach("ann/net@one", "draft/whoami"), other = scene.attach("ann/net@other", "chghost");
  wait_until_live(server, {&both, &one, &other});
  server.say(":ann!ann@host.test CHGHOST ~a new.host");
  server.say(":bob!b@h CHGHOST bb hh");
  server.ping();
  const auto told = both.ping(), told_one = one.ping(), told_other = other.ping();
  CHECK(lines_with(told, ":ann!ann@host.test CHGHOST ~a new.host") == 1);
  CHECK(lines_with(told_one, ":ann!ann@host.test CHGHOST ~a new.host") == 1);
  CHECK(lines_with(told_other, ":ann!ann@host.test CHGHOST ~a new.host") == 1);
  CHECK(lines_with(told, "CHGHOST") == 2);
  CHECK(lines_with(told_one, "CHGHOST") == 1);
  SECTION("and what follows begins with it") {
    server.say(":srv 396 ann third.host :is now your hidden host");
    server.ping();
    both.expect(":ann!~a@new.host CHGHOST ~a third.host");
    one.expect(":ann!~a@new.host CHGHOST ~a third.host");
    CHECK_FALSE(other.hears("CHGHOST"));
  }
  SECTION("another real name comes as the network tells it") {
    server.say(":ann!~a@new.host SETNAME :Ann C");
    server.ping();
    CHECK(both.hears(":ann!~a@new.host SETNAME :Ann C"));
    CHECK_FALSE(one.hears("SETNAME"));
  }
}

TEST_CASE("draft/whoami asked for later tells at once, and no more when it is given up") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  client.say("CAP REQ :draft/whoami");
  client.expect("CAP ann ACK :draft/whoami");
  client.expect(":ann!ann@host.test SETNAME :ann");
  client.say("CAP REQ :-draft/whoami");
  client.expect(" ACK ");
  t.server->say(":srv 396 ann hidden.host :is now your hidden host");
  t.server->ping();
  CHECK_FALSE(client.hears("CHGHOST"));
}

TEST_CASE("a client that reads nothing is cut, however often a network changes its host") {
  Scene scene;
  scene.config.limits.client_queue = 4096;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, "chghost");
  Actor client = scene.attach("ann/net", "draft/whoami");
  wait_until_live(server, {&client});
  client.peer().pause();
  const std::string host(180, 'h');
  for (int i = 0; i < 2'000; ++i) {
    server.say(fmt::format(":ann!a@b CHGHOST ann {}{}", host, i));
    if (i % 50 == 0) scene.advance(150);
  }
  scene.advance(150);
  CHECK(scene.user("ann").clients().empty());
}
