// Messages of several lines (draft/multiline), from clients and from networks.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/dialogue/own_lines.h"

using namespace halley::dialogue;

namespace {

constexpr std::string_view kTakes =
    "echo-message message-tags server-time labeled-response batch "
    "draft/multiline=max-bytes=4000,max-lines=10";
constexpr std::string_view kTakesUnlabelled =
    "echo-message message-tags server-time batch draft/multiline=max-bytes=4000,max-lines=10";
constexpr std::string_view kFull = "batch message-tags server-time echo-message draft/multiline";
const std::string kTold = "one\xe2\x80\xa8\xe2\x80\xa8two \xe2\x81\xa4three";

// "one", a blank line, "two " and "three" joined.
void say_lines(Actor& client, std::string_view tags = {}, std::string_view target = "#c") {
  client.say(fmt::format("{}BATCH +1 draft/multiline {}", tags, target));
  client.say(fmt::format("@batch=1 PRIVMSG {} one", target));
  client.say(fmt::format("@batch=1 PRIVMSG {} :", target));
  client.say(fmt::format("@batch=1 PRIVMSG {} :two ", target));
  client.say(fmt::format("@batch=1;draft/multiline-concat PRIVMSG {} :three", target));
  client.say("BATCH -1");
}

// The same from a network; `tags` of the opener.
void hear_lines(Actor& server, std::string_view tags, std::string_view source = "bob!b@h") {
  server.say(fmt::format("@{} :{} BATCH +x draft/multiline #c", tags, source));
  server.say(fmt::format("@batch=x :{} PRIVMSG #c one", source));
  server.say(fmt::format("@batch=x :{} PRIVMSG #c :", source));
  server.say(fmt::format("@batch=x :{} PRIVMSG #c :two ", source));
  server.say(fmt::format("@batch=x;draft/multiline-concat :{} PRIVMSG #c :three", source));
  server.say("BATCH -x");
}

std::string from_tag(const std::string& line) {
  return line.substr(line.starts_with('@') ? line.find(' ') + 1 : 0);
}

void expect_as_sent(Actor& client, std::string_view source) {
  const std::string opener = client.expect(" draft/multiline #c");
  CHECK(opener.contains("msgid=net7"));
  CHECK(opener.contains(fmt::format(":{} BATCH +", source)));
  const std::size_t at = opener.find("BATCH +") + 7;
  const std::string reference = opener.substr(at, opener.find(' ', at) - at);
  const auto lines = client.until(fmt::format("BATCH -{}", reference));
  REQUIRE(lines.size() == 5);
  const std::string said = fmt::format(":{} PRIVMSG #c :", source);
  CHECK(lines[0] == fmt::format("@batch={} {}one", reference, said));
  CHECK(lines[1] == fmt::format("@batch={} {}", reference, said));
  CHECK(lines[2] == fmt::format("@batch={} {}two ", reference, said));
  CHECK(lines[3] == fmt::format("@batch={};draft/multiline-concat {}three", reference, said));
}

}  // namespace

TEST_CASE("several lines of a network are one message of the log, told to each client as it can take it") {
  Talk at(kTakes);
  Actor full = at.scene.attach("ann/net@full", kFull);
  Actor tags = at.scene.attach("ann/net@tags", "message-tags server-time batch");
  Actor old = at.scene.attach("ann/net@old");
  hear_lines(*at.server, "msgid=net7;time=2023-11-14T22:13:20.000Z;account=bobby;+draft/reply=net1");
  expect_as_sent(full, "bob!b@h");
  const std::string first = tags.expect("PRIVMSG #c :one");
  CHECK(first.contains("msgid=net7"));
  CHECK(first.contains("+draft/reply=net1"));
  const std::string second = tags.expect("PRIVMSG #c :");
  CHECK(from_tag(second) == ":bob!b@h PRIVMSG #c :two ");  // no blank line
  CHECK_FALSE(second.contains("msgid="));
  CHECK_FALSE(second.contains("reply"));
  CHECK(second.contains("account=bobby"));
  CHECK(second.contains("time="));
  CHECK(from_tag(tags.expect("PRIVMSG #c :")) == ":bob!b@h PRIVMSG #c :three");
  CHECK(old.expect("PRIVMSG #c :") == ":bob!b@h PRIVMSG #c :one");
  CHECK(old.expect("PRIVMSG #c :") == ":bob!b@h PRIVMSG #c :two ");
  CHECK(old.expect("PRIVMSG #c :") == ":bob!b@h PRIVMSG #c :three");
  const auto rows = at.rows("one");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].line == ":bob!b@h PRIVMSG #c :" + kTold);
  CHECK(rows[0].msgid == "net7");
}

