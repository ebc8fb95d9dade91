// Channels that are kept and not shown, and being away while nobody is there.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Web;

namespace {

constexpr std::string_view kPager = "draft/chathistory batch server-time message-tags";

void detach(Actor& client) {
  client.say("PART #c :detach");
  client.expect(" PART #c Detached");
}

bool any(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [part](const auto& line) { return line.contains(part); });
}

}  // namespace

TEST_CASE("a detached channel is kept, and shown to no ordinary client, also after a restart") {
  Attached t(GENERATE(1U, 2U));
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two", "message-tags");
  const bool by_command = GENERATE(false, true);
  if (by_command) {
    one.say("DETACH #c");
    one.expect(" PART #c Detached");
  } else {
    one.say("PART #c :Detach");
    one.expect(" PART #c Detached");
  }
  two.expect(" PART #c Detached");
  CHECK_FALSE(t.server->hears("PART"));  // we stay
  t.bob("not to be seen");
  t.server->say(":bob!b@h TOPIC #c :new");
  t.server->say(":carl!c@h JOIN #c");
  t.server->say(":bob!b@h NICK robert");
  t.server->say("@+typing=active :robert!b@h TAGMSG #c");
  t.server->ping();
  for (Actor* client : {&one, &two}) {
    const auto lines = client->ping();
    CHECK_FALSE(any(lines, "#c"));
    CHECK_FALSE(any(lines, "robert"));
  }
  t.server->say(":ann!ann@host.test NICK anna");
  one.expect(" NICK ");  // which concerns all
  SECTION("a client that comes") {}
  SECTION("after a restart") {
    t.scene.restart();
    t.server.emplace(t.scene.register_network());
    t.scene.join(*t.server, "#c");
  }
  Actor three = t.scene.attach("ann/net@three");
  CHECK_FALSE(any(three.ping(), "#c"));
  // It is in the log.
  Actor pager = t.scene.attach("ann/net@pager", kPager);
  CHECK_FALSE(any(pager.ping(), " JOIN #c"));
  pager.say("CHATHISTORY LATEST #c * 10");
  pager.expect("not to be seen");
  // A browser sees it as any channel.
  Web web(t.scene);
  halley::dialogue::Browser stream = web.stream("/api/events", web.login("ann"));
  bool shown = false;
  for (const auto& frame : stream.until("ready"))
    shown = shown || frame.value("line", "").find(" JOIN #c") != std::string::npos;
  CHECK(shown);
}

TEST_CASE("JOIN shows a detached channel again to all clients, with what was missed, and asks no network") {
  Attached t(GENERATE(1U, 2U));
  Actor one = t.scene.attach("ann/net@one"), pager = t.scene.attach("ann/net@pager", kPager);
  t.bob("before");
  one.expect("before");
  detach(one);
  t.bob("meanwhile");
  t.server->ping();
  pager.ping();
  one.say(GENERATE(as<std::string>{}, "JOIN #c", "ATTACH #c"));
  const auto lines = one.until("meanwhile");
  CHECK(any(lines, " JOIN #c"));
  CHECK(any(lines, " 353 "));
  CHECK(any(lines, " 366 "));
  CHECK_FALSE(any(lines, "before"));
  CHECK(any(pager.until(" 366 "), " JOIN #c"));
  CHECK_FALSE(any(pager.ping(), "meanwhile"));  // it asks for itself
  CHECK_FALSE(t.server->hears("JOIN"));
  t.bob("live");
  one.expect("live");
  pager.expect("live");
  one.say("ATTACH #c");
  one.expect("#c is not detached");
  one.say("DETACH #nowhere");
  one.expect("you are not in #nowhere");
}

TEST_CASE("what is said in a detached channel shows it again as reattach-on says") {
  Attached t;
  const std::string when = GENERATE(as<std::string>{}, "", "never", "message");
  const bool of_network = GENERATE(false, true);
  if (of_network) {
    halley::Accounts::NetworkDraft draft;
    draft.settings.set("reattach-on", when.empty() ? "highlight" : when);
    REQUIRE(t.scene.accounts().set_user("ann", {{"reattach-on", when == "never" ? "message" : "never"}}));
    REQUIRE(t.scene.accounts().set_network("ann", "net", draft));
  } else {
    REQUIRE(t.scene.accounts().set_user("ann", {{"reattach-on", when}}));
  }
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  Actor client = t.scene.attach("ann/net");
  detach(client);
  t.bob("hello all");
  t.server->ping();
  CHECK(any(client.ping(), " JOIN #c") == (when == "message"));
  t.bob("ann: are you there?");
  t.server->ping();
  if (when == "never") {
    CHECK_FALSE(any(client.ping(), "#c"));
    return;
  }
  const auto lines = client.until("are you there?");
  CHECK(any(lines, " JOIN #c") == when.empty());
}

