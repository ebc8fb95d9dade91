// Ordinary clients: login, burst, live talk, leaving and coming back.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;

namespace {

std::vector<std::string> talk(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    const std::size_t at = line.find(" PRIVMSG ");
    if (at != std::string::npos) found.push_back(line.substr(line.find(" :", at) + 2));
  }
  return found;
}

}  // namespace

TEST_CASE("a client logs in and is shown the network as it is") {
  Attached t(GENERATE(1U, 2U, 3U));
  Actor client = t.scene.connect_client();
  SECTION("by PASS with the name in it") {
    client.say("PASS ann/net@laptop:secret");
    client.say("NICK x");
    client.say("USER x 0 * :x");
  }
  SECTION("by PASS with the name in USER") {
    client.say("PASS secret");
    client.say("NICK x");
    client.say("USER ann@laptop/net 0 * :x");
  }
  SECTION("by SASL PLAIN") {
    client.say("CAP LS 302");
    CHECK(client.expect("CAP").find("sasl=PLAIN") != std::string::npos);
    client.say("NICK x");
    client.say("USER x 0 * :x");
    client.say("CAP REQ :sasl");
    client.expect("ACK");
    client.say("AUTHENTICATE PLAIN");
    client.expect("AUTHENTICATE +");
    client.say("AUTHENTICATE AGFubi9uZXQAc2VjcmV0");  // \0ann/net\0secret
    client.expect(" 903 ");
    client.say("CAP END");
  }
  CHECK(client.expect(" 001 ").find(" ann ") != std::string::npos);
  client.expect("CASEMAPPING=ascii");
  client.expect("JOIN #c");
  client.expect(" 332 ann #c :About c");
  const std::string names = client.expect(" 353 ");
  for (const char* name : {"@ann", "bob", "carl"}) CHECK(names.find(name) != std::string::npos);
  client.expect(" 366 ");
}

TEST_CASE("a wrong login is refused with a reason") {
  Attached t;
  Actor client = t.scene.connect_client();
  SECTION("wrong password") {
    client.say("PASS ann/net:wrong");
  }
  SECTION("unknown user") {
    client.say("PASS nobody/net:secret");
  }
  SECTION("unknown network") {
    client.say("PASS ann/nowhere:secret");
  }
  SECTION("no password") {}
  client.say("NICK x");
  client.say("USER ann 0 * :x");
  client.expect(" 464 ");
  client.expect("ERROR");
  client.expect_closed();
}

TEST_CASE("what is said reaches every client, and what one says the others see") {
  Attached t(GENERATE(1U, 4U));
  Actor one = t.scene.attach("ann/net@one");
  Actor two = t.scene.attach("ann/net@two");
  t.bob("hello");
  one.expect(":bob!b@h PRIVMSG #c :hello");
  two.expect(":bob!b@h PRIVMSG #c :hello");
  one.say("PRIVMSG #c :hi bob");
  t.server->expect("PRIVMSG #c :hi bob");
  two.expect(":ann!ann@host.test PRIVMSG #c :hi bob");
  CHECK_FALSE(one.hears("hi bob"));
  SECTION("with echo-message the one who said it sees it too") {
    Actor three = t.scene.attach("ann/net@three", "echo-message");
    three.say("PRIVMSG #c :and me");
    three.expect(":ann!ann@host.test PRIVMSG #c :and me");
  }
}

TEST_CASE("a client that comes back gets exactly what it missed, once and in order") {
  Attached t(GENERATE(1U, 2U, 3U, 4U));
  {
    Actor client = t.scene.attach("ann/net@laptop");
    t.bob("seen 1");
    client.expect("seen 1");
    client.say("QUIT");
    client.expect_closed();
  }
  for (int i = 0; i < 300; ++i) t.bob(fmt::format("missed {}", i));
  t.server->ping();
  SECTION("after a while") {}
  SECTION("after a restart") {
    t.scene.restart();
    t.server.emplace(t.scene.register_network());
    t.scene.join(*t.server, "#c");
  }
  Actor client = t.scene.attach("ann/net@laptop");
  t.bob("live again");
  const std::vector<std::string> heard = talk(client.until("live again"));
  REQUIRE(heard.size() == 301);
  for (int i = 0; i < 300; ++i)
    CHECK(heard[static_cast<std::size_t>(i)].ends_with(fmt::format("missed {}", i)));
  client.say("QUIT");
  client.expect_closed();
  Actor again = t.scene.attach("ann/net@laptop");
  CHECK_FALSE(again.hears("PRIVMSG"));
  SECTION("another device has seen nothing of it") {
    Actor other = t.scene.attach("ann/net@phone");
    other.expect("missed 0");
  }
}