TEST_CASE("several lines are replayed, paged and found as one message") {
  Talk at(kTakes);
  at.scene.attach("ann/net@phone", kFull).close();
  at.scene.attach("ann/net@old").close();
  hear_lines(*at.server, "msgid=net7;time=2023-11-14T22:13:20.000Z");
  at.server->ping();
  Actor phone = at.scene.attach("ann/net@phone", kFull);
  const std::string outer = phone.expect(" chathistory #c");
  const std::size_t ref = outer.find("BATCH +") + 7;
  const std::string opener = phone.expect(" draft/multiline #c");
  CHECK(opener.contains(fmt::format("@batch={};", outer.substr(ref, outer.find(' ', ref) - ref))));
  CHECK(opener.contains("msgid=net7"));
  phone.expect("draft/multiline-concat :bob!b@h PRIVMSG #c :three");
  Actor old = at.scene.attach("ann/net@old");
  CHECK(old.expect("two").starts_with(":bob!b@h PRIVMSG #c :["));
  old.expect("] three");

  Actor paging = at.scene.attach("ann/net@pager", std::string(kFull) + " draft/chathistory soju.im/search");
  at.server->say("@msgid=net8 :bob!b@h PRIVMSG #c :later");
  paging.expect("later");
  paging.say("CHATHISTORY BEFORE #c msgid=net8 1");
  expect_as_sent(paging, "bob!b@h");
  paging.say("SEARCH text=three;in=#c");
  expect_as_sent(paging, "bob!b@h");
}

TEST_CASE("several lines of a client go to a network that takes them as a whole, and come back as one") {
  const bool labels = GENERATE(true, false);
  Talk at(labels ? kTakes : kTakesUnlabelled);
  Actor quiet = at.scene.attach("ann/net@quiet", "batch message-tags draft/multiline");
  Actor full = at.scene.attach("ann/net@full", kFull);
  say_lines(quiet, "@+draft/reply=net1 ");
  const std::string opener = at.takes(" draft/multiline #c");
  CHECK(opener.contains("+draft/reply=net1"));
  const std::size_t ref = opener.find("BATCH +") + 7;
  const std::string reference = opener.substr(ref, opener.find(' ', ref) - ref);
  const auto sent = at.server->until("BATCH -" + reference);
  REQUIRE(sent.size() == 5);
  CHECK(sent[0] == fmt::format("@batch={} PRIVMSG #c :one", reference));
  CHECK(sent[1] == fmt::format("@batch={} PRIVMSG #c :", reference));
  CHECK(sent[3] == fmt::format("@batch={};draft/multiline-concat PRIVMSG #c :three", reference));
  CHECK(at.waiting() == Texts{"sending " + kTold});
  CHECK(at.rows("three").empty());
  hear_lines(*at.server, fmt::format("msgid=net7{}", labels ? ";label=" + label_of(opener) : std::string()),
             "ann!ann@host.test");
  expect_as_sent(full, "ann!ann@host.test");
  CHECK_FALSE(quiet.hears("three"));
  CHECK(at.waiting().empty());
  const auto rows = at.rows("three");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].msgid == "net7");
  CHECK((rows[0].flags & halley::event_flag::kSelf) != 0);
  // Nothing is left open: what is said next is its own.
  full.say("PRIVMSG #c :alone");
  at.takes("PRIVMSG #c :alone");
}

TEST_CASE("a network that knows no messages of several lines gets them one by one") {
  Talk at(kEcho);
  Actor client = at.scene.attach("ann/net", kFull);
  say_lines(client, "@+draft/reply=net1 ");
  CHECK(at.takes("PRIVMSG #c") == "@+draft/reply=net1 PRIVMSG #c :one");
  CHECK(at.takes("PRIVMSG #c") == "PRIVMSG #c :two ");
  CHECK(at.takes("PRIVMSG #c") == "PRIVMSG #c :three");
  at.echo("PRIVMSG #c :one");
  at.echo("PRIVMSG #c :two ", "msgid=net2");
  at.echo("PRIVMSG #c :three", "msgid=net3");
  client.expect("PRIVMSG #c :one");
  client.expect("PRIVMSG #c :three");
  CHECK(at.said("") == Texts{"one", "two ", "three"});
}

