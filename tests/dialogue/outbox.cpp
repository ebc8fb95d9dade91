// The way of an own line: what the network makes of it, and what is logged.
#include "bouncer/core/event_kind.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/own_lines.h"

using halley::dialogue::Actor;
using halley::dialogue::count;
using halley::dialogue::kEcho;
using halley::dialogue::kLabels;
using halley::dialogue::label_of;
using halley::dialogue::Reply;
using halley::dialogue::Talk;
using halley::dialogue::Texts;
using halley::dialogue::Web;

TEST_CASE("what is said enters the log when the network confirms it, as the network has it") {
  Talk t(GENERATE(kEcho, kLabels), GENERATE(1U, 2U));
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two", "message-tags");
  one.say("PRIVMSG #c :hello \x02world\x02");
  const std::string line = t.takes("PRIVMSG #c :hello");
  CHECK(t.rows("hello").empty());
  CHECK_FALSE(two.hears("hello"));
  CHECK(t.waiting() == Texts{"sending hello \x02world\x02"});
  const bool labels = line.contains("label=");
  CHECK(labels == (t.offered == kLabels));
  t.echo("PRIVMSG #c :hello world",
         (labels ? "label=" + label_of(line) + ";" : "") + "msgid=net1;account=ann");
  const std::string heard = two.expect("hello world");
  CHECK(heard.contains("msgid=net1"));
  CHECK(heard.contains("account=ann"));
  CHECK_FALSE(heard.contains("label="));
  CHECK_FALSE(one.hears("hello"));  // it has said it
  const auto rows = t.rows("hello");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].msgid == "net1");
  CHECK((rows[0].flags & halley::event_flag::kSelf) != 0);
  CHECK(t.waiting().empty());
}

TEST_CASE("echoes are matched by text and order, however the network rewrote them") {
  Talk t(kEcho);
  Actor client = t.scene.attach("ann/net@one", "echo-message message-tags");
  const std::string loud =
      "\x03"
      "04,12red\x03 \x02"
      "and bold\x02 and quite long";
  for (const std::string& text : {std::string("first"), std::string("second"), loud, std::string("fourth")}) {
    client.say("PRIVMSG #c :" + text);
    t.takes(text);
  }
  client.say("NOTICE #c :a notice");
  t.takes("NOTICE");
  t.echo("PRIVMSG #c :second", "msgid=m2");
  t.echo("PRIVMSG #c :red and bold and", "msgid=m3");  // stripped, and cut
  t.echo("NOTICE #c :a notice", "msgid=m5");
  t.echo("PRIVMSG #c :censored", "msgid=m1");  // rewritten: the oldest that is left
  t.echo("PRIVMSG #c :fourth", "msgid=m4");
  client.expect("fourth");
  CHECK(t.waiting().empty());
  CHECK(t.said(" ann").empty());
  CHECK(t.said("#c :") == Texts{"second", "red and bold and", "censored", "fourth"});
}

TEST_CASE("a message to oneself is one line also where it is echoed") {
  Talk t(GENERATE(kEcho, kLabels), GENERATE(1U, 2U));
  Actor plain = t.scene.attach("ann/net@plain"), echo = t.scene.attach("ann/net@echo", "echo-message");
  plain.say("PRIVMSG ann :note");
  const std::string line = t.takes("PRIVMSG ann :note");
  const std::string label = line.contains("label=") ? "label=" + label_of(line) : "x=y";
  const bool echo_first = GENERATE(true, false);
  t.echo("PRIVMSG ann :note", echo_first ? label : "x=y");
  t.echo("PRIVMSG ann :note", echo_first ? "x=y" : label);
  t.server->say(":bob!b@h PRIVMSG #c :after");
  CHECK(count(plain.until("after"), "PRIVMSG ann :note") == 1);
  CHECK(count(echo.until("after"), "PRIVMSG ann :note") == 1);
  CHECK(t.rows("note").size() == 1);
  CHECK(t.waiting().empty());
}