TEST_CASE("replayed lines carry their time, by tag or in the text, and batches where asked for") {
  Attached t;
  t.visit("ann/net@tags");
  t.visit("ann/net@plain");
  t.bob("while away");
  t.server->ping();
  Actor tags = t.scene.attach("ann/net@tags", "server-time message-tags batch");
  const std::string open = tags.expect("BATCH +");
  CHECK(open.find("chathistory #c") != std::string::npos);
  const std::string line = tags.expect("while away");
  CHECK(line.find("time=2023-11-14T22:13:20") != std::string::npos);
  CHECK(line.find("msgid=") != std::string::npos);
  CHECK(line.find("batch=") != std::string::npos);
  tags.expect("BATCH -");
  Actor plain = t.scene.attach("ann/net@plain");
  CHECK(plain.expect("while away").find(":[2023-11-14 22:13:20] while away") != std::string::npos);
}

TEST_CASE("the bound for clients that cannot page is kept and told") {
  Attached t;
  t.scene.config.history.backlog_lines = 10;
  t.visit("ann/net@old");
  for (int i = 0; i < 30; ++i) t.bob(fmt::format("line {}", i));
  t.server->ping();
  Actor client = t.scene.attach("ann/net@old");
  CHECK(client.expect("NOTICE").find("20 older lines") != std::string::npos);
  const auto heard = talk(client.until("line 29"));
  CHECK(heard.size() == 10);
}

TEST_CASE("a slow reader costs no memory and misses nothing") {
  Attached t(7);
  t.scene.config.limits.client_queue = 4096;
  Actor slow = t.scene.attach("ann/net@slow");
  slow.ping();
  slow.peer().pause();
  for (int i = 0; i < 3000; ++i) t.bob(fmt::format("line {}", i));
  t.scene.advance(100);  // it was waited for in vain
  t.server->ping();
  slow.peer().resume();
  const auto heard = talk(slow.until("line 2999"));
  REQUIRE(heard.size() == 3000);
  for (int i = 0; i < 3000; ++i) REQUIRE(heard[static_cast<std::size_t>(i)] == fmt::format("line {}", i));
}

TEST_CASE("a device that leaves right after its first welcome misses nothing from then on") {
  Attached t(GENERATE(1U, 2U, 3U));
  t.scene.config.history.first_lines = 5;
  for (int i = 0; i < 20; ++i) t.bob(fmt::format("before {}", i));
  t.server->ping();
  { Actor hasty = t.scene.attach("ann/net@new"); }  // gone before the store was read
  for (int i = 0; i < 20; ++i) t.bob(fmt::format("line {}", i));
  t.server->ping();
  Actor back = t.scene.attach("ann/net@new");
  const auto heard = talk(back.until("line 19"));
  REQUIRE(heard.size() == 20);
  CHECK(heard.front().ends_with("line 0"));
}

TEST_CASE("what a client says while it is still behind is not said back to it") {
  Attached t(GENERATE(1U, 2U, 3U));
  t.visit("ann/net@desk");
  t.scene.advance(1000);  // ids of other seconds: the store is asked how many lines there are
  for (int i = 0; i < 200; ++i) t.bob(fmt::format("line {}", i));
  t.server->ping();
  Actor other = t.scene.attach("ann/net@phone");
  other.expect("line 199");
  const std::string caps = GENERATE(as<std::string>{}, "", "echo-message");
  // In one piece: when the welcome has asked the store, the line is handled before the answer can come.
  halley::fakes::PipeOptions whole;
  whole.split_reads = false;
  Actor desk = t.scene.connect_client(whole);
  if (!caps.empty()) desk.say("CAP REQ :" + caps);
  for (const char* line : {"PASS ann/net@desk:secret", "NICK x", "USER x 0 * :x"}) desk.say(line);
  if (!caps.empty()) desk.say("CAP END");
  desk.say("PRIVMSG #c :from the desk");
  t.server->expect("from the desk");
  t.bob("seen");
  const auto heard = talk(desk.until("seen"));
  CHECK(heard.size() == (caps.empty() ? 201U : 202U));
  CHECK(std::ranges::count(heard, "from the desk") == (caps.empty() ? 0 : 1));
  other.expect("from the desk");
}

