// Labelled commands: each is answered once, under its label, on any network.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/downstream/labelled_answers.h"
#include "bouncer/irc/message.h"
#include "tests/dialogue/attached.h"

using halley::LabelledAnswers;
using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

namespace {

constexpr std::string_view kCaps = "batch labeled-response echo-message message-tags draft/multiline";
constexpr std::string_view kQuiet = "batch labeled-response message-tags";

// What came of an answer: its lines, without tags; "ACK" alone where there was none.
struct Answer {
  std::string batch;               // type of it; empty: it was no batch
  std::vector<std::string> lines;  // of it
  std::size_t labels = 0;          // lines that bore the label
};

std::string bare(std::string_view line) {
  return std::string(line.starts_with('@') ? line.substr(line.find(' ') + 1) : line);
}

// Among these lines; `whole`: to its end.
Answer answer_to(std::string_view label, const std::vector<std::string>& lines, bool whole = true) {
  Answer answer;
  std::string reference;
  for (const std::string& line : lines) {
    const auto message = halley::irc::parse(line);
    if (!message) continue;
    if (halley::irc::find_tag(message->tags, "label") == label) {
      ++answer.labels;
      if (message->command == "BATCH") {
        reference = message->param(0).substr(1);
        answer.batch = message->param(1);
      } else {
        answer.lines.push_back(bare(line));
      }
    } else if (!reference.empty() && halley::irc::find_tag(message->tags, "batch") == reference) {
      answer.lines.push_back(bare(line));
    } else if (message->command == "BATCH" && message->param(0) == "-" + reference) {
      reference.clear();
    }
  }
  if (whole) CHECK(reference.empty());
  return answer;
}

// The one line of an answer that is no batch.
std::string line_to(std::string_view label, const std::vector<std::string>& lines) {
  const Answer answer = answer_to(label, lines);
  CHECK(answer.labels == 1);
  CHECK(answer.batch.empty());
  return answer.lines.size() == 1 ? answer.lines[0] : std::string("no line, or several");
}

bool is_ack(std::string_view label, const std::vector<std::string>& lines) {
  return line_to(label, lines).ends_with(" ACK");
}

// What has come to the client, with all that the server has said until now.
std::vector<std::string> after(Actor& server, Actor& client) {
  server.ping();
  return client.ping();
}

// These lines and what comes behind them.
std::vector<std::string> with_rest(Actor& client, std::vector<std::string> lines) {
  for (std::string& line : client.ping()) lines.push_back(std::move(line));
  return lines;
}

// They have caught up: what happens from now on they hear as it happens.
void wait_until_live(Actor& server, std::initializer_list<Actor*> clients) {
  server.say(":bob!b@h PRIVMSG #c :now");
  for (Actor* client : clients) client->expect("PRIVMSG #c :now");
  for (Actor* client : clients) client->ping();
}

// The token of the fence that has come to the server, sent back.
void answer_fence(Actor& server) {
  const std::string fence = server.expect("PING halley-fence-");
  server.say(":srv PONG srv " + fence.substr(5));
}

}  // namespace

