// HTTP: what a user has set, of buffers and of what they want to hear, as resources and frames.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Settings : Attached {
  explicit Settings(std::uint64_t seed = 1) : Attached(seed), web(scene), headers(web.login("ann")) {}
  json ask(std::string_view method, std::string_view target, const json& body = nullptr, int status = 200) {
    const Reply reply = web.ask(Web::format(method, target, headers, body.is_null() ? "" : body.dump()));
    INFO(method << " " << target << ": " << reply.status << " " << reply.body);
    REQUIRE(reply.status == status);
    return reply.json();
  }
  Browser open(std::string_view after = {}) {
    return web.stream(after.empty() ? "/api/events" : fmt::format("/api/events?after={}", after), headers);
  }
  Web web;
  std::string headers;
};

// What the last frames of that event say of `target`; null: nothing.
json told_of(const std::vector<json>& frames, std::string_view target) {
  json told;
  for (const json& frame : frames) {
    if (frame.value("event", "") != "buffers") continue;
    if (frame.value("whole", false)) told = nullptr;
    for (const json& buffer : frame["buffers"])
      if (buffer["target"] == target) told = buffer;
  }
  return told;
}

}  // namespace

TEST_CASE("web: what is set for a buffer is told to all streams, at once and when they come back") {
  Settings t(GENERATE(1U, 2U));
  Browser first = t.open();
  const auto opening = first.until("\"ready\"");
  CHECK(told_of(opening, "#c").is_null());
  const std::string cursor = opening.back()["id"];

  const json set = {{"muted", true}, {"pinned", true}, {"order", 3}, {"notify", "highlight"}};
  t.ask("PATCH", "/api/buffers/net/%23c", set);
  json expected = {
      {"target", "#c"}, {"muted", true}, {"pinned", true}, {"order", 3}, {"notify", "highlight"}};
  const auto has = [&](const json& told) {  // and what else can be set
    for (const auto& [name, value] : expected.items())
      if (told.at(name) != value) return false;
    return true;
  };
  const json live = first.expect("\"buffers\"");
  CHECK(live["network"] == "net");
  CHECK_FALSE(live.contains("whole"));
  REQUIRE(live["buffers"].size() == 1);
  CHECK(has(live["buffers"][0]));
  CHECK(has(told_of(t.open().until("\"ready\""), "#c")));
  CHECK(has(told_of(t.open(cursor).until("\"ready\""), "#c")));
  const json listed = t.ask("GET", "/api/buffers/net");
  const auto at = std::ranges::find_if(listed, [](const json& one) { return one["target"] == "#c"; });
  REQUIRE(at != listed.end());
  CHECK(has(*at));

  // Refused in the command's words, and nothing is changed.
  const json refused = t.ask("PATCH", "/api/buffers/net/%23c", {{"muted", false}, {"notify", "loud"}}, 409);
  CHECK(refused["message"].get<std::string>().find("notify is all, highlight or none") != std::string::npos);
  t.ask("PATCH", "/api/buffers/net/%23c", {{"order", "first"}}, 409);
  t.ask("PATCH", "/api/buffers/net/%23c", {{"muted", "perhaps"}}, 409);
  CHECK(has(told_of(t.open().until("\"ready\""), "#c")));

  // In band, too; who was away hears that nothing is set any more.
  Actor client = t.scene.attach("ann/net");
  client.say("PRIVMSG *halley :buffer set net #c muted=no pinned=no order= notify=");
  client.expect("#c changed");
  expected.update({{"muted", false}, {"pinned", false}, {"order", nullptr}, {"notify", ""}});
  CHECK(has(first.expect("\"buffers\"")["buffers"][0]));
  const auto resumed = t.open(cursor).until("\"ready\"");
  CHECK(told_of(resumed, "#c").is_null());
  CHECK(std::ranges::any_of(resumed, [](const json& frame) { return frame.value("whole", false); }));

  // And after a restart.
  t.ask("PATCH", "/api/buffers/net/%23c", {{"muted", true}});
  t.scene.restart();
  t.web.restart();
  CHECK(told_of(t.open().until("\"ready\""), "#c")["muted"] == true);
}