TEST_CASE("notes to oneself that are on their way at once are not taken for each other's copies") {
  Talk t(GENERATE(kEcho, kLabels));
  Actor plain = t.scene.attach("ann/net@plain");
  std::vector<std::string> labels;
  for (const char* text : {"one", "two", "two"}) {
    plain.say(fmt::format("PRIVMSG ann :{}", text));
    const std::string line = t.takes(fmt::format("PRIVMSG ann :{}", text));
    labels.push_back(line.contains("label=") ? "label=" + label_of(line) : "x=y");
  }
  for (std::size_t i = 0; const char* text : {"one", "two", "two"}) {
    t.echo(fmt::format("PRIVMSG ann :{}", text), labels[i++]);
    t.echo(fmt::format("PRIVMSG ann :{}", text), "x=y");
  }
  t.server->ping();
  CHECK(t.said("ann :") == Texts{"one", "two", "two"});
  CHECK(t.waiting().empty());
}

TEST_CASE("of notes whose copies stay away the oldest is forgotten, and a copy of it is said") {
  Talk t(kEcho);
  Actor plain = t.scene.attach("ann/net@plain");
  const auto note = [](std::size_t i) { return fmt::format("PRIVMSG ann :note-{}-", i); };
  for (std::size_t i = 0; i <= halley::Outbox::kMostCopies; ++i) {
    plain.say(note(i));
    t.takes(note(i));
    t.echo(note(i), fmt::format("msgid=n{}", i));
  }
  t.echo(note(0), "x=y");
  t.echo(note(1), "x=y");
  t.server->ping();
  CHECK(t.rows("note-0-").size() == 2);
  CHECK(t.rows("note-1-").size() == 1);
}

TEST_CASE("our own CTCP and typing notes that come back are shown to nobody twice") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one", "message-tags"),
        two = t.scene.attach("ann/net@two", "message-tags");
  one.ping();
  one.say("PRIVMSG bob :\x01VERSION\x01");
  t.takes("VERSION");
  t.echo("PRIVMSG bob :\x01VERSION\x01");
  t.echo("NOTICE eve :\x01PING 1\x01");
  one.say("@+typing=active TAGMSG #c");
  t.takes("TAGMSG");
  t.echo("TAGMSG #c", "+typing=active");
  CHECK(two.expect("TAGMSG").contains("typing"));
  t.server->ping();
  CHECK(one.ping().empty());
  CHECK(two.ping().empty());
  CHECK(t.rows("\x01").empty());
}

TEST_CASE("a refusal is told to who said it, and nothing is stored as said") {
  const std::string caps = GENERATE(as<std::string>{}, "", std::string(kEcho), std::string(kLabels));
  const auto [numeric, target] = GENERATE(table<std::string, std::string>({
      {"404", "#c"},
      {"403", "#gone"},
      {"401", "nobody"},
      {"477", "#c"},
      {"486", "nobody"},
      {"531", "nobody"},
      {"716", "nobody"},
      {"FAIL", "#c"},
  }));
  CAPTURE(caps, numeric);
  Talk t(caps);
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  t.server->say(":bob!b@h PRIVMSG #c :welcome");
  one.expect("welcome");
  two.expect("welcome");
  one.say(fmt::format("PRIVMSG {} :unwelcome words", target));
  const std::string line = t.takes("unwelcome words");
  const std::string tag = line.contains("label=") ? fmt::format("@label={} ", label_of(line)) : "";
  if (numeric == "FAIL") {
    t.server->say(tag + ":srv FAIL PRIVMSG CANNOT_SEND " + target + " :Not here, please");
  } else {
    t.server->say(fmt::format("{}:srv {} ann {} :Not here, please", tag, numeric, target));
  }
  CHECK(one.expect("Not here, please").contains(numeric == "FAIL" ? "NOTICE" : numeric));
  // Where it had been shown as said, the others hear what became of it.
  const auto heard = two.ping();
  if (caps.empty()) {
    CHECK(count(heard, "The network refused") == 1);
    CHECK(count(heard, "unwelcome") == 2);
  } else {
    CHECK(count(heard, "Not here") + count(heard, "unwelcome") == 0);
  }
  t.server->ping();
  t.scene.drain();
  t.scene.loop.run_turns();
  CHECK(t.said("unwelcome").empty());
  CHECK(t.waiting().empty());
  CHECK(t.outbox().size() == 0);
  // Nor is it replayed as said, nor found, neither now nor after a restart.
  t.scene.restart();
  Web web(t.scene);
  const std::string headers = web.login("ann");
  const Reply history =
      web.get(fmt::format("/api/history?network=net&target={}", target[0] == '#' ? "%23c" : target), headers);
  CHECK_FALSE(history.body.contains("unwelcome"));
}