TEST_CASE("a network with smaller limits gets them one by one, and so does one that is away") {
  Talk at("echo-message message-tags batch draft/multiline=max-bytes=4000,max-lines=3");
  Actor client = at.scene.attach("ann/net", kFull);
  say_lines(client);
  CHECK(at.takes("PRIVMSG #c") == "PRIVMSG #c :one");
  at.takes("PRIVMSG #c :three");
  for (const char* text : {"one", "two ", "three"}) at.echo(fmt::format("PRIVMSG #c :{}", text), "x=1");
  at.server->ping();
  at.server->close();
  at.scene.turn_until(
      [&] { return at.scene.user("ann").find_network("net")->link() != halley::Link::kConnected; });
  say_lines(client);
  client.expect("waits until it is");
  CHECK(at.waiting() == Texts{"waiting one", "waiting two ", "waiting three"});
}

TEST_CASE(
    "several lines left open by a lost link go out again as the network takes them then, also after a "
    "crash") {
  const bool crash = GENERATE(false, true);
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", kFull);
  say_lines(client);
  at.takes("BATCH -");
  client.say("PRIVMSG #c :behind");
  at.takes("behind");
  at.server->close();
  at.scene.turn_until(
      [&] { return at.scene.user("ann").find_network("net")->link() != halley::Link::kConnected; });
  CHECK(at.waiting() == Texts{"waiting " + kTold, "waiting behind"});
  at.offered = kEcho;
  if (crash) at.scene.restart();
  if (crash) {
    at.connect();
  } else {
    at.reconnect();
  }
  at.join();
  std::vector<std::string> said;
  for (const auto& line : at.heard)
    if (line.contains("PRIVMSG #c")) said.push_back(line);
  CHECK(said == Texts{"PRIVMSG #c :one", "PRIVMSG #c :two ", "PRIVMSG #c :three", "PRIVMSG #c :behind"});
}

TEST_CASE("several lines that a network refuses are told as refused, by label or not") {
  const bool labels = GENERATE(true, false);
  Talk at(labels ? kTakes : kTakesUnlabelled);
  Actor client = at.scene.attach("ann/net", std::string(kFull) + " standard-replies");
  say_lines(client);
  const std::string opener = at.takes(" draft/multiline #c");
  at.server->say(fmt::format("{}:srv FAIL BATCH MULTILINE_INVALID :not today",
                             labels ? "@label=" + label_of(opener) + " " : ""));
  client.expect("FAIL BATCH MULTILINE_INVALID :not today");
  CHECK(at.waiting().empty());
  CHECK(at.rows("three").empty());
  say_lines(client);
  const std::string second = at.takes(" draft/multiline #c");
  at.server->say(fmt::format("{}:srv 404 ann #c :Cannot send to channel",
                             labels ? "@label=" + label_of(second) + " " : ""));
  client.expect(" 404 ");
  CHECK(at.waiting().empty());
}