TEST_CASE("web: a channel is detached and attached by what is set for it") {
  Settings t(GENERATE(1U, 2U));
  Browser stream = t.open();
  stream.until("\"ready\"");
  Actor client = t.scene.attach("ann/net");
  t.ask("PATCH", "/api/buffers/net/%23c", {{"detached", true}});
  client.expect(" PART #c Detached");
  CHECK(stream.expect("\"buffers\"")["buffers"][0]["detached"] == true);
  CHECK(told_of(t.open().until("\"ready\""), "#c")["detached"] == true);
  client.say("JOIN #c");
  client.expect(" 366 ");
  CHECK(stream.expect("\"buffers\"")["buffers"][0]["detached"] == false);
  client.say("PRIVMSG *halley :buffer set net #c detached=yes");
  client.expect(" PART #c Detached");
  CHECK(stream.expect("\"buffers\"")["buffers"][0]["detached"] == true);
  t.ask("PATCH", "/api/buffers/net/%23c", {{"detached", false}});
  client.expect(" JOIN #c");
  CHECK(stream.expect("\"buffers\"")["buffers"][0]["detached"] == false);

  // With it nothing else is set where it cannot be; and one is in a channel alone.
  t.ask("PATCH", "/api/buffers/net/%2A", {{"detached", true}, {"pinned", true}}, 409);
  CHECK(told_of(t.open().until("\"ready\""), "*").is_null());
  t.ask("PATCH", "/api/buffers/net/%23c", {{"detached", "half"}}, 409);
  t.ask("PATCH", "/api/buffers/net/%23c", json::object(), 400);
}

TEST_CASE("web: a buffer that is removed is told as gone") {
  Settings t;
  t.ask("PATCH", "/api/buffers/net/%23c", {{"pinned", true}});
  Browser stream = t.open();
  stream.until("\"ready\"");
  t.ask("DELETE", "/api/buffers/net/%23c");
  CHECK(stream.expect("\"buffers\"")["buffers"] == json{{{"target", "#c"}, {"removed", true}}});
  CHECK(told_of(t.open().until("\"ready\""), "#c").is_null());
}

TEST_CASE("web: what calls the user is kept here, marked for all, and shows a detached channel again") {
  Settings t(GENERATE(1U, 2U));
  Browser stream = t.open();
  const std::string cursor = stream.until("\"ready\"").back()["id"];
  const json made =
      t.ask("POST", "/api/rules", {{"kind", "highlight"}, {"match", "word"}, {"pattern", "comet"}}, 201);
  const json expected = {{"id", made["id"]}, {"kind", "highlight"}, {"match", "word"}, {"pattern", "comet"}};
  CHECK(made == expected);
  CHECK(stream.expect("\"rules\"")["rules"] == json{expected});
  CHECK(t.ask("GET", "/api/rules") == json{expected});
  for (const auto& after : {std::string(), cursor}) {
    const auto frames = t.open(after).until("\"ready\"");
    const auto at =
        std::ranges::find_if(frames, [](const json& frame) { return frame.value("event", "") == "rules"; });
    REQUIRE(at != frames.end());
    CHECK((*at)["rules"] == json{expected});
  }

  t.bob("comets, many");
  CHECK_FALSE(stream.expect("comets, many").contains("highlight"));
  t.bob("the Comet comes");
  CHECK(stream.expect("the Comet comes")["highlight"] == true);
  t.bob("ann: look");
  CHECK(stream.expect("ann: look")["highlight"] == true);
  const json history = t.ask("GET", "/api/history?network=net&target=%23c&limit=3");
  CHECK(history["lines"][1]["highlight"] == true);
  CHECK_FALSE(history["lines"][0].contains("highlight"));

  Actor client = t.scene.attach("ann/net");
  client.say("PART #c :detach");
  client.expect(" PART #c Detached");
  t.bob("nothing");
  t.bob("a comet");
  CHECK(client.expect("a comet").find("PRIVMSG #c") != std::string::npos);

  client.say("PRIVMSG *halley :rule list");
  client.expect("highlight  word  comet");
  t.ask("DELETE", "/api/rules/00000000", nullptr, 404);
  t.ask("DELETE", fmt::format("/api/rules/{}", made["id"].get<std::string>()));
  CHECK(stream.expect("\"rules\"")["rules"].empty());
  t.bob("comet once more");
  CHECK_FALSE(stream.expect("comet once more").contains("highlight"));
  CHECK(t.open(cursor).expect("\"rules\"")["rules"].empty());
}

