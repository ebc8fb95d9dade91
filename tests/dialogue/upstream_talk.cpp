// What is said on a network and how it is kept: replays, queries whose partner is renamed, CTCP, passwords
// said to services, and what goes first to the network.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/time_tag.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

// The user's log, read from the database.
struct Row {
  std::string line;
  std::int64_t time_ms;
  std::uint8_t flags;
};
std::vector<Row> log_with(Scene& scene, std::string_view part) {
  scene.drain();
  std::optional<halley::storage::Page> page;
  scene.store().read_log({.user = scene.user("ann").id()},
                         [&page](auto result) { page = std::move(result.value()); });
  REQUIRE(scene.turn_until([&page] { return page.has_value(); }));
  std::vector<Row> rows;
  for (const auto& event : page->events) {
    if (event.line.find(part) != std::string_view::npos)
      rows.push_back({std::string(event.line), event.time_ms, event.flags});
  }
  return rows;
}

std::string time_tag(Scene& scene, std::int64_t ago_ms) {
  std::string text = "time=";
  halley::irc::append_time(text, scene.clock.wall_us() / 1000 - ago_ms);
  return text;
}

constexpr std::int64_t kLongAgoMs = 90 * 60'000;

}  // namespace

TEST_CASE("what a network replays keeps its time, calls nobody, and is logged once") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net", "server-time message-tags");
  const auto [name, msgid] = GENERATE(table<std::string, std::string>({
      {"with a msgid", ";msgid=old1"},
      {"without", ""},
  }));
  CAPTURE(name);
  const std::string tag = time_tag(scene, kLongAgoMs);
  const bool batched = GENERATE(true, false);
  const auto replay = [&] {
    const std::string batch = batched ? "batch=r1;" : "";
    if (batched) server.say(":srv BATCH +r1 chathistory #c");
    server.say("@" + batch + tag + msgid + " :bob!b@h PRIVMSG #c :ann: said long ago");
    if (batched) {
      server.say("@batch=r1 :carl!c@h PART #c");
      server.say(":srv BATCH -r1");
    }
    server.ping();
  };
  replay();
  CHECK(client.expect("said long ago").find(tag) != std::string::npos);
  const auto once = log_with(scene, "said long ago");
  REQUIRE(once.size() == 1);
  CHECK(once[0].time_ms == scene.clock.wall_us() / 1000 - kLongAgoMs);
  CHECK((once[0].flags & halley::event_flag::kHighlight) == 0);
  CHECK(scene.user("ann").find_network("net")->state().find_channel("#c")->members.size() == 3);
  replay();
  server.say(":bob!b@h PRIVMSG #c :and now");
  client.expect("and now");
  CHECK(log_with(scene, "said long ago").size() == 1);
  // Also after a restart, when nothing is in memory.
  scene.restart();
  server = scene.register_network();
  scene.join(server, "#c");
  replay();
  server.say(":bob!b@h PRIVMSG #c :and later");
  server.ping();
  CHECK(log_with(scene, "and later").size() == 1);
  CHECK(log_with(scene, "said long ago").size() == 1);
}

TEST_CASE("what was heard live is not logged again when it is replayed") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  const std::string tag = time_tag(scene, 1'000);
  const std::string live = GENERATE("msgid=m1", "");
  const std::string separator = live.empty() ? "" : ";";
  server.say("@" + tag + separator + live + " :bob!b@h PRIVMSG #c :once");
  server.ping();
  server.say(":srv BATCH +h chathistory #c");
  server.say("@batch=h;" + tag + separator + live + " :bob!b@h PRIVMSG #c :once");
  server.say("@batch=h;" + tag + ";msgid=m2 :bob!b@h PRIVMSG #c :missed");
  server.say(":srv BATCH -h");
  // Without a batch a msgid says it.
  if (!live.empty()) server.say("@" + tag + ";msgid=m1 :bob!b@h PRIVMSG #c :once");
  server.ping();
  // The store is asked first; each look at the log lets it answer.
  for (int look = 0; look < 100 && log_with(scene, ":missed").empty(); ++look) {
  }
  CHECK(log_with(scene, ":missed").size() == 1);
  CHECK(log_with(scene, ":once").size() == 1);
}

