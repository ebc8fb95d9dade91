// Web Push: what calls the user reaches devices that are away, encrypted, by their push services.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/accounts/password.h"
#include "bouncer/push/encryption.h"
#include "bouncer/push/pusher.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/push_service.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Pushed;
using halley::dialogue::PushService;
using halley::dialogue::Scene;
using halley::push::Deliveries;
using halley::push::Pusher;
using halley::push::Subscriptions;

namespace {

constexpr std::string_view kCaps = "draft/webpush message-tags server-time";

// Ann's phone has subscribed on "net", and is away.
struct Subscribed : Attached {
  explicit Subscribed(std::uint64_t seed = 1) : Attached(seed), service(scene) { subscribe("ann/net@phone"); }
  void subscribe(std::string_view login, int number = 1, std::string_view caps = kCaps) {
    Actor phone = scene.attach(login, caps);
    phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(number), service.keys()));
    phone.expect("WEBPUSH REGISTER " + PushService::endpoint(number));
    phone.close();
    phone.expect_closed();
  }
  void hear() { server->ping(); }
  // What was said has been there for long enough.
  void wait() {
    hear();
    scene.advance(Pusher::kUnreadMs);
  }
  std::size_t subscriptions() { return scene.bouncer().pusher().count(scene.user("ann").id()); }
  PushService service;
};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("push: a line that calls the user is pushed to a client that subscribed, and others are not") {
  Subscribed t(GENERATE(1U, 2U));
  t.bob("nothing for anybody");
  t.server->say("@msgid=m1;+x=y :bob!b@h PRIVMSG #c :ann: are you there?");
  t.hear();
  t.scene.advance(Pusher::kUnreadMs - 1);
  CHECK(t.service.idle());
  t.scene.advance(1);
  const Pushed pushed = t.service.next();
  CHECK(t.service.last_target().host == "push.example");
  CHECK(t.service.last_target().port == 443);
  CHECK(t.service.last_target().tls);
  CHECK(pushed.head.starts_with("POST /1?x HTTP/1.1\r\nHost: push.example\r\n"));
  CHECK(pushed.header("Content-Encoding") == "aes128gcm");
  CHECK(pushed.header("TTL") == "604800");
  CHECK(pushed.header("Urgency") == "high");
  CHECK(pushed.header("Topic").empty());
  CHECK(pushed.header("Authorization").starts_with("vapid t="));
  CHECK(pushed.header("Authorization").ends_with(", k=" + t.scene.bouncer().pusher().public_key()));
  CHECK(pushed.text.starts_with("@time=2023-11-14T"));
  CHECK(pushed.text.ends_with(";msgid=m1;+x=y :bob!b@h PRIVMSG #c :ann: are you there?"));
  CHECK(t.service.idle());
  CHECK(t.scene.bouncer().pusher().figures().sent == 1);
}

TEST_CASE("push: so are what is said to the user alone, and invitations; notices and own words are not") {
  Subscribed t;
  t.server->say(":bob!b@h PRIVMSG ann :hi");
  t.server->say(":bob!b@h INVITE ann #d");
  t.server->say(":bob!b@h NOTICE ann :noted");
  t.server->say(":ann!ann@host.test PRIVMSG #c :ann speaks");
  t.server->say(":bob!b@h PRIVMSG ann :\001VERSION\001");
  t.wait();
  const auto texts = t.service.texts();
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].ends_with(" :bob!b@h PRIVMSG ann :hi"));
  CHECK(texts[1].ends_with(" :bob!b@h INVITE ann #d"));
}

TEST_CASE("push: what is read, answered or taken back within five seconds is not pushed") {
  Subscribed t;
  Actor desk = t.scene.attach("ann/net@desk", "draft/read-marker");
  t.server->say("@msgid=m1 :bob!b@h PRIVMSG #c :ann: one");
  t.hear();
  SECTION("read") {
    desk.say("MARKREAD #c timestamp=2123-01-01T00:00:00.000Z");
    desk.expect("MARKREAD #c timestamp=");
  }
  SECTION("answered") {
    desk.say("PRIVMSG #c :yes");
    t.server->expect("PRIVMSG #c :yes");
    desk.ping();
  }
  SECTION("taken back") {
    t.server->say(":bob!b@h REDACT #c m1");
    t.hear();
  }
  t.scene.advance(Pusher::kUnreadMs);
  CHECK(t.service.idle());
  t.server->say(":bob!b@h PRIVMSG #c :ann: two");
  t.wait();
  CHECK(holds(t.service.next().text, "two"));
}