TEST_CASE("what Halley answers itself bears the label once") {
  Attached a(GENERATE(1U, 2U));
  a.bob("one");
  Actor client = a.scene.attach("ann/net@x", kCaps), other = a.scene.attach("ann/net@y", kCaps);
  client.ping();
  SECTION("one line") {
    client.say("@label=p PING token");
    CHECK(line_to("p", client.ping()).ends_with(" token"));
    client.say("@label=m;+x=y MODE #c");
    CHECK(line_to("m", client.ping()).contains(" 324 "));
    client.say("@label=n PRIVMSG");
    CHECK(line_to("n", client.ping()).contains(" 411 "));
    client.say("@label=h CHATHISTORY LATEST #nowhere * 1");
    CHECK(line_to("h", client.ping()).contains("FAIL CHATHISTORY INVALID_TARGET"));
  }
  SECTION("none") {
    client.say("@label=o PONG x");
    CHECK(is_ack("o", client.ping()));
  }
  SECTION("several") {
    client.say("@label=n NAMES #c");
    const Answer names = answer_to("n", with_rest(client, client.until(" 366 ")));
    CHECK(names.labels == 1);
    CHECK(names.batch == "labeled-response");
    REQUIRE(names.lines.size() == 2);
    CHECK(names.lines[0].contains(" 353 "));
    CHECK(names.lines[1].contains(" 366 "));
  }
  SECTION("a batch of its own") {
    client.say("@label=h CHATHISTORY LATEST #c * 10");
    std::vector<std::string> lines = client.until("BATCH -");
    const Answer page = answer_to("h", lines);
    CHECK(page.labels == 1);
    CHECK(page.batch == "chathistory");
    REQUIRE(page.lines.size() == 1);
    CHECK(page.lines[0].ends_with("one"));
    CHECK_FALSE(client.hears("label="));
  }
  SECTION("what *halley says are words, and no answer") {
    client.say("@label=v PRIVMSG *halley :help");
    CHECK(is_ack("v", with_rest(client, client.until("PRIVMSG ann :"))));
  }
  SECTION("labels that are none") {
    client.say(fmt::format("@label={} MODE #c", std::string(LabelledAnswers::kMostLabel + 1, 'x')));
    client.say("@label= MODE #c");
    CHECK_FALSE(client.hears("label="));
    client.say(fmt::format("@label={} MODE #c", std::string(LabelledAnswers::kMostLabel, 'x')));
    client.expect(fmt::format("@label={} ", std::string(LabelledAnswers::kMostLabel, 'x')));
  }
  SECTION("who has not asked for labels is answered without") {
    Actor plain =
        a.scene.attach("ann/net@z", GENERATE("batch message-tags", "labeled-response message-tags"));
    plain.say("@label=p PING token");
    CHECK_FALSE(plain.hears("label="));
  }
  CHECK_FALSE(other.hears("label="));
}

TEST_CASE("lists of members are told under their labels, and so many at once as are told") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  std::string members = "bob";
  for (int i = 0; i < 3'000; ++i) members += fmt::format(" nick{:012}", i);
  server.say(":ann!ann@host.test JOIN #c");
  for (std::size_t at = 0; at < members.size();) {
    const std::size_t end = members.size() - at < 400 ? members.size() : members.rfind(' ', at + 400);
    server.say(fmt::format(":srv 353 ann = #c :{}", members.substr(at, end - at)));
    at = end + 1;
  }
  server.say(":srv 366 ann #c :End of /NAMES list.");
  server.ping();
  Actor client = scene.attach("ann/net", kCaps);
  client.ping();
  client.say("@label=n NAMES #c");
  client.say("@label=p PING x");
  server.say(":bob!b@h PRIVMSG #c :meanwhile");
  const std::vector<std::string> lines = with_rest(client, client.until(" 366 "));
  const Answer names = answer_to("n", lines);
  CHECK(names.labels == 1);
  CHECK(names.lines.size() > 100);
  CHECK(names.lines.back().contains(" 366 "));
  CHECK(std::ranges::none_of(names.lines, [](const auto& line) { return line.contains("meanwhile"); }));
  CHECK(line_to("p", lines).ends_with(" x"));

  constexpr int kMore = 20;
  for (int i = 0; i < kMore; ++i) client.say(fmt::format("@label=m{} NAMES #c", i));
  const auto all = client.ping();  // read when no more than a few lists wait
  int ended = 0;
  for (int i = 0; i < kMore; ++i) {
    const Answer list = answer_to(fmt::format("m{}", i), all, false);
    if (!list.lines.empty() && list.lines.back().contains(" 366 ")) ++ended;
  }
  CHECK(ended > 0);
  CHECK(ended < kMore);
}