TEST_CASE("in a flood the network waits a moment for a live client that is behind") {
  Attached t(GENERATE(1U, 2U, 3U));
  t.scene.config.limits.client_queue = 200'000;  // half of it is more than one read brings
  Actor quick = t.scene.attach("ann/net@quick"), slow = t.scene.attach("ann/net@slow");
  t.bob("hello");
  quick.expect("hello");
  slow.expect("hello");
  const std::string padding(300, '.');
  const auto flood = [&](int from) {
    slow.peer().pause();
    for (int i = from; i < from + 1000; ++i) t.bob(fmt::format("line {} {}", i, padding));
    t.server->say("PING :flood");
    CHECK_FALSE(t.server->heard("PONG"));
    for (const halley::Client* client : t.scene.user("ann").clients()) CHECK(client->live());
  };
  flood(0);
  SECTION("it makes room: what waited is read at once") {
    slow.peer().resume();
    t.server->expect("PONG");
  }
  SECTION("it does not: a tenth of a second later the others hear the rest") {
    t.scene.advance(100);
    t.server->expect("PONG");
    CHECK(talk(quick.until("line 999 ")).size() == 1000);
    slow.peer().resume();
  }
  CHECK(talk(slow.until("line 999 ")).size() == 1000);
  flood(1000);  // and again
  slow.peer().resume();
  t.server->expect("PONG");
  CHECK(talk(slow.until("line 1999 ")).size() == 1000);
}

TEST_CASE("CHATHISTORY gives pages by msgid and by time") {
  Attached t;
  for (int i = 0; i < 20; ++i) {
    t.bob(fmt::format("line {}", i));
    t.server->ping();
    t.scene.advance(1000);
  }
  Actor client = t.scene.attach("ann/net@pager", "draft/chathistory message-tags server-time batch");
  CHECK_FALSE(client.hears("PRIVMSG"));  // it pages for itself
  client.say("CHATHISTORY LATEST #c * 5");
  client.expect("BATCH +");
  std::vector<std::string> lines = client.until("BATCH -");
  CHECK(talk(lines) == std::vector<std::string>{"line 15", "line 16", "line 17", "line 18", "line 19"});
  const std::string msgid =
      lines[0].substr(lines[0].find("msgid=") + 6,
                      lines[0].find_first_of("; ", lines[0].find("msgid=")) - lines[0].find("msgid=") - 6);
  const std::string time = lines[0].substr(lines[0].find("time=") + 5, 24);
  const auto ask = [&](const std::string& command) {
    client.say(command);
    client.expect("BATCH +");
    return talk(client.until("BATCH -"));
  };
  CHECK(ask("CHATHISTORY BEFORE #c msgid=" + msgid + " 2") == std::vector<std::string>{"line 13", "line 14"});
  CHECK(ask("CHATHISTORY BEFORE #c timestamp=" + time + " 2") ==
        std::vector<std::string>{"line 13", "line 14"});
  CHECK(ask("CHATHISTORY AFTER #c msgid=" + msgid + " 2") == std::vector<std::string>{"line 16", "line 17"});
  CHECK(ask("CHATHISTORY AFTER #c timestamp=" + time + " 2") ==
        std::vector<std::string>{"line 16", "line 17"});
  CHECK(ask("CHATHISTORY AROUND #c msgid=" + msgid + " 3") ==
        std::vector<std::string>{"line 14", "line 15", "line 16"});
  CHECK(ask("CHATHISTORY LATEST #c msgid=" + msgid + " 50").size() == 4);
  CHECK(ask("CHATHISTORY BETWEEN #c timestamp=2023-01-01T00:00:00.000Z msgid=" + msgid + " 3") ==
        std::vector<std::string>{"line 0", "line 1", "line 2"});
  CHECK(ask("CHATHISTORY AFTER #c timestamp=0001-01-01T00:00:00.000Z 1") ==
        std::vector<std::string>{"line 0"});
  CHECK(ask("CHATHISTORY BEFORE #c timestamp=1969-12-31T23:59:59.999Z 1").empty());
  client.say("CHATHISTORY TARGETS timestamp=2023-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 10");
  client.expect("BATCH +");
  CHECK(client.until("BATCH -")[0].find("CHATHISTORY TARGETS #c 2023-11-14T") != std::string::npos);
  client.say("CHATHISTORY BEFORE #nowhere msgid=x 1");
  client.expect("FAIL CHATHISTORY INVALID_TARGET");
  client.say("CHATHISTORY BEFORE #c msgid=unknown 1");
  client.expect("FAIL CHATHISTORY");
  client.say("CHATHISTORY SIDEWAYS #c * 1");
  client.expect("FAIL CHATHISTORY INVALID_PARAMS SIDEWAYS");
}

