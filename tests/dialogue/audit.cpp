// What the operator's log says of people, and what it never does.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

bool said(const Scene& scene, std::string_view part) {
  return std::ranges::any_of(scene.audit,
                             [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("the log says who came in, who was refused, and how networks are, and no secret and no text") {
  Scene scene;
  scene.config.limits.login_attempts = 3;
  scene.add_user("ann", "canary-password");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("on-connect", "PRIVMSG NickServ :IDENTIFY canary-identify");
  draft.settings.set("pass", "canary-pass");
  scene.add_network("ann", "net", {"#c"}, draft);
  Actor server = scene.accept_network();
  server.expect("PASS canary-pass");
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome canary-welcome");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  CHECK(said(scene, "network net of ann: connected as ann"));

  Actor client = scene.attach("ann/net", {}, "canary-password");
  CHECK(said(scene, "login of ann from 127.0.0.1 by password"));
  const auto token = scene.accounts().add_device("ann", "phone");
  REQUIRE(token);
  scene.accounts().flush(nullptr);
  Actor phone = scene.attach("ann/net", {}, *token);
  CHECK(said(scene, "login of ann from 127.0.0.1 by a token"));
  client.say("PRIVMSG #c :canary-said");
  server.expect("canary-said");
  server.say(":bob!b@h PRIVMSG ann :canary-heard");
  client.expect("canary-heard");
  client.say("PRIVMSG *halley :user passwd canary-typed");

  const auto refused = [&](const std::string& pass) {
    Actor stranger = scene.connect_client();
    stranger.say("PASS " + pass);
    stranger.say("NICK x");
    stranger.say("USER x 0 * :x");
    stranger.expect_closed();
  };
  refused("canary-name:canary-wrong");
  CHECK(said(scene, "login refused from 127.0.0.1: wrong name or password (of nobody here)"));
  refused("ann/net:canary-wrong");
  CHECK(said(scene, "login refused from 127.0.0.1: wrong name or password (ann)"));
  for (int i = 0; i < 400; ++i) refused("canary-name:canary-wrong");
  CHECK(said(scene, "login refused from 127.0.0.1: too many failed logins"));
  CHECK(scene.audit.size() < 320);  // a flood of them is counted, not written
  scene.advance(61'000);
  refused("canary-name:canary-wrong");
  CHECK(said(scene, "more logins were refused"));

  server.close();
  scene.loop.run_turns();
  CHECK(said(scene, "network net of ann: connection lost"));
  CHECK_FALSE(said(scene, "canary"));
  CHECK_FALSE(said(scene, *token));
}

TEST_CASE("an account's logins and changes are kept, over restarts, and go with it") {
  Scene scene;
  scene.add_user("ann", "canary-password");
  scene.add_user("bob");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net", {}, "canary-password");
  client.say("PRIVMSG *halley :network set net realname=canary-name");
  client.expect("network net changed");
  client.say("PRIVMSG *halley :user passwd password=canary-typed");
  client.expect_closed();
  const auto show = [&](Actor& who) {
    who.say("PRIVMSG *halley :user show");
    std::string all;
    for (const std::string& line : who.until("changes")) all += line + "\n";
    for (const std::string& line : who.ping()) all += line + "\n";
    return all;
  };
  for (int start = 0; start < 2; ++start) {
    INFO(start);
    Actor back = scene.attach("ann/net", {}, "canary-typed");
    const std::string shown = show(back);
    CHECK(shown.find("from 127.0.0.1 by password") != std::string::npos);
    CHECK(shown.find("network set net, by ann (IRC)") != std::string::npos);
    CHECK(shown.find("user passwd, by ann (IRC)") != std::string::npos);
    INFO(shown);
    const std::size_t audit = shown.rfind("logins");
    REQUIRE(audit != std::string::npos);
    CHECK(shown.find("canary", audit) == std::string::npos);
    back.close();
    scene.restart();
  }
  const auto id = scene.user("ann").id();
  const auto count = [&] {
    std::optional<std::size_t> rows;
    scene.store().read_states(id, 15, [&](const auto& found) { rows = found ? found->size() : 99; });
    REQUIRE(scene.turn_until([&] { return rows.has_value(); }));
    return *rows;
  };
  CHECK(count() > 3);
  REQUIRE(scene.accounts().remove_user("ann"));
  scene.accounts().flush(nullptr);
  scene.drain();
  CHECK(count() == 0);
}