TEST_CASE("a network whose clock is wrong is not taken for one that replays") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.accept_network();
  server.expect("USER ");
  const std::string tag = time_tag(scene, kLongAgoMs);
  server.say("@" + tag + " :srv 001 ann :Welcome");
  server.say("@" + tag + " :srv 422 ann :No MOTD");
  scene.join(server, "#c");
  server.say("@" + tag + " :bob!b@h PRIVMSG #c :ann: now");
  server.ping();
  const auto rows = log_with(scene, "ann: now");
  REQUIRE(rows.size() == 1);
  CHECK((rows[0].flags & halley::event_flag::kHighlight) != 0);
  CHECK(rows[0].time_ms > scene.clock.wall_us() / 1000 - 60'000);
}

TEST_CASE("a query follows its partner to a new nick") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  halley::Network* network = scene.user("ann").find_network("net");
  server.say(":bob!b@h PRIVMSG ann :before");
  server.ping();
  const auto buffer = network->buffers().find("bob");
  REQUIRE(buffer != 0);
  server.say(":bob!b@h NICK robert");
  server.say(":robert!b@h PRIVMSG ann :after");
  server.ping();
  CHECK(network->buffers().find("robert") == buffer);
  CHECK(network->buffers().find("bob") == 0);
  // Whoever takes the old nick is somebody else.
  server.say(":bob!other@h PRIVMSG ann :hello");
  server.ping();
  CHECK(network->buffers().find("bob") != buffer);
  SECTION("after a restart too") {
    scene.restart();
    network = scene.user("ann").find_network("net");
    CHECK(network->buffers().find("robert") == buffer);
    CHECK(network->buffers().find("bob") != 0);
  }
  SECTION("where there is a talk with the new nick already, it goes on there") {
    const auto other = network->buffers().find("bob");
    server.say(":robert!b@h NICK Bob");
    server.ping();
    CHECK(network->buffers().find("bob") == other);
    CHECK(network->buffers().find("robert") == buffer);
    // Each says where the rest is to be found.
    Actor client = scene.attach("ann/net@one", "batch draft/event-playback draft/chathistory");
    for (const char* talk : {"bob", "robert"}) {
      client.say(fmt::format("CHATHISTORY LATEST {} * 10", talk));
      client.expect("NICK Bob");
      client.expect("BATCH -");
    }
  }
}

