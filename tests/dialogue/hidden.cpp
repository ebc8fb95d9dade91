// What one device hides and the others show.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/push/pusher.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/push_service.h"
#include "tests/dialogue/web_socket.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::PushService;
using halley::dialogue::Socket;
using halley::dialogue::Web;

namespace {

constexpr std::string_view kPager = "draft/chathistory batch server-time message-tags";

bool any(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [part](const auto& line) { return line.contains(part); });
}

// `command` to the service, of which the answer is this.
void ask(Actor& client, std::string_view command, std::string_view answer) {
  client.say(fmt::format("PRIVMSG *halley :{}", command));
  client.expect(answer);
}

}  // namespace

TEST_CASE("a channel that a device hides is shown there no more, elsewhere as ever, also after a restart") {
  Attached t(GENERATE(1U, 2U));
  Actor phone = t.scene.attach("ann/net@phone", "message-tags"), desk = t.scene.attach("ann/net@desk");
  SECTION("by HIDE") {
    phone.say("HIDE #C");
  }
  SECTION("by PART") {
    phone.say("PART #c :hide");
  }
  SECTION("by another device") {
    ask(desk, "device hide phone net #c", "device phone hides #c on net");
  }
  phone.expect(" PART #c Detached");
  CHECK_FALSE(t.server->hears("PART"));
  CHECK_FALSE(any(desk.ping(), "PART"));
  t.bob("ann: not for the phone");
  t.server->say(":bob!b@h TOPIC #c :new");
  t.server->say(":carl!c@h JOIN #c");
  t.server->say(":bob!b@h NICK robert");
  t.server->say("@+typing=active :robert!b@h TAGMSG #c");
  t.server->say(":robert!b@h PRIVMSG #c :back");
  t.server->ping();
  CHECK(any(desk.until("back"), "not for the phone"));
  CHECK(phone.ping().empty());
  ask(desk, "device list", "hides net/#c");
  t.scene.restart();
  t.server.emplace(t.scene.register_network());
  t.scene.join(*t.server, "#c");
  Actor again = t.scene.attach("ann/net@phone"), other = t.scene.attach("ann/net@other");
  CHECK_FALSE(any(again.ping(), "#c"));
  CHECK(any(other.ping(), " JOIN #c"));
}

TEST_CASE("JOIN shows what the device hides on it alone, with what was missed, and asks no network") {
  Attached t(GENERATE(1U, 2U));
  Actor phone = t.scene.attach("ann/net@phone"), desk = t.scene.attach("ann/net@desk");
  t.bob("before");
  phone.expect("before");
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  t.bob("meanwhile");
  desk.expect("meanwhile");
  const std::string how =
      GENERATE(as<std::string>{}, "JOIN #c", "ATTACH #c", "PRIVMSG *halley :device unhide phone net #c");
  phone.say(how);
  const auto lines = phone.until("meanwhile");
  CHECK(any(lines, " JOIN #c"));
  CHECK(any(lines, " 366 "));
  CHECK_FALSE(any(lines, "before"));
  CHECK_FALSE(any(desk.ping(), "#c"));
  CHECK_FALSE(t.server->hears("JOIN"));
  t.bob("live");
  phone.expect("live");
  desk.expect("live");
  // Nothing of it comes twice.
  phone.close();
  phone = t.scene.attach("ann/net@phone");
  CHECK_FALSE(any(phone.ping(), "meanwhile"));
  ask(phone, "device unhide phone net #c", "device phone does not hide #c on net; see device list");
}

TEST_CASE("a channel that is joined again stays hidden where it was") {
  Attached t;
  Actor phone = t.scene.attach("ann/net@phone"), desk = t.scene.attach("ann/net@desk");
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  desk.say("PART #c");
  t.server->expect("PART #c");
  t.server->say(":ann!ann@host.test PART #c");
  desk.expect(" PART #c");
  desk.say("JOIN #c");
  t.server->expect("JOIN #c");
  t.scene.join(*t.server, "#c");
  desk.expect(" 366 ");
  CHECK_FALSE(any(phone.ping(), "#c"));
  phone.say("JOIN #c");
  phone.expect(" JOIN #c");
}

TEST_CASE("a query that a device hides is silent there until somebody speaks to it there") {
  Attached t(GENERATE(1U, 2U));
  Actor phone = t.scene.attach("ann/net@phone", "message-tags echo-message"),
        desk = t.scene.attach("ann/net@desk");
  phone.say("HIDE bob");
  phone.ping();
  t.server->say(":bob!b@h PRIVMSG ann :psst");
  t.server->say("@+typing=active :bob!b@h TAGMSG ann");
  t.server->say(":carl!c@h PRIVMSG ann :me, too");
  desk.expect("psst");
  desk.say("PRIVMSG bob :what is it?");
  t.server->expect("PRIVMSG bob");
  const auto shown = phone.until("me, too");
  CHECK_FALSE(any(shown, "bob"));
  CHECK(phone.ping().empty());
  phone.say("PRIVMSG bob :and here");
  t.server->expect("PRIVMSG bob");
  // What was missed is read from the store meanwhile.
  const auto lines = phone.until("what is it?");
  CHECK(any(lines, "psst"));
  if (!any(lines, "and here")) phone.expect("and here");
  t.server->say(":bob!b@h PRIVMSG ann :good");
  phone.expect("good");
}