TEST_CASE("a network that knows no labels is asked, and answers the label that asked") {
  Attached a(GENERATE(1U, 2U));
  Actor client = a.scene.attach("ann/net@x", kCaps), other = a.scene.attach("ann/net@y", kCaps);
  wait_until_live(*a.server, {&client, &other});
  SECTION("several lines, of two clients at once with one label") {
    client.say("@label=w WHOIS bob");
    a.server->expect("WHOIS bob");
    other.say("@label=w WHOIS carl");
    a.server->expect("WHOIS carl");
    for (const char* nick : {"bob", "carl"}) {
      a.server->say(fmt::format(":srv 311 ann {} u h * R", nick));
      a.server->say(":bob!b@h PRIVMSG #c :between");
      a.server->say(fmt::format(":srv 318 ann {} :End", nick));
    }
    for (auto [who, nick] : {std::pair{&client, "bob"}, {&other, "carl"}}) {
      const Answer whois = answer_to("w", after(*a.server, *who));
      CHECK(whois.labels == 1);
      REQUIRE(whois.lines.size() == 2);
      CHECK(whois.lines[0] == fmt::format(":srv 311 ann {} u h * R", nick));
    }
  }
  SECTION("one line") {
    client.say("@label=i ISON bob");
    a.server->expect("ISON bob");
    a.server->say(":srv 303 ann :bob");
    CHECK(line_to("i", after(*a.server, client)) == ":srv 303 ann bob");
    client.say("@label=k KICK #c bob");
    a.server->expect("KICK #c bob");
    a.server->say(":srv 482 ann #c :You're not channel operator");
    CHECK(line_to("k", after(*a.server, client)).contains(" 482 "));
  }
  SECTION("what it does is the answer, to who asked") {
    client.say("@label=m MODE #c +m");
    a.server->expect("MODE #c +m");
    a.server->say(":ann!ann@host.test MODE #c +m");
    CHECK(line_to("m", after(*a.server, client)) == ":ann!ann@host.test MODE #c +m");
    client.say("@label=j JOIN #new");
    a.server->expect("JOIN #new");
    a.server->say(":ann!ann@host.test JOIN #new");
    CHECK(line_to("j", after(*a.server, client)) == ":ann!ann@host.test JOIN #new");
    CHECK(other.hears("JOIN #new"));
  }
  SECTION("where it says nothing, that is said once it has come past it") {
    client.say("@label=s FROB x");
    a.server->expect("FROB x");
    a.scene.advance(3'000);
    const std::string fence = a.server->expect("PING halley-fence-");
    CHECK_FALSE(client.hears("label=s"));
    a.server->say(":srv PONG srv " + fence.substr(5));
    CHECK(is_ack("s", after(*a.server, client)));
  }
  SECTION("a lost link ends it") {
    client.say("@label=w WHOIS bob");
    a.server->expect("WHOIS bob");
    a.server->close();
    CHECK(is_ack("w", client.until("Connection lost")));
    client.say("@label=o WHOIS bob");
    CHECK(line_to("o", client.ping()).contains("nothing was sent"));
  }
  SECTION("without an end, the oldest are ended for new ones") {
    for (std::size_t i = 0; i <= LabelledAnswers::kMostOpen; ++i) {
      client.say(fmt::format("@label=w{} WHOIS bob{}", i, i));
    }
    const auto lines = client.ping();
    CHECK(is_ack("w0", lines));
    CHECK(answer_to(fmt::format("w{}", LabelledAnswers::kMostOpen), lines).labels == 0);
  }
}

TEST_CASE("what is said is answered by its echo, or by the word that it was taken") {
  Attached a(GENERATE(1U, 2U));
  SECTION("by Halley's own echo") {
    Actor client = a.scene.attach("ann/net@x", kCaps), other = a.scene.attach("ann/net@y", kCaps);
    wait_until_live(*a.server, {&client, &other});
    client.say("@label=e;+x=y PRIVMSG #c :hello");
    a.server->expect("PRIVMSG #c :hello");
    CHECK(line_to("e", after(*a.server, client)) == ":ann!ann@host.test PRIVMSG #c :hello");
    CHECK_FALSE(other.hears("label="));
    client.say("@label=l PRIVMSG #c :" + std::string(900, 'x'));
    CHECK(line_to("l", after(*a.server, client)).contains("PRIVMSG #c :xxx"));
    client.say("@label=b BATCH +r draft/multiline #c");
    client.say("@batch=r PRIVMSG #c :one");
    client.say("@batch=r PRIVMSG #c :two");
    CHECK_FALSE(client.hears("label=b"));
    client.say("BATCH -r");
    const auto lines = after(*a.server, client);
    const Answer several = answer_to("b", lines);
    CHECK(several.labels == 1);
    client.say("@label=f BATCH +s draft/none #c");
    CHECK(line_to("f", client.ping()).contains("FAIL BATCH UNKNOWN_TYPE"));
    client.say("BATCH -s");
    client.say("@label=g BATCH +t draft/multiline #c");
    CHECK_FALSE(client.hears("label=g"));
    client.say("@label=h BATCH +u draft/multiline #c");
    const auto both = client.ping();
    CHECK(line_to("g", both).contains("FAIL BATCH MULTILINE_INVALID"));
    CHECK(line_to("h", both).contains("FAIL BATCH MULTILINE_INVALID"));
    client.say("BATCH -u");
    client.say("@label=i BATCH +v draft/multiline #c");
    CHECK_FALSE(client.hears("label="));
    a.scene.advance(90'000);
    CHECK(line_to("i", client.ping()).contains("FAIL BATCH TIMEOUT"));
  }
  SECTION("without an echo, once the network has come past it") {
    Actor client = a.scene.attach("ann/net@x", kQuiet);
    wait_until_live(*a.server, {&client});
    client.say("@label=q PRIVMSG #c :hello");
    a.server->expect("PRIVMSG #c :hello");
    SECTION("it has taken it") {
      answer_fence(*a.server);
      CHECK(is_ack("q", after(*a.server, client)));
    }
    SECTION("it has refused it") {
      a.server->say(":srv 404 ann #c :Cannot send to channel");
      CHECK(line_to("q", after(*a.server, client)).contains(" 404 "));
    }
  }
  SECTION("what waits for the link is not waited for") {
    Actor client = a.scene.attach("ann/net@x", kCaps);
    a.server->close();
    client.expect("Connection lost");
    client.say("@label=w PRIVMSG #c :later");
    CHECK(line_to("w", client.ping()).contains("waits until it is"));
    a.scene.advance(60'000);
    a.server.emplace(a.scene.register_network());
    a.scene.join(*a.server, "#c");
    CHECK(client.expect(":ann!ann@host.test PRIVMSG #c :later").find("label=") == std::string::npos);
    CHECK_FALSE(client.hears("label="));
  }
}

TEST_CASE("at a slow pace a label is answered once there is room for the question whether more comes") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = GENERATE(1, 2, 5);
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.advance(20'000);
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net", kQuiet);
  wait_until_live(server, {&client});
  scene.advance(20'000);
  client.say("@label=s PRIVMSG bob :alone");
  client.ping();
  for (int i = 0; i < 3; ++i) scene.advance(1'001);
  CHECK(server.heard("PING halley-fence-"));  // nothing else has woken the link
  for (int i = 0; i < 5; ++i) client.say(fmt::format("@label=q{} PRIVMSG bob :{}", i, i));
  client.ping();
  // Each second the network answers what it was sent.
  for (int i = 0; i < 15; ++i) {
    scene.advance(1'001);
    for (const std::string& line : server.ping()) {
      if (line.starts_with("PING halley-")) server.say(":srv PONG srv " + line.substr(5));
    }
  }
  const auto lines = after(server, client);
  for (int i = 0; i < 5; ++i) CHECK(is_ack(fmt::format("q{}", i), lines));
  CHECK_FALSE(server.hears("halley-fence-"));
}

TEST_CASE("a network's own labels and echoes become the client's") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, "batch labeled-response message-tags echo-message");
  Actor client = scene.attach("ann/net", kCaps);
  wait_until_live(server, {&client});
  const auto label_of = [&](std::string_view said) {
    const std::string line = server.expect(said);
    const auto message = halley::irc::parse(line);
    return std::string(halley::irc::find_tag(message->tags, "label").value_or("none"));
  };
  client.say("@label=a PRIVMSG #c :hello");
  server.say(fmt::format("@label={} :ann!ann@host.test PRIVMSG #c :hel**", label_of("PRIVMSG #c")));
  CHECK(line_to("a", after(server, client)).ends_with("PRIVMSG #c :hel**"));
  client.say("@label=b WHOIS bob");
  server.say(fmt::format("@label={} :srv BATCH +1 labeled-response", label_of("WHOIS bob")));
  server.say("@batch=1 :srv 311 ann bob u h * R");
  server.say("@batch=1 :srv 318 ann bob :End");
  server.say(":srv BATCH -1");
  const Answer whois = answer_to("b", after(server, client));
  CHECK(whois.labels == 1);
  CHECK(whois.lines.size() == 2);
  client.say("@label=c FROB x");
  server.say(fmt::format("@label={} :srv ACK", label_of("FROB x")));
  CHECK(is_ack("c", after(server, client)));
  client.say("@label=d PRIVMSG #c :no");
  server.say(fmt::format("@label={} :srv 404 ann #c :Cannot send", label_of("PRIVMSG #c :no")));
  CHECK(line_to("d", after(server, client)).contains(" 404 "));
}

TEST_CASE("on a connection with all networks each label is answered once") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "one", {"#c"});
  Actor one = scene.register_network();
  scene.join(one, "#c");
  scene.add_network("ann", "two", {});
  Actor two = scene.register_network();
  Actor client = scene.attach("ann/*", kCaps);
  one.say(":bob!b@h PRIVMSG #c :now");
  client.expect(":now");
  client.say("@label=w WHOIS bob/one");
  one.expect("WHOIS bob");
  one.say(":srv 311 ann bob u h * R");
  one.say(":srv 318 ann bob :End");
  const Answer whois = answer_to("w", after(one, client));
  CHECK(whois.labels == 1);
  REQUIRE(whois.lines.size() == 2);
  CHECK(whois.lines[0].contains(" bob/one "));
  client.say("@label=s PRIVMSG #c/one :hello");
  one.expect("PRIVMSG #c :hello");
  CHECK(line_to("s", after(one, client)).ends_with("PRIVMSG #c/one :hello"));
  client.say("@label=a AWAY :gone");
  one.expect("AWAY gone");
  two.expect("AWAY gone");
  CHECK(is_ack("a", after(two, client)));
  client.say("@label=u PRIVMSG nobody :hello");
  CHECK(line_to("u", client.ping()).contains(" 401 "));
}

TEST_CASE("what a connection with all networks is not told again answers its label all the same") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "one", {"#c"});
  Actor one = scene.register_network();
  scene.join(one, "#c");
  Actor client = scene.attach("ann/*", kCaps);
  one.say(":bob!b@h PRIVMSG #c :now");
  client.expect(":now");
  client.say("@label=a AWAY :gone");
  one.expect("AWAY gone");
  one.say(":srv 306 ann :You have been marked as being away");
  CHECK(line_to("a", after(one, client)).contains(" 306 "));
  client.say("@label=b AWAY :still");
  one.expect("AWAY still");
  one.say(":srv 306 ann :You have been marked as being away");
  CHECK(is_ack("b", after(one, client)));
  client.say("@label=n NICK anna");
  one.expect("NICK anna");
  one.say(":ann!ann@host.test NICK anna");
  CHECK(line_to("n", after(one, client)).contains("NICK anna"));
  client.say("@label=m NICK anne/one");
  one.expect("NICK anne");
  one.say(":anna!ann@host.test NICK anne");
  CHECK(answer_to("m", after(one, client)).labels == 1);
}