TEST_CASE("one program answers each CTCP question, and none is kept") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  SECTION("a client, when one is there") {
    Actor one = scene.attach("ann/net@one");
    Actor two = scene.attach("ann/net@two");
    server.say(":eve!e@e PRIVMSG ann :\x01VERSION\x01");
    server.say(":eve!e@e PRIVMSG #c :\x01PING 1\x01");
    server.ping();
    const std::vector<std::string> first = one.ping(), second = two.ping();
    for (const char* word : {"\x01VERSION", "\x01PING"}) {
      const auto has = [&](const std::string& line) { return line.find(word) != std::string::npos; };
      CHECK(std::ranges::count_if(first, has) + std::ranges::count_if(second, has) == 1);
    }
    CHECK_FALSE(server.hears("NOTICE eve"));
    // What a client asks is not kept either.
    two.say("PRIVMSG eve :\x01VERSION\x01");
    server.expect("PRIVMSG eve :\x01VERSION\x01");
    server.say(":eve!e@e NOTICE ann :\x01VERSION irssi\x01");
    two.expect("\x01VERSION irssi");
    CHECK_FALSE(one.hears("VERSION irssi"));
    // Whoever is in a channel may answer; what nobody asked is for all.
    server.say(":srv 005 ann STATUSMSG=@+ :are supported by this server");
    for (const auto& [channel, ask] : {std::pair{"#c", "TIME"}, {"@#c", "FINGER"}}) {
      one.say(fmt::format("PRIVMSG {} :\x01{}\x01", channel, ask));
      server.expect(fmt::format("PRIVMSG {} :\x01{}\x01", channel, ask));
      for (const char* nick : {"eve", "bob"}) {
        server.say(fmt::format(":{}!e@e NOTICE ann :\x01{} now\x01", nick, ask));
        one.expect(fmt::format(":{}!e@e NOTICE ann :\x01{} now", nick, ask));
      }
      CHECK_FALSE(two.hears(" now"));
    }
    server.say(":eve!e@e NOTICE ann :\x01VERSION unasked\x01");
    one.expect("VERSION unasked");
    two.expect("VERSION unasked");
  }
  SECTION("Halley, when none is, and not without end") {
    server.say(":eve!e@e PRIVMSG ann :\x01PING 123\x01");
    server.expect("NOTICE eve :\x01PING 123\x01");
    server.say(":eve!e@e PRIVMSG ann :\x01VERSION\x01");
    server.expect("NOTICE eve :\x01VERSION Halley");
    server.say(":eve!e@e PRIVMSG ann :\x01TIME\x01");
    server.expect("NOTICE eve :\x01TIME ");
    server.say(":eve!e@e PRIVMSG ann :\x01PING 124\x01");
    CHECK_FALSE(server.hears("NOTICE eve"));
    scene.advance(11'000);
    server.say(
        ":eve!e@e PRIVMSG ann :\x01"
        "DCC SEND f.bin 2130706433 5000 10\x01");
    server.ping();
    CHECK(log_with(scene, "offered something by DCC").size() == 1);
  }
  CHECK(log_with(scene, "\x01").empty());
  server.say(
      ":bob!b@h PRIVMSG #c :\x01"
      "ACTION waves\x01");
  server.ping();
  CHECK(log_with(scene, "ACTION waves").size() == 1);
}

TEST_CASE("passwords said to services reach the network, and nothing else") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net@one");
  Actor other = scene.attach("ann/net@two", "echo-message");
  const auto [target, text] = GENERATE(table<std::string, std::string>({
      {"NickServ", "IDENTIFY hunter2"},
      {"nickserv@services.example", "set password hunter2"},
      {"NS", "GHOST ann hunter2"},
  }));
  client.say("PRIVMSG " + target + " :" + text);
  server.expect("PRIVMSG " + target + " :" + text);
  other.expect("****");
  // What the network sends back is treated alike.
  server.say(":ann!ann@host.test PRIVMSG " + target + " :" + text);
  server.ping();
  CHECK(log_with(scene, "hunter2").empty());
  CHECK(log_with(scene, "****").size() == 2);
}

TEST_CASE(
    "what services of any kind are told and answer is kept without passwords, and told to all clients") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net@one"), other = scene.attach("ann/net@two");
  // In the words of Anope, Atheme, Ergo, QuakeNet, GameSurge and Undernet.
  const auto [line, answer] = GENERATE(table<std::string, std::string>({
      {"PRIVMSG NickServ :IDENTIFY hunter2",
       ":NickServ!s@s NOTICE ann :Password accepted - you are now recognized."},
      {"NS ID ann hunter2",
       ":NickServ!NickServ@services. NOTICE ann :You are now identified for \x02"
       "ann\x02."},
      {"NICKSERV REGISTER hunter2 ann@example.org",
       ":NickServ!s@s NOTICE ann :Nickname ann registered under your account. Your password is hunter2"},
      {"NICKSERV RELEASE ann hunter2",
       ":NickServ!s@s NOTICE ann :Services' hold on your nick has been released."},
      {"NICKSERV RECOVER ann hunter2", ":NickServ!s@s NOTICE ann :\x02hunter2\x02: ann has been recovered"},
      {"PRIVMSG ChanServ :IDENTIFY #c hunter2",
       ":ChanServ!s@s NOTICE ann :You are now an IRC founder of #c, hunter2"},
      {"NICKSERV VERIFY ann hunter2", ":NickServ!s@localhost NOTICE ann :Account ann: hunter2 is verified"},
      {"PRIVMSG Q@CServe.quakenet.org :AUTH ann hunter2",
       ":Q!TheQBot@CServe NOTICE ann :You are now logged in as ann."},
      {"AUTHSERV AUTH ann hunter2", ":AuthServ!A@Services NOTICE ann :I recognize you. hunter2"},
      {"PRIVMSG X@channels.undernet.org :LOGIN ann hunter2",
       ":X!cservice@un NOTICE ann :AUTHENTICATION SUCCESSFUL as ann!"},
      {"OPERSERV LOGIN hunter2", ":OperServ!s@s NOTICE ann :Password hunter2 accepted."},
      {"HOSTSERV IDENTIFY hunter2", ":HostServ!s@s NOTICE ann :What is hunter2?"},
  }));
  INFO(line);
  client.say(line);
  server.expect("hunter2");
  server.say(answer);
  const std::string told = answer.substr(0, answer.find(' ')) + " NOTICE ann :";
  for (Actor* each : {&client, &other}) CHECK(each->expect(told).contains("hunter2") == false);
  CHECK(log_with(scene, "hunter2").empty());
  CHECK(log_with(scene, told).size() == 1);
}