TEST_CASE(
    "a device that is away is replayed nothing of what it hides, nor told of it, and pages it by name") {
  Attached t(GENERATE(1U, 2U));
  t.visit("ann/net@phone");
  t.bob("while it was away");
  Actor desk = t.scene.attach("ann/net@desk");
  ask(desk, "device hide phone net #c", "device phone hides #c");
  t.bob("and after it");
  t.server->say(":carl!c@h PRIVMSG ann :to be seen");
  desk.expect("to be seen");
  SECTION("replayed") {
    Actor phone = t.scene.attach("ann/net@phone");
    CHECK_FALSE(any(phone.until("to be seen"), "#c"));
    CHECK_FALSE(any(phone.ping(), "#c"));
    phone.say("JOIN #c");
    const auto lines = phone.until("and after it");
    CHECK(any(lines, "while it was away"));
  }
  SECTION("paged") {
    Actor phone = t.scene.attach("ann/net@phone", kPager);
    phone.say("CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2040-01-01T00:00:00.000Z 1");
    const auto targets = phone.until("BATCH -");
    CHECK(any(targets, "TARGETS carl "));
    CHECK_FALSE(any(targets, "#c"));
    phone.say("CHATHISTORY LATEST #c * 10");
    phone.expect("and after it");
  }
  SECTION("played back") {
    Actor phone = t.scene.attach("ann/net@phone", "znc.in/playback server-time batch");
    phone.say("ZNC *playback PLAY * 0");
    CHECK_FALSE(any(phone.until("to be seen"), "#c"));
    phone.say("ZNC *playback PLAY #C 0");
    phone.expect("and after it");
  }
}

TEST_CASE("a channel that is detached and hidden is shown to each device when neither keeps it from that") {
  Attached t;
  Actor phone = t.scene.attach("ann/net@phone"), desk = t.scene.attach("ann/net@desk");
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  desk.say("DETACH #c");
  desk.expect(" PART #c Detached");
  CHECK_FALSE(any(phone.ping(), "#c"));
  t.bob("for nobody");
  t.server->ping();
  SECTION("attached by the one") {
    desk.say("ATTACH #c");
    desk.expect(" JOIN #c");
    desk.expect("for nobody");
    CHECK_FALSE(any(phone.ping(), "#c"));
  }
  SECTION("shown by the other") {
    ask(desk, "device unhide phone net #c", "device phone shows #c on net");
    CHECK_FALSE(any(phone.ping(), " JOIN "));
    desk.say("ATTACH #c");
    phone.expect("for nobody");
  }
  SECTION("joined by the device that hides it") {
    phone.say("JOIN #c");
    CHECK(std::ranges::count_if(phone.until("for nobody"),
                                [](const auto& line) { return line.contains(" JOIN #c"); }) == 1);
    desk.expect(" JOIN #c");
  }
}

TEST_CASE("what is hidden goes with its buffer and its device") {
  Attached t;
  Actor phone = t.scene.attach("ann/net@phone"), desk = t.scene.attach("ann/net@desk");
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  SECTION("the buffer") {
    t.bob("once");
    desk.expect("once");
    desk.say("PRIVMSG *halley :buffer remove net #c --yes");
    CHECK_FALSE(any(phone.until(" 366 "), "once"));
    t.bob("anew");
    phone.expect("anew");
  }
  SECTION("the device") {
    ask(desk, "device revoke phone --yes", "revoked");
    phone = t.scene.attach("ann/net@phone");
    CHECK(any(phone.ping(), " JOIN #c"));
  }
  SECTION("while a daemon runs, by its names") {
    ask(desk, "device hide tablet net #c", "has no device \"tablet\"");
    ask(desk, "device hide phone other #c", "no network");
    ask(desk, "device hide phone net 'a b'", "'a b' is no nick or channel");
    phone.say("HIDE :a b");
    phone.expect("'a b' is no nick or channel");
  }
}

TEST_CASE("on one connection with all networks a device hides what it names") {
  Attached t;
  Actor phone = t.scene.attach("ann/*@phone");
  phone.expect(" 366 ");
  phone.say("HIDE #c/net");
  phone.expect(" PART #c/net Detached");
  t.bob("not for the phone");
  t.server->ping();
  CHECK(phone.ping().empty());
  phone.say("JOIN #c/net");
  phone.expect("not for the phone");
}