TEST_CASE("a detached channel that is left is one to be seen when it is joined again") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  detach(client);
  SECTION("with the link") {
    client.say("PART #c :gone");
    t.server->expect("PART #c");
    t.server->say(":ann!ann@host.test PART #c :gone");
    t.server->ping();
  }
  SECTION("without") {
    t.server->close();
    t.scene.loop.run_turns();
    client.say("PART #c");
    client.ping();
    t.scene.advance(60'000);
    t.server.emplace(t.scene.register_network());
  }
  CHECK_FALSE(any(client.ping(), " JOIN #c"));
  client.say("JOIN #c");
  t.server->expect("JOIN #c");
  t.scene.join(*t.server, "#c");
  client.expect(" JOIN #c");
}

TEST_CASE("while the link is away a detached channel stays one, and is joined unseen") {
  Attached t(GENERATE(1U, 2U));
  Actor client = t.scene.attach("ann/net");
  detach(client);
  t.server->close();
  t.scene.loop.run_turns();
  t.scene.advance(60'000);
  t.server.emplace(t.scene.register_network());
  t.scene.join(*t.server, "#c");
  t.server->ping();
  CHECK_FALSE(any(client.ping(), "#c"));
}

TEST_CASE("a minute after the last client has gone the network is told that the user is away") {
  Attached t;
  const bool own = GENERATE(false, true);
  REQUIRE(t.scene.accounts().set_user("ann", {{"auto-away", "not here"}}));
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("auto-away", "nor there");
  if (own) REQUIRE(t.scene.accounts().set_network("ann", "net", draft));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  const auto wait = [&](std::uint64_t ms) {
    for (std::uint64_t at = 0; at < ms; at += 15'000) t.scene.advance(15'000);
  };
  Actor client = t.scene.attach("ann/net");
  wait(120'000);
  CHECK_FALSE(t.server->hears("AWAY"));
  client.close();
  wait(45'000);
  CHECK_FALSE(t.server->hears("AWAY"));
  wait(45'000);
  CHECK(t.server->expect("AWAY") == (own ? "AWAY :nor there" : "AWAY :not here"));
  t.server->say(":srv 306 ann :You have been marked as being away");
  SECTION("and back with the first that comes") {
    client = t.scene.attach("ann/net");
    CHECK(t.server->expect("AWAY") == "AWAY");
    t.server->say(":srv 305 ann :You are no longer marked as being away");
    t.server->ping();
    client.close();
    t.scene.restart();
    t.server.emplace(t.scene.register_network());
    CHECK_FALSE(t.server->hears("AWAY"));  // nothing of it was the user's own word
  }
  SECTION("or with a browser") {
    Web web(t.scene);
    halley::dialogue::Browser stream = web.stream("/api/events", web.login("ann"));
    stream.until("ready");
    CHECK(t.server->expect("AWAY") == "AWAY");
  }
  SECTION("not by one that nobody sits before") {
    Actor phone = t.scene.connect_client();
    phone.say("CAP REQ :draft/pre-away");
    phone.say("AWAY *");
    phone.say("PASS ann/net:secret");
    phone.say("NICK ann");
    phone.say("USER ann 0 * :Ann");
    phone.say("CAP END");
    phone.expect(" 422 ");
    CHECK_FALSE(t.server->hears("AWAY"));
    phone.say("AWAY");  // somebody has taken it up
    CHECK(t.server->expect("AWAY") == "AWAY");
    t.server->say(":srv 305 ann :You are no longer marked as being away");
    t.server->say(":srv 305 ann :You are no longer marked as being away");
    t.server->ping();
    phone.say("AWAY *");  // and put it down
    phone.expect(" 306 ");
    wait(90'000);
    CHECK(t.server->expect("AWAY :").starts_with("AWAY :"));
  }
  SECTION("and anew on another link") {
    t.server->close();
    t.scene.loop.run_turns();
    t.scene.advance(60'000);
    t.server.emplace(t.scene.accept_network());
    t.server->expect("USER ");
    t.server->say(":srv 001 ann :Welcome");
    t.server->say(":srv 422 ann :No MOTD");
    CHECK(t.server->expect("AWAY").starts_with("AWAY :no"));
  }
}

TEST_CASE("who has said that they are away stays so, however clients come and go") {
  Attached t;
  REQUIRE(t.scene.accounts().set_user("ann", {{"auto-away", "not here"}}));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  Actor client = t.scene.attach("ann/net");
  client.say("AWAY :lunch");
  CHECK(t.server->expect("AWAY") == "AWAY lunch");
  t.server->say(":srv 306 ann :You have been marked as being away");
  client.expect(" 306 ");
  client.close();
  for (int i = 0; i < 8; ++i) t.scene.advance(15'000);
  client = t.scene.attach("ann/net");
  CHECK_FALSE(t.server->hears("AWAY"));
}

TEST_CASE("AWAY before the login needs draft/pre-away") {
  Attached t;
  Actor client = t.scene.connect_client();
  client.say("AWAY *");
  client.expect(" 451 ");
}