TEST_CASE("a service that repeats a password just sent is kept without it") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("on-connect", "NS IDENTIFY ann swordfish");
  scene.add_network("ann", "net", {}, draft);
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net@one");
  const auto say = [&](const std::string& line, const std::string& answer) {
    if (!line.empty()) client.say(line);
    server.ping();
    server.say(answer);
    server.ping();
  };
  say("", ":NickServ!s@services NOTICE ann :The password swordfish is right, ann");
  CHECK(log_with(scene, "The password **** is right, ann").size() == 1);
  say("PRIVMSG NickServ :SET PASSWORD hunter2", ":NickServ!s@services NOTICE ann :Password: \x02hunter2\x02");
  say("NICKSERV IDENTIFY hunter3", ":srv NOTICE ann :hunter3 it is");
  CHECK(log_with(scene, "swordfish").empty());
  CHECK(log_with(scene, "hunter").empty());
  // Others may say it, and services too when it is long past.
  say("", ":bob!b@h PRIVMSG ann :hunter2 says bob");
  CHECK(log_with(scene, "hunter2 says bob").size() == 1);
  scene.advance(61'000);
  say("", ":NickServ!s@services NOTICE ann :hunter2 is no nick");
  CHECK(log_with(scene, "hunter2 is no nick").size() == 1);
}