TEST_CASE("members, modes, topics and nicks are followed") {
  Attached t(3);
  t.server->say(":dora!d@h JOIN #c");
  t.server->say(":bob!b@h PART #c :off");
  t.server->say(":ann!ann@host.test MODE #c +v dora");
  t.server->say(":carl!c@h NICK charles");
  t.server->say(":charles!c@h TOPIC #c :A new topic");
  t.server->ping();
  Actor client = t.scene.attach("ann/net", "multi-prefix");
  client.expect(" 332 ann #c :A new topic");
  const std::string names = client.expect(" 353 ");
  CHECK(names.find("+dora") != std::string::npos);
  CHECK(names.find("charles") != std::string::npos);
  CHECK(names.find("bob") == std::string::npos);
  t.server->say(":ann!ann@host.test NICK anna");
  client.expect(":ann!ann@host.test NICK anna");
  t.server->say(":bob!b@h KICK #c anna :out");
  client.expect("KICK #c anna");
  CHECK(t.scene.user("ann").find_network("net")->state().find_channel("#c") == nullptr);
}

TEST_CASE("answers go to the client that asked") {
  Attached t;
  Actor one = t.scene.attach("ann/net@one");
  Actor two = t.scene.attach("ann/net@two");
  one.say("WHOIS bob");
  t.server->expect("WHOIS bob");
  t.server->say(":srv 311 ann bob b h * :Bob");
  t.server->say(":srv 318 ann bob :End of /WHOIS list");
  one.expect(" 318 ");
  CHECK_FALSE(two.hears(" 311 "));
}

TEST_CASE("a lost network is told, and what is said to it waits, the rest is refused, not swallowed") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  t.server->close();
  client.expect("PART #c");
  client.expect("NOTICE");
  client.say("PRIVMSG #c :lost?");
  client.expect("waits until it is");
  client.say("WHOIS bob");
  CHECK(client.expect("NOTICE").find("nothing was sent") != std::string::npos);
  t.scene.advance(10'000);
  Actor server = t.scene.accept_network();
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome back");
  server.say(":srv 422 ann :No MOTD");
  server.expect("JOIN #c");
}

TEST_CASE("oversized and malformed lines from a client get an answer and cost nothing else") {
  Attached t(GENERATE(1U, 2U));
  Actor client = t.scene.attach("ann/net");
  client.peer().send(std::string(10'000, 'a') + "\r\n");
  client.expect(" 417 ");
  client.say("@+x=" + std::string(4'092, 'a') + " PRIVMSG #c :too many tags");  // 4,095 bytes
  client.expect(" 417 ");
  client.say("PRIVMSG #c :");
  client.expect(" 412 ");
  client.say("PRIVMSG");
  client.expect(" 411 ");
  client.say("@+x=" + std::string(4'091, 'a') + " PRIVMSG #c :as many as may be");
  t.server->expect("PRIVMSG #c :as many as may be");
  client.say("PRIVMSG #c :still here");
  t.server->expect("PRIVMSG #c :still here");
}

TEST_CASE("a long target is refused, and a long mask or target never splinters a text") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  client.say("PRIVMSG bob," + std::string(300, 'x') + " :hello");
  client.expect("is no nick or channel: nothing was sent");
  t.server->say(":ann!ann@host.test CHGHOST " + std::string(2000, 'u') + " " + std::string(3000, 'h'));
  t.server->say(":ann!ann@host.test NICK " + std::string(4000, 'n'));
  t.server->ping();
  client.say("PRIVMSG " + std::string(250, 'x') + " :" + std::string(200, 'y'));
  const std::vector<std::string> said = t.server->until("PRIVMSG");
  CHECK(said.back().find(std::string(100, 'y')) != std::string::npos);
  t.server->expect("PRIVMSG");
  CHECK_FALSE(t.server->hears("PRIVMSG"));
}

TEST_CASE("typing notes and reactions go both ways for those who take tags, and are not kept") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, "message-tags");
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