TEST_CASE("what was refused is not replayed as said to who was behind, though the ring has it still") {
  Talk t("");
  {
    Actor away = t.scene.attach("ann/net@away");
    t.server->say(":bob!b@h PRIVMSG #c :welcome");
    away.expect("welcome");
  }
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :unwelcome");
  t.takes("unwelcome");
  t.server->say(":srv 404 ann #c :Cannot send to channel");
  one.expect(" 404 ");
  t.server->say(":bob!b@h PRIVMSG #c :after");
  one.expect("after");
  Actor away = t.scene.attach("ann/net@away");
  const auto lines = away.until("after");
  CHECK(count(lines, "PRIVMSG #c :unwelcome") == 0);
  CHECK(count(lines, "The network refused what you said to #c: unwelcome") == 1);
}

TEST_CASE("without echoes a refusal is of what was said lately, not of what was taken long before") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :taken");
  t.takes("taken");
  t.scene.advance(5'000);
  one.say("PRIVMSG #c :unwelcome");
  t.takes("unwelcome");
  t.server->say(":srv 404 ann #c :Cannot send to channel");
  one.expect(" 404 ");
  t.server->ping();
  t.scene.drain();
  t.scene.loop.run_turns();
  CHECK(t.said("#c :") == Texts{"taken"});
}

TEST_CASE("a refusal that nobody is there to hear is told in the network's own buffer") {
  Talk t(kEcho);
  {
    Web web(t.scene);
    CHECK(web.command(web.login("ann"), "script", 1, "PRIVMSG #c :unheard").json()["result"] == "");
  }
  t.takes("unheard");
  t.server->say(":srv 404 ann #c :Cannot send to channel");
  t.server->ping();
  CHECK(t.rows("The network refused what you said to #c: unheard").size() == 1);
}

TEST_CASE("without echoes other clients are shown at once what one says, as today") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  one.say("PRIVMSG #c :quick");
  two.expect(":ann!ann@host.test PRIVMSG #c :quick");
  CHECK(t.said("quick").size() == 1);
  t.takes("quick");
  t.answer_fence();
  CHECK(t.outbox().size() == 0);
  t.server->say(":srv 404 ann #c :Cannot send to channel");  // about something else
  t.server->ping();
  CHECK(t.said("quick").size() == 1);
}

TEST_CASE("a network that swallows echoes is taken at its silence, half a minute behind a fence") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  one.say("PRIVMSG #c :into the void");
  t.takes("into the void");
  t.answer_fence();
  CHECK(t.said("void").empty());
  t.scene.advance(31'000);
  CHECK(t.said("void").size() == 1);
  two.expect("into the void");
  CHECK(t.outbox().size() == 0);
}

TEST_CASE("an echo that is none of what was said is compared with the first lines to its target alone") {
  Talk t(kEcho);
  Actor client = t.scene.attach("ann/net@one");
  constexpr std::size_t kLines = halley::Outbox::kMostEchoCandidates + 8;
  for (std::size_t i = 0; i < kLines; ++i) client.say(fmt::format("PRIVMSG #c :\x02line\x02 {}.", i));
  t.takes(fmt::format("line\x02 {}.", kLines - 1));
  t.echo("PRIVMSG #c :line 10.", "msgid=m10");  // stripped, and among the first
  t.echo(fmt::format("PRIVMSG #c :line {}.", kLines - 1), "msgid=m40");
  t.server->ping();
  const Texts waiting = t.waiting();
  CHECK(waiting.size() == kLines - 2);
  CHECK(count(waiting, " 10.") == 0);
  CHECK(count(waiting, " 0.") == 0);  // the oldest
  CHECK(count(waiting, fmt::format(" {}.", kLines - 1)) == 1);
}