TEST_CASE("what people say goes before what is only asked") {
  Scene scene;
  scene.config.upstream.rate = 2;
  scene.config.upstream.burst = 5;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  for (int i = 0; i < 30; ++i) scene.join(server, fmt::format("#c{}", i));
  Actor client = scene.attach("ann/net");
  scene.advance(5'000);
  server.ping();
  for (int i = 0; i < 30; ++i) client.say(fmt::format("WHO #c{}", i));
  client.say("PRIVMSG #c :words");
  client.ping();
  std::vector<std::string> lines;
  const auto hear_until = [&](std::string_view part) {
    std::ranges::copy(server.until(part), std::back_inserter(lines));
  };
  hear_until("PRIVMSG #c :words");  // at once
  client.say("MODE #c +m");
  client.ping();
  scene.advance(600);
  hear_until("MODE #c +m");
  // The questions are asked in the end, in their order.
  for (int second = 0; second < 60; ++second) scene.advance(1'000);
  int expected = 0;
  hear_until("WHO #c29");
  for (const std::string& line : lines) {
    if (line.starts_with("WHO ")) CHECK(line == fmt::format("WHO #c{}", expected++));
  }
}

TEST_CASE("what is in no table only asks, and what clients ask goes before what is ours") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = 3;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  const std::string_view isupport = "CASEMAPPING=ascii MONITOR=1000";
  Actor server = scene.register_network("ann", isupport);
  Actor client = scene.attach("ann/net");
  for (int i = 0; i < 10; ++i) {
    std::string nicks;
    for (int n = 0; n < 30; ++n) nicks += fmt::format("{}averagenick{}", n == 0 ? "" : ",", 30 * i + n);
    client.say("MONITOR + " + nicks);
  }
  for (int second = 0; second < 60; ++second) scene.advance(1'000);
  server.ping();
  server.close();
  scene.advance(60'000);
  server = scene.register_network("ann", isupport);
  scene.advance(1'000);
  for (int i = 0; i < 5; ++i) client.say(fmt::format("FROB {}", i));
  for (int i = 0; i < 3; ++i) client.say(fmt::format("PRIVMSG bob :words {}", i));
  client.ping();
  for (int second = 0; second < 40; ++second) scene.advance(1'000);
  std::vector<std::string> lines = server.until("FROB 4");
  const auto at = [&](std::string_view part) {
    return std::ranges::find_if(lines, [&](const std::string& line) { return line.contains(part); });
  };
  CHECK(at("words 2") < at("FROB 2"));
  // What had gone before anything was asked; the rest is behind all of it.
  CHECK(std::ranges::count_if(lines, [](const auto& line) { return line.starts_with("MONITOR"); }) < 4);
  server.expect("averagenick299");
}

TEST_CASE("what waits for somebody who has another nick by then goes to that one") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = 1;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  scene.advance(5'000);
  for (int i = 0; i < 3; ++i) client.say(fmt::format("PRIVMSG Bob :words {}", i));
  client.say("PRIVMSG bob :\x01VERSION\x01");
  client.say("PRIVMSG carl :for carl");
  client.say("PRIVMSG bob :" + std::string(450, 'x'));
  client.ping();
  server.expect("PRIVMSG Bob :words 0");
  server.say(":bob!b@h NICK " + std::string(60, 'r'));
  server.ping();
  CHECK_THAT(client.expect("too long for that"), Catch::Contains("Halley did not send what you said to"));
  const std::string renamed(60, 'r');
  for (int second = 0; second < 10; ++second) scene.advance(1'000);
  const std::vector<std::string> lines = server.until("for carl");
  for (const char* text : {"words 1", "words 2", "\x01VERSION"}) {
    CHECK(std::ranges::count(
              lines, fmt::format("PRIVMSG {} :{}{}", renamed, text, text[0] == '\x01' ? "\x01" : "")) == 1);
  }
  CHECK_FALSE(server.hears("xxxx"));
  CHECK(scene.user("ann").find_network("net")->buffers().find("bob") == 0);
}

TEST_CASE("the topic of a channel that is joined is told once") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  server.say(":ann!ann@host.test JOIN #c");
  server.say(":srv 332 ann #c :About c");
  server.say(":srv 333 ann #c bob 1700000000");
  server.say(":srv 353 ann = #c :@ann bob");
  server.say(":srv 366 ann #c :End of /NAMES list");
  server.ping();
  const std::vector<std::string> lines = client.ping();
  for (const char* numeric : {" 332 ", " 333 ", " 353 ", " 366 "}) {
    CAPTURE(numeric);
    CHECK(std::ranges::count_if(
              lines, [&](const std::string& line) { return line.find(numeric) != std::string::npos; }) == 1);
  }
}

TEST_CASE("the user's own mask is the network's, and their modes are merged") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome to the network");
  server.say(":srv 422 ann :No MOTD");
  const halley::NetworkState& state = scene.user("ann").find_network("net")->state();
  SECTION("asked for when the welcome does not tell") {
    server.expect("USERHOST ann");
    Actor client = scene.attach("ann/net");
    server.say(":srv 302 ann :ann=+~a@some.host ");
    server.ping();
    CHECK(state.user == "~a");
    CHECK(state.host == "some.host");
    CHECK_FALSE(client.hears(" 302 "));
  }
  SECTION("cloaked later") {
    server.say(":srv 396 ann hidden.host :is now your hidden host");
    server.ping();
    CHECK(state.host == "hidden.host");
    server.say(":srv 396 ann ~b@other.host :is now your hidden host");
    server.ping();
    CHECK(state.user == "~b");
    CHECK(state.host == "other.host");
  }
  SECTION("modes") {
    server.say(":ann MODE ann +iwx");
    server.say(":ann MODE ann -w+r");
    server.ping();
    CHECK(state.umodes == "+ixr");
    server.say(":srv 221 ann +i");
    server.ping();
    CHECK(state.umodes == "+i");
  }
}