TEST_CASE("a client hears what is wrong with its batch, and nothing of it is said") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", kFull);
  const auto refused = [&](std::vector<std::string> lines, std::string_view code) {
    INFO(code);
    for (const std::string& line : lines) client.say(line);
    client.expect(fmt::format("FAIL BATCH {}", code));
    CHECK_FALSE(at.server->hears("#c"));
  };
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #d :x", "@batch=1 PRIVMSG #c :y", "BATCH -1"},
          "MULTILINE_INVALID_TARGET #c #d :");
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :", "@batch=1 PRIVMSG #c :", "BATCH -1"},
          "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c", "BATCH -1"}, "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :a",
           "@batch=1;draft/multiline-concat PRIVMSG #c :", "BATCH -1"},
          "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :a", "@batch=1 NOTICE #c :b", "BATCH -1"},
          "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :\x01VERSION\x01", "BATCH -1"},
          "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c,#d", "@batch=1 PRIVMSG #c,#d :a", "BATCH -1"}, "MULTILINE_INVALID :");
  refused({"BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :a", "@batch=1 BATCH +2 draft/multiline #c",
           "BATCH -2"},
          "MULTILINE_INVALID :");
  refused({"BATCH +1 other #c", "@batch=1 PRIVMSG #c :a", "BATCH -1"}, "UNKNOWN_TYPE 1 other :");
  refused({"BATCH -9"}, "INVALID_REFTAG -9 :");
  refused({"@batch=9 PRIVMSG #c :a"}, "INVALID_REFTAG 9 :");
  refused({"BATCH + draft/multiline #c"}, "INVALID_REFTAG");
  refused({"BATCH +" + std::string(65, 'x') + " draft/multiline #c"}, "INVALID_REFTAG");
  std::vector<std::string> many{"BATCH +1 draft/multiline #c"};
  for (int i = 0; i < 33; ++i) many.emplace_back("@batch=1 PRIVMSG #c :a");
  many.emplace_back("BATCH -1");
  refused(many, "MULTILINE_MAX_LINES 32 :");
  std::vector<std::string> big{"BATCH +1 draft/multiline #c"};
  for (int i = 0; i < 9; ++i) big.push_back("@batch=1 PRIVMSG #c :" + std::string(460, 'x'));
  big.emplace_back("BATCH -1");
  refused(big, "MULTILINE_MAX_BYTES 4096 :");
  CHECK_FALSE(client.hears("FAIL"));  // each was told once

  client.say("BATCH +1 draft/multiline #c");
  client.say("@batch=1 PRIVMSG #c :a");
  at.scene.advance(90'000);
  client.expect("FAIL BATCH TIMEOUT 1 :");
  client.say("@batch=1 PRIVMSG #c :b");
  client.say("BATCH -1");
  CHECK_FALSE(client.hears("FAIL"));
  say_lines(client);
  at.takes("BATCH -");
}

TEST_CASE("what is said to services in several lines goes line by line, and is kept without passwords") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", kFull);
  client.say("BATCH +1 draft/multiline NickServ");
  client.say("@batch=1 PRIVMSG NickServ :HELP");
  client.say("@batch=1 PRIVMSG NickServ :IDENTIFY sesame");
  client.say("BATCH -1");
  at.takes("PRIVMSG NickServ :HELP");
  at.takes("PRIVMSG NickServ :IDENTIFY sesame");
  CHECK(at.rows("sesame").empty());
  client.say("BATCH +1 draft/multiline *halley");
  client.say("@batch=1 PRIVMSG *halley :help");
  client.say("@batch=1 PRIVMSG *halley :network list");
  client.say("BATCH -1");
  client.expect("network list");
  client.expect("net ");
}

TEST_CASE("more lines than fit into a message are heard as several, and of open batches eight are") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", "message-tags");
  at.server->say("@msgid=big :bob!b@h BATCH +x draft/multiline #c");
  for (int i = 0; i < 201; ++i) at.server->say(fmt::format("@batch=x :bob!b@h PRIVMSG #c :n{}", i));
  at.server->say("BATCH -x");
  client.expect("n200");
  CHECK(at.rows("n199").size() == 1);
  CHECK(at.rows("n200").size() == 1);
  CHECK(at.rows("n200")[0].line == ":bob!b@h PRIVMSG #c :n200");
  CHECK(at.rows("n200")[0].msgid.empty());

  for (int i = 0; i < 9; ++i) at.server->say(fmt::format(":bob!b@h BATCH +o{} draft/multiline #c", i));
  at.server->say("@batch=o0 :bob!b@h PRIVMSG #c :alone");
  client.expect("alone");  // its batch is forgotten
  at.server->say("@batch=o1 :bob!b@h PRIVMSG #c :kept");
  CHECK_FALSE(client.hears("kept"));
  at.server->say("BATCH -o1");
  client.expect("kept");
  // A network's own word of ours costs no more than that.
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\xe2\x80\xa8x";
  at.server->say("@halley/multiline :bob!b@h PRIVMSG #c :" + text);
  client.expect("\xe2\x80\xa8x\xe2\x80\xa8x");
}

TEST_CASE("a message of several lines is heard however long its tags and its lines are") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", "message-tags");
  const std::string own(3'600, 'o');
  at.server->say(fmt::format("@+x={};msgid=long :bob!b@h BATCH +x draft/multiline #c", own));
  for (int i = 0; i < 16; ++i)
    at.server->say(fmt::format("@batch=x :bob!b@h PRIVMSG #c :{} w{}", std::string(490, 'l'), i));
  at.server->say("BATCH -x");
  client.expect("w0");
  client.expect("w15");
  at.server->ping();
  REQUIRE(at.rows("w0").size() == 1);
  CHECK(at.rows("w0")[0].msgid == "long");
  CHECK(at.rows("w15").size() == 1);
}