TEST_CASE("a line that is refused before it is read is answered under its label, where that can be read") {
  Attached a(GENERATE(1U, 2U));
  Actor client = a.scene.attach("ann/net", kQuiet);
  client.ping();
  const auto answer_of = [&](std::string_view label, std::string_view line) {
    client.peer().send(fmt::format("@label={}{}\r\n", label, line));
    return line_to(label, client.ping());
  };
  CHECK(answer_of("n", std::string_view(" PRIVMSG #c :a\0b", 16)).contains(" 421 "));
  CHECK(answer_of("r", " PRIVMSG #c :a\rb").contains(" 421 "));
  CHECK(answer_of("c", " :ann").contains(" 421 "));
  CHECK(answer_of("e", " ").contains(" 421 "));
  CHECK(answer_of("s", "").contains(" 421 "));
  CHECK(answer_of("x", " 4%$ x").contains(" 421 "));
  CHECK(answer_of("t", ";+x=" + std::string(4'200, 'a') + " PRIVMSG #c :x").contains(" 417 "));
  CHECK(answer_of("l", " PRIVMSG #c :" + std::string(20'000, 'a')).contains(" 417 "));
  CHECK(answer_of("o", ";+x=" + std::string(20'000, 'a')).contains(" 417 "));
  // None that could be read.
  client.peer().send(std::string_view("@label=a\0b PING x\r\n", 19));
  client.peer().send("@+x=" + std::string(5'000, 'a') + ";label=z PRIVMSG #c :x\r\n");
  const auto lines = client.ping();
  CHECK(lines.size() == 2);
  for (const std::string& line : lines) CHECK_FALSE(line.contains("label="));
}