TEST_CASE("what is hidden stays so under a name that had a buffer, and what is shown is shown there") {
  Attached t;
  Actor phone = t.scene.attach("ann/net@phone"), desk = t.scene.attach("ann/net@desk");
  t.scene.join(*t.server, "#d");
  t.bob("to make a buffer");
  t.server->say(":bob!b@h PRIVMSG #d :to make another");
  t.server->say(":ann!u@host PART #d");
  phone.expect("to make another");
  desk.expect("to make another");
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  ask(desk, "device hide desk net #d", "device desk hides #d on net");
  t.server->say(":ChanServ!s@h RENAME #c #d :it grew");
  t.server->say(":bob!b@h PRIVMSG #d :in the new one");
  t.server->say(":bob!b@h PRIVMSG ann :to both");
  desk.expect("in the new one");
  CHECK_FALSE(any(phone.until("to both"), "#d"));
  ask(desk, "device list", "hides net/#d");
  phone.say("HIDE bob");
  t.server->say(":rob!r@h PRIVMSG ann :to make a third");
  phone.expect("to make a third");
  t.server->say(":rob!r@h QUIT :gone");
  t.server->say(":bob!b@h NICK rob");
  t.server->say(":rob!b@h PRIVMSG ann :still hidden");
  t.server->say(":carl!c@h PRIVMSG ann :of another");
  CHECK_FALSE(any(phone.until("of another"), "still hidden"));
}

TEST_CASE("a program with a device's token hides nothing, and does not keep the device from hiding") {
  Attached t;
  const auto token = t.scene.accounts().add_device("ann", "phone");
  REQUIRE(token);
  t.scene.accounts().flush(nullptr);
  Web web(t.scene);
  const std::string bearer = "Authorization: Bearer " + *token + "\r\n";
  Socket program(t.scene, web, "/api/events", bearer);
  program.expect("\"ready\"");
  Actor phone = t.scene.attach("ann/net@phone");
  (void)phone.ping();
  phone.close();
  t.bob("before the phone is told to hide");
  t.server->ping();
  Actor desk = t.scene.attach("ann/net@desk");
  ask(desk, "device hide phone net #c", "device phone hides #c on net");
  program.expect("before the phone is told to hide");
  Actor again = t.scene.attach("ann/net@phone");
  CHECK_FALSE(any(again.ping(), "before the phone"));
}

TEST_CASE("push: what a device hides takes no place of what is pushed to it") {
  Attached t;
  PushService service(t.scene);
  Actor phone = t.scene.attach("ann/net@phone", "draft/webpush message-tags server-time");
  phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(1), service.keys()));
  phone.expect("WEBPUSH REGISTER " + PushService::endpoint(1));
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  for (int i = 0; i < 100; ++i) t.bob("ann: not for the phone");
  t.server->say(":carl!c@h PRIVMSG ann :for the phone");
  t.server->ping();
  t.scene.advance(halley::push::Pusher::kUnreadMs);
  CHECK(service.next().text.contains("for the phone"));
}

TEST_CASE("push: what a device hides is not pushed to it") {
  Attached t;
  PushService service(t.scene);
  Actor phone = t.scene.attach("ann/net@phone", "draft/webpush message-tags server-time");
  phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(1), service.keys()));
  phone.expect("WEBPUSH REGISTER " + PushService::endpoint(1));
  phone.say("HIDE #c");
  phone.expect(" PART #c Detached");
  t.bob("ann: not for the phone");
  t.server->ping();
  t.scene.advance(halley::push::Pusher::kUnreadMs);
  CHECK(service.idle());
  t.server->say(":carl!c@h PRIVMSG ann :for the phone");
  t.server->ping();
  t.scene.advance(halley::push::Pusher::kUnreadMs);
  CHECK(service.next().text.contains("for the phone"));
}

TEST_CASE("web: a device is told by HTTP what it is to hide; a browser shows all") {
  Attached t;
  Actor phone = t.scene.attach("ann/net@phone");
  Web web(t.scene);
  const std::string headers = web.login("ann");
  const std::string place = R"({"network":"net","target":"#c"})";
  CHECK(web.post("/api/devices/phone/hide", place, headers).status == 200);
  phone.expect(" PART #c Detached");
  const auto list = web.ask(Web::format("GET", "/api/devices", headers, "")).json();
  CHECK(list[0]["hidden"] == nlohmann::json::parse("[" + place + "]"));
  CHECK(web.post("/api/devices/tablet/hide", place, headers).status == 404);
  CHECK(web.post("/api/devices/phone/unhide", place, headers).status == 200);
  phone.expect(" JOIN #c");
  CHECK(web.post("/api/devices/phone/unhide", place, headers).status == 409);
  const auto refused =
      web.post("/api/commands", R"({"client":"c","seq":1,"network":"net","line":"HIDE #c"})", headers);
  CHECK(refused.body.contains("a browser shows all"));
}