TEST_CASE("what stands in a network's batch of several lines and is not of its message is heard as its own") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", kFull);
  const std::string line =
      GENERATE(as<std::string>{}, ":eve!e@h PRIVMSG #c :stray", ":bob!b@h PRIVMSG #d :stray",
               ":bob!b@h PRIVMSG ann :stray", ":bob!b@h NOTICE #c :stray");
  INFO(line);
  at.server->say("@msgid=m1 :bob!b@h BATCH +x draft/multiline #c");
  at.server->say("@batch=x :BOB!b@other PRIVMSG #C :hi");
  at.server->say("@batch=x " + line);
  at.server->say("@batch=x PRIVMSG #c :all");
  at.server->ping();
  CHECK(from_tag(client.expect("stray")) == line);
  REQUIRE(at.rows("stray").size() == 1);
  CHECK(at.rows("stray")[0].line == line);
  CHECK(at.rows("all").empty());
  at.server->say("BATCH -x");
  client.expect(" #c :all");
  at.server->ping();
  REQUIRE(at.rows("all").size() == 1);
  CHECK(at.rows("all")[0].line ==
        ":bob!b@h PRIVMSG #c :hi\xe2\x80\xa8"
        "all");
}

TEST_CASE("a network's batch whose name or place another takes is heard as far as it has come") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", "message-tags");
  at.server->say(":bob!b@h BATCH +x draft/multiline #c");
  at.server->say("@batch=x :bob!b@h PRIVMSG #c :half");
  at.server->ping();
  SECTION("name") {
    at.server->say(":eve!e@h BATCH +x draft/multiline #c");
  }
  SECTION("place") {
    for (int i = 0; i < 8; ++i) at.server->say(fmt::format(":eve!e@h BATCH +o{} draft/multiline #c", i));
  }
  CHECK(client.expect("half").contains(":bob!b@h PRIVMSG #c :half"));
}

TEST_CASE("the user's nick is seen in each of several lines") {
  Talk at(kTakes);
  Actor client = at.scene.attach("ann/net", kFull);
  at.server->say("@msgid=n1 :bob!b@h BATCH +x draft/multiline #c");
  at.server->say("@batch=x :bob!b@h PRIVMSG #c :hi all");
  at.server->say("@batch=x :bob!b@h PRIVMSG #c :ann: look");
  at.server->say("BATCH -x");
  client.expect("look");
  at.server->ping();
  REQUIRE(at.rows("look").size() == 1);
  CHECK((at.rows("look")[0].flags & halley::event_flag::kHighlight) != 0);
}

TEST_CASE("a long line among several counts for as many as it goes out in") {
  Talk at("echo-message message-tags batch draft/multiline=max-bytes=4000,max-lines=3");
  Actor client = at.scene.attach("ann/net", kFull);
  client.say("BATCH +1 draft/multiline #c");
  client.say("@batch=1 PRIVMSG #c :" + std::string(400, 'a'));
  client.say("@batch=1;draft/multiline-concat PRIVMSG #c :" + std::string(400, 'b'));
  client.say("@batch=1;draft/multiline-concat PRIVMSG #c :" + std::string(400, 'c'));
  client.say("@batch=1 PRIVMSG #c :two");
  client.say("BATCH -1");
  CHECK_FALSE(at.takes("PRIVMSG #c :aaa").contains("batch="));
  at.takes("PRIVMSG #c :two");
}

TEST_CASE("of what does not find room all or nothing is said") {
  Talk at("echo-message message-tags");
  Actor client = at.scene.attach("ann/net", kFull);
  at.server->close();
  at.scene.turn_until(
      [&] { return at.scene.user("ann").find_network("net")->link() != halley::Link::kConnected; });
  for (int i = 0; i < 499; ++i) client.say(fmt::format("PRIVMSG #c :n{}", i));
  client.ping();
  say_lines(client);  // three lines
  client.expect("499 lines wait for net already: nothing was sent");
  CHECK(at.waiting().size() == 499);
  client.say("PRIVMSG #c :the last one");
  client.ping();
  CHECK(at.waiting().size() == 500);
}

TEST_CASE("several lines are offered with their bounds, and count against the network's pace") {
  Talk at(kTakes);
  Actor client = at.scene.connect_client();
  client.say("CAP LS 302");
  client.expect("draft/multiline=max-bytes=4096,max-lines=32");
}