TEST_CASE("web: who is ignored is heard by nobody, is nowhere in the log, and stays a member") {
  Settings t(GENERATE(1U, 2U));
  Browser stream = t.open();
  stream.until("\"ready\"");
  Actor client = t.scene.attach("ann/net", "message-tags invite-notify");
  client.say("PRIVMSG *halley :rule add ignore mask bob");
  client.expect(" added");
  t.ask("POST", "/api/rules", {{"kind", "ignore"}, {"match", "regex"}, {"pattern", "^!roll"}}, 201);
  t.bob("unheard");
  t.server->say(":bob!b@h PRIVMSG ann :unheard, too");
  t.server->say(":bob!b@h NOTICE ann :unheard as well");
  t.server->say(":bob!b@h PRIVMSG ann :\x01VERSION\x01");
  t.server->say(":bob!b@h INVITE ann #unheard");
  t.server->say("@+typing=active :bob!b@h TAGMSG #c");
  t.server->say(":carl!c@h PRIVMSG #c :!roll unheard");
  t.server->say(":ann!ann@host.test PRIVMSG #c :!roll 6");  // our own, from elsewhere
  t.server->say(":carl!c@h PRIVMSG #c :heard");
  t.server->say(":bob!b@h PART #c :seen to go");
  t.server->ping();
  CHECK_FALSE(t.server->heard("VERSION"));
  const auto lines = client.until("seen to go");
  for (const auto& line : lines) CHECK(line.find("unheard") == std::string::npos);
  CHECK(std::ranges::none_of(lines, [](const auto& line) { return line.contains("TAGMSG"); }));
  CHECK(std::ranges::any_of(lines, [](const auto& line) { return line.contains(":heard"); }));
  const auto frames = stream.until("seen to go");
  CHECK(std::ranges::any_of(frames, [](const json& f) { return f.dump().contains("!roll 6"); }));
  for (const json& frame : frames) CHECK(frame.dump().find("unheard") == std::string::npos);
  CHECK(t.ask("GET", "/api/search?q=unheard")["lines"].empty());
  CHECK(t.ask("GET", "/api/history?network=net&target=bob")["lines"].empty());

  // Also after a restart; and heard again without the rules.
  t.scene.restart();
  t.server.emplace(t.scene.register_network());
  t.scene.join(*t.server, "#c");
  t.web.restart();
  t.bob("unheard still");
  t.server->ping();
  CHECK(t.ask("GET", "/api/search?q=still")["lines"].empty());
  for (const json& rule : t.ask("GET", "/api/rules"))
    t.ask("DELETE", fmt::format("/api/rules/{}", rule["id"].get<std::string>()));
  t.bob("heard again");
  t.server->ping();
  CHECK(t.ask("GET", "/api/search?q=again")["lines"].size() == 1);
}

TEST_CASE("web: a rule that cannot be is refused in the command's words, and changes none") {
  Settings t;
  const auto refused = [&](const json& rule, int status) {
    return t.ask("POST", "/api/rules", rule, status)["message"].get<std::string>();
  };
  CHECK(refused({{"kind", "ignore"}, {"match", "regex"}, {"pattern", "a("}}, 409)
            .contains("is no regular expression"));
  CHECK(
      refused({{"kind", "mute"}, {"match", "word"}, {"pattern", "a"}}, 409).contains("highlight or ignore"));
  CHECK_FALSE(refused({{"kind", "ignore"}, {"pattern", "a"}}, 400).empty());
  CHECK(t.ask("GET", "/api/rules").empty());
}