TEST_CASE("push: time that goes by while what is due is looked at makes no push late") {
  Subscribed t;
  constexpr unsigned kLines = 20;
  for (unsigned i = 0; i < kLines; ++i) {
    t.bob(fmt::format("ann: number {}.", i));
    t.hear();
    t.scene.advance(10);
  }
  t.scene.clock.run_as_read(4'000);
  t.scene.advance(Pusher::kUnreadMs + 1'000);
  t.scene.clock.run_as_read(0);
  CHECK(t.service.texts().size() == kLines);
}

TEST_CASE("push: that a notice was read elsewhere is pushed once, and only where one is open") {
  Subscribed t;
  Actor desk = t.scene.attach("ann/net@desk", "draft/read-marker");
  t.bob("ann: one");
  t.bob("ann: two");
  t.wait();
  REQUIRE(t.service.texts().size() == 2);
  SECTION("up to an earlier line, it stays open") {
    desk.say("MARKREAD #c timestamp=2023-11-14T00:00:00.000Z");
    desk.expect("MARKREAD #c timestamp=");
    CHECK(t.service.idle());
  }
  desk.say("MARKREAD #c timestamp=2123-01-01T00:00:00.000Z");
  desk.expect("MARKREAD #c timestamp=");
  const Pushed read = t.service.next();
  CHECK(read.text.starts_with(":halley.local MARKREAD #c timestamp=2023-11-14T"));
  CHECK(read.header("Urgency") == "normal");
  CHECK(read.header("TTL") == "86400");
  CHECK(read.header("Topic").starts_with("read-"));
  t.scene.advance(10'000);
  desk.say("MARKREAD #c timestamp=2123-01-01T00:00:00.000Z");
  desk.expect("MARKREAD #c timestamp=");
  desk.say("MARKREAD #never timestamp=2123-01-01T00:00:00.000Z");
  desk.expect("MARKREAD #never");
  CHECK(t.service.idle());
}

TEST_CASE("push: a service that says that a subscription is gone is believed") {
  Subscribed t;
  const int status = GENERATE(404, 410);
  t.bob("ann: one");
  t.wait();
  t.service.next(fmt::format("HTTP/1.1 {} Gone\r\nContent-Length: 0\r\n\r\n", status));
  CHECK(t.subscriptions() == 0);
  t.bob("ann: two");
  t.wait();
  CHECK(t.service.idle());
  t.scene.restart();
  CHECK(t.subscriptions() == 0);
}

TEST_CASE("push: a busy service is asked again when it says, and given up after five tries") {
  Subscribed t;
  t.bob("ann: one");
  t.wait();
  SECTION("when it says") {
    t.service.next("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n");
    t.scene.advance(99'999);
    CHECK(t.service.idle());
    t.scene.advance(1);
    CHECK(holds(t.service.next().text, "one"));
  }
  SECTION("an hour at most") {
    t.service.next("HTTP/1.1 503 Later\r\nRetry-After: 1000000000\r\nContent-Length: 0\r\n\r\n");
    t.scene.advance(Deliveries::kMostDelayMs);
    CHECK(holds(t.service.next().text, "one"));
  }
  SECTION("five tries") {
    for (unsigned i = 0; i < Deliveries::kMostTries; ++i) {
      t.service.next("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
      t.scene.advance(30'000U << i);
    }
    CHECK(t.service.idle());
    CHECK(t.subscriptions() == 1);
    CHECK(t.scene.bouncer().pusher().figures().lost == 1);
    CHECK(t.scene.bouncer().pusher().list(t.scene.user("ann").id())[0].trouble == "its service answered 500");
  }
}

TEST_CASE("push: an outage, of ours or of the service, costs pushes and no subscription") {
  Subscribed t;
  const bool busy = GENERATE(false, true);
  const unsigned pushes = Deliveries::kMostRefusals + 1;
  for (unsigned i = 0; i < pushes; ++i) t.bob(fmt::format("ann: number {}.", i));
  t.wait();
  for (unsigned i = 0; i < pushes * Deliveries::kMostTries; ++i) {
    for (int step = 0; step < 200 && t.service.idle(); ++step) t.scene.advance(5'000);
    if (busy)
      t.service.next("HTTP/1.1 429 Later\r\nContent-Length: 0\r\n\r\n");
    else
      t.service.hold();  // until it is given up
  }
  t.scene.advance(Deliveries::kMostDelayMs);
  CHECK(t.service.idle());
  CHECK(t.scene.bouncer().pusher().figures().lost == pushes);
  CHECK(t.subscriptions() == 1);
}

TEST_CASE(
    "push: a subscription whose service refuses five pushes on end is removed, a push too long is left out") {
  Subscribed t;
  for (unsigned i = 0; i < Deliveries::kMostRefusals; ++i) {
    CHECK(t.subscriptions() == 1);
    t.bob("ann: too long");
    t.wait();
    t.service.next("HTTP/1.1 413 Too Long\r\nContent-Length: 0\r\n\r\n");
    t.bob("ann: no");
    t.wait();
    t.service.next("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  }
  CHECK(t.subscriptions() == 0);
}

TEST_CASE("push: subscriptions and our key outlive a restart") {
  Subscribed t;
  const std::string key = t.scene.bouncer().pusher().public_key();
  t.scene.restart();
  t.server.emplace(t.scene.register_network());
  t.scene.join(*t.server, "#c");
  PushService after(t.scene);
  CHECK(t.scene.bouncer().pusher().public_key() == key);
  REQUIRE(t.subscriptions() == 1);
  t.bob("ann: hi");
  t.server->ping();
  t.scene.advance(Pusher::kUnreadMs);
  after.hold();  // its keys are the first one's
  CHECK(after.last_target().host == "push.example");
}

TEST_CASE("push: a subscription goes with its device, its network, its user's password, and its user") {
  Subscribed t;
  halley::Accounts& accounts = t.scene.accounts();
  SECTION("device") {
    REQUIRE(accounts.revoke_device("ann", "phone"));
    accounts.flush(nullptr);
    CHECK(t.subscriptions() == 0);
  }
  SECTION("network") {
    REQUIRE(accounts.remove_network("ann", "net"));
    accounts.flush(nullptr);
    CHECK(t.subscriptions() == 0);
  }
  SECTION("password") {
    REQUIRE(accounts.set_password_hash("ann", halley::hash_password("new", t.scene.random),
                                       halley::Accounts::Tokens::kKeep));
    accounts.flush(nullptr);
    CHECK(t.subscriptions() == 0);
  }
  SECTION("user") {
    REQUIRE(accounts.remove_user("ann"));
    accounts.flush(nullptr);
    CHECK(t.scene.bouncer().pusher().count() == 0);
  }
  SECTION("asked for") {
    Actor phone = t.scene.attach("ann/net@phone");
    phone.say("WEBPUSH UNREGISTER " + PushService::endpoint());
    phone.expect("WEBPUSH UNREGISTER " + PushService::endpoint());
    CHECK(t.subscriptions() == 0);
    phone.say("WEBPUSH UNREGISTER " + PushService::endpoint());
    phone.expect("WEBPUSH UNREGISTER " + PushService::endpoint());
  }
  t.scene.restart();
  CHECK(t.scene.bouncer().pusher().count() == 0);
}

TEST_CASE("push: while the user is disabled nothing is pushed") {
  Subscribed t;
  t.bob("ann: hi");
  t.hear();
  REQUIRE(t.scene.accounts().set_enabled("ann", false));
  t.scene.accounts().flush(nullptr);
  t.scene.advance(Pusher::kUnreadMs);
  CHECK(t.service.idle());
  CHECK(t.subscriptions() == 1);
}

TEST_CASE("push: the key is told in ISUPPORT and on request, and a network's own is not passed on") {
  Attached t;
  t.server->say(":srv 005 ann VAPID=theirs AWAYLEN=9 :are supported by this server");
  t.server->ping();
  const std::string key = t.scene.bouncer().pusher().public_key();
  Actor phone = t.scene.connect_client();
  phone.say("CAP LS 302");
  phone.expect("draft/webpush");
  phone.say("CAP REQ :soju.im/webpush");
  phone.expect(" ACK ");
  phone.say("PASS ann/net:secret");
  phone.say("NICK x");
  phone.say("USER x 0 * :x");
  phone.say("CAP END");
  const auto lines = phone.until(" 422 ");
  const auto told = [&](std::string_view part) {
    return std::ranges::any_of(lines, [&](const std::string& line) { return holds(line, part); });
  };
  CHECK(told("VAPID=" + key));
  CHECK(told("AWAYLEN=9"));
  CHECK_FALSE(told("theirs"));
  phone.say("WEBPUSH VAPIDPUBKEY");
  phone.expect("WEBPUSH VAPIDPUBKEY " + key);
  Actor plain = t.scene.attach("ann/net@plain");
  plain.say("ISUPPORT");
  CHECK_FALSE(plain.hears("VAPID"));
}

TEST_CASE("push: what is no subscription is refused in a standard reply") {
  Attached t;
  PushService service(t.scene);
  Actor phone = t.scene.attach("ann/net@phone", kCaps);
  const std::string keys = service.keys();
  const auto refused = [&](std::string_view line, std::string_view reply) {
    phone.say(line);
    phone.expect(reply);
  };
  refused("WEBPUSH", "FAIL WEBPUSH INVALID_PARAMS :");
  refused("WEBPUSH DANCE", "FAIL WEBPUSH INVALID_PARAMS DANCE :");
  refused("WEBPUSH UNREGISTER", "FAIL WEBPUSH INVALID_PARAMS UNREGISTER :");
  refused("WEBPUSH REGISTER https://p.example/a",
          "FAIL WEBPUSH INVALID_PARAMS REGISTER https://p.example/a :");
  for (const std::string_view url : {"http://p.example/a", "https://", "https://user@p.example/a",
                                     "ftp://p.example", "https://p.example:0/"})
    refused(fmt::format("WEBPUSH REGISTER {} {}", url, keys), "FAIL WEBPUSH INVALID_PARAMS REGISTER");
  refused(fmt::format("WEBPUSH REGISTER https://p.example/{} {}",
                      std::string(halley::push::kMaxEndpoint, 'a'), keys),
          "FAIL WEBPUSH INVALID_PARAMS REGISTER");
  refused("WEBPUSH REGISTER https://p.example/a p256dh=AAAA;auth=" + service.auth(),
          "FAIL WEBPUSH INVALID_PARAMS REGISTER");
  refused(fmt::format("WEBPUSH REGISTER https://p.example/a p256dh={};auth=AAAA", service.p256dh()),
          "FAIL WEBPUSH INVALID_PARAMS REGISTER");
  CHECK(t.scene.bouncer().pusher().count() == 0);
}

TEST_CASE("push: a user has sixteen subscriptions, each endpoint once") {
  Attached t;
  PushService service(t.scene);
  Actor phone = t.scene.attach("ann/net@phone", kCaps);
  for (std::size_t i = 0; i < Subscriptions::kMostSubscriptions + 3; ++i) {
    phone.say(
        fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(static_cast<int>(i)), service.keys()));
    phone.expect(i < Subscriptions::kMostSubscriptions ? ":halley.local WEBPUSH REGISTER "
                                                       : "FAIL WEBPUSH MAX_REGISTRATIONS");
  }
  phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(3), service.keys()));
  phone.expect(":halley.local WEBPUSH REGISTER " + PushService::endpoint(3));
  CHECK(t.scene.bouncer().pusher().count() == Subscriptions::kMostSubscriptions);
}

TEST_CASE("push: thirty-two lines wait to be pushed, and sixty a minute are") {
  Subscribed t;
  for (std::size_t i = 0; i < Pusher::kMostUnreadLines + 10; ++i) t.bob(fmt::format("ann: {}", i));
  t.wait();
  std::size_t pushed = t.service.texts().size();
  CHECK(pushed == Pusher::kMostUnreadLines);
  for (std::size_t i = 0; i < Pusher::kMostUnreadLines; ++i) t.bob(fmt::format("ann: {}", i));
  t.wait();
  pushed += t.service.texts().size();
  CHECK(pushed == Pusher::kMostAMinute);
  t.scene.advance(60'000);
  t.bob("ann: a minute later");
  t.wait();
  CHECK(holds(t.service.next().text, "a minute later"));
}

TEST_CASE("push: of a service that does not answer thirty-two pushes wait, and the newest are kept") {
  Subscribed t;
  t.bob("ann: first");
  t.wait();
  t.service.hold();
  for (std::size_t i = 0; i < Deliveries::kMostQueuedPushes; ++i) t.bob(fmt::format("ann: number {}.", i));
  t.wait();
  CHECK(t.service.idle());
  CHECK(t.scene.bouncer().pusher().figures().lost == 1);
  t.scene.advance(20'000);  // it is given up, and tried again
  t.scene.advance(30'000);
  CHECK(holds(t.service.next().text, "first"));
  const auto rest = t.service.texts();
  REQUIRE(rest.size() == Deliveries::kMostQueuedPushes - 1);
  CHECK(holds(rest.front(), "number 1."));
}

TEST_CASE("push: four pushes of a user are on their way at once, and other users' are not kept waiting") {
  Subscribed t;
  for (int i = 2; i <= 6; ++i) t.subscribe("ann/net@phone", i);
  t.bob("ann: hi");
  t.wait();
  t.scene.loop.run_turns();
  CHECK(t.service.dialled() == Deliveries::kMostOfUserAtOnce);
  for (std::size_t i = 0; i < Deliveries::kMostOfUserAtOnce; ++i) t.service.hold();
  CHECK(t.service.idle());
  t.scene.advance(20'000);
  CHECK(t.service.dialled() == 2);
}

TEST_CASE("push: services on private networks are for administrators to allow") {
  Subscribed t;
  t.scene.config.push.allow_private_hosts = GENERATE(false, true);
  t.bob("ann: hi");
  t.wait();
  t.service.next();
  CHECK(t.service.last_target().allow_private_hosts == t.scene.config.push.allow_private_hosts);
}

TEST_CASE("push: a client without message-tags is pushed lines without tags") {
  Attached t;
  PushService service(t.scene);
  Actor phone = t.scene.attach("ann/net@phone", "draft/webpush");
  phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(), service.keys()));
  phone.expect("WEBPUSH REGISTER");
  t.bob("ann: hi");
  t.server->ping();
  t.scene.advance(Pusher::kUnreadMs);
  CHECK(service.next().text == ":bob!b@h PRIVMSG #c :ann: hi");
}

TEST_CASE("push: a long line with many tags fits into a push, msgid and time first") {
  Subscribed t;
  std::string tags = "msgid=m1";
  for (int i = 0; i < 70; ++i) tags += fmt::format(";+t{}={}", i, std::string(100, 'v'));
  t.server->say(fmt::format("@{} :bob!b@h PRIVMSG #c :ann: {}", tags, std::string(470, 'x')));
  t.wait();
  const std::string text = t.service.next().text;
  CHECK(text.size() <= halley::push::kMaxPushText);
  CHECK(text.size() > halley::push::kMaxPushText - 120);
  CHECK(holds(text, "@time="));
  CHECK(holds(text, ";msgid=m1;+t0="));
  CHECK(holds(text, " :bob!b@h PRIVMSG #c :ann: xxx"));
}

TEST_CASE("push: of sixty-four open notices it is known that they are, and of older ones not any more") {
  Subscribed t;
  for (std::size_t i = 0; i <= Pusher::kMostOpenNotices; ++i) {
    t.server->say(fmt::format(":n{}!u@h PRIVMSG ann :hi", i));
    if (i % 16 != 0) continue;
    t.wait();
    t.service.texts();
    t.scene.advance(60'000);
  }
  t.wait();
  t.service.texts();
  Actor desk = t.scene.attach("ann/net@desk", "draft/read-marker");
  const auto read = [&](std::string_view nick) {
    desk.say(fmt::format("MARKREAD {} timestamp=2123-01-01T00:00:00.000Z", nick));
    desk.expect(fmt::format("MARKREAD {} timestamp=", nick));
    return t.service.texts().size();
  };
  CHECK(read("n0") == 0);
  CHECK(read("n1") == 1);
  CHECK(read(fmt::format("n{}", Pusher::kMostOpenNotices)) == 1);
}

TEST_CASE("push: thirty-two pushes are on their way at once, and the next one follows when one was taken") {
  Scene scene;
  PushService service(scene);
  std::vector<Actor> servers;
  const std::size_t users = Deliveries::kMostPushesAtOnce / Deliveries::kMostOfUserAtOnce + 1;
  for (std::size_t i = 0; i < users; ++i) {
    const std::string name = fmt::format("u{}", i);
    scene.add_user(name);
    scene.add_network(name, "net");
    servers.push_back(scene.register_network(name));
    Actor phone = scene.attach(name + "/net@phone", kCaps);
    for (std::size_t number = 0; number < Deliveries::kMostOfUserAtOnce; ++number) {
      phone.say(fmt::format("WEBPUSH REGISTER {} {}", PushService::endpoint(static_cast<int>(number)),
                            service.keys()));
      phone.expect("WEBPUSH REGISTER https:");
    }
    servers.back().say(fmt::format(":bob!b@h PRIVMSG {} :hi", name));
    servers.back().ping();
  }
  scene.advance(Pusher::kUnreadMs);
  CHECK(service.dialled() == Deliveries::kMostPushesAtOnce);
  service.next();
  CHECK(service.dialled() == Deliveries::kMostPushesAtOnce);
  CHECK(service.texts().size() == users * Deliveries::kMostOfUserAtOnce - 1);
}
