// HTTP: what becomes of a command's line, as frames.
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/own_lines.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::kEcho;
using halley::dialogue::kLabels;
using halley::dialogue::label_of;
using halley::dialogue::Talk;
using halley::dialogue::Texts;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

// A tab that gives commands and listens, and another of the same user.
struct Tabs {
  explicit Tabs(Talk& t) : talk(t), web(t.scene), headers(web.login("ann")), tab(open("tab")) {}
  Browser open(const std::string& client) {
    Browser browser = web.stream("/api/events?transport=ndjson&client=" + client, headers);
    browser.until("ready");
    return browser;
  }
  void say(std::uint64_t seq, const std::string& line) {
    CHECK(web.command(headers, "tab", seq, line).json()["result"] == "");
  }
  // "STATE SEQ TEXT" of each frame of the kind that has come.
  Texts fates(Browser& browser) {
    talk.server->ping();
    Texts found;
    for (const json& frame : browser.frames()) {
      if (frame.value("event", "") != "said") continue;
      CHECK(frame["network"] == "net");
      found.push_back(fmt::format("{} {} {}", frame["state"].get<std::string>(), frame.value("seq", 0),
                                  frame["text"].get<std::string>()));
      last = frame;
    }
    return found;
  }
  Talk& talk;
  Web web;
  std::string headers;
  Browser tab;
  json last;
};

}  // namespace

TEST_CASE("web: a line is followed by its number: sent, and confirmed with its place in the log") {
  Talk t(GENERATE(kEcho, kLabels));
  Tabs tabs(t);
  Browser other = tabs.open("other");
  tabs.say(1, "PRIVMSG #c :hello");
  const std::string line = t.takes("PRIVMSG #c :hello");
  CHECK(tabs.fates(tabs.tab) == Texts{"sent 1 hello"});
  CHECK(tabs.last["client"] == "tab");
  CHECK(tabs.last["command"] == "PRIVMSG");
  CHECK(tabs.last["target"] == "#c");
  CHECK_FALSE(tabs.last.contains("log"));
  t.echo("PRIVMSG #c :hello, changed",
         line.contains("label=") ? "label=" + label_of(line) + ";msgid=m" : "msgid=m");
  const json event = tabs.tab.expect("hello, changed");
  CHECK(tabs.fates(tabs.tab) == Texts{"confirmed 1 hello"});
  CHECK_FALSE(tabs.last.contains("id"));  // which in any frame is a cursor
  CHECK(tabs.last["log"] == event["id"]);
  CHECK(tabs.fates(other).empty());  // of its way nobody else hears
}

TEST_CASE(
    "web: without echoes a line is sent and in the log at once, and confirmed when it was not refused") {
  Talk t("");
  Tabs tabs(t);
  tabs.say(1, "PRIVMSG #c :quick");
  const json event = tabs.tab.expect("PRIVMSG #c :quick");
  CHECK(tabs.fates(tabs.tab) == Texts{"sent 1 quick"});
  CHECK(tabs.last["log"] == event["id"]);
  t.answer_fence();
  CHECK(tabs.fates(tabs.tab) == Texts{"confirmed 1 quick"});
}

TEST_CASE("web: a refusal is told to all, with the network's reason") {
  Talk t(GENERATE(as<std::string>{}, "", std::string(kEcho)));
  Tabs tabs(t);
  Browser other = tabs.open("other");
  tabs.say(1, "NOTICE #c :unwelcome");
  t.takes("unwelcome");
  (void)tabs.fates(tabs.tab);
  t.server->say(":srv 404 ann #c :Cannot send to channel");
  CHECK(tabs.fates(other) == Texts{"refused 1 unwelcome"});
  CHECK(tabs.last["message"] == "Cannot send to channel");
  CHECK(tabs.last["command"] == "NOTICE");
  CHECK(tabs.last.contains("log") == t.offered.empty());  // it is that event which is void
  CHECK(tabs.fates(tabs.tab) == Texts{"refused 1 unwelcome"});
}

TEST_CASE("web: what waits is shown to all, and its way from then on") {
  Talk t(kEcho);
  Tabs tabs(t);
  Actor irc = t.scene.attach("ann/net@irc");
  t.server->close();
  irc.expect("Connection lost");
  tabs.say(1, "PRIVMSG bob :first");
  irc.say("PRIVMSG #c :second");
  irc.ping();
  tabs.tab.expect("second");
  Browser other = tabs.open("late");
  CHECK(t.waiting() == Texts{"waiting first", "waiting second"});
  const auto lines = tabs.web.get("/api/outbox", tabs.headers).json()["lines"];
  CHECK(lines[0]["client"] == "tab");
  CHECK(lines[0]["seq"] == 1);
  CHECK_FALSE(lines[1].contains("seq"));
  REQUIRE(t.outbox().cancel(t.outbox().list()[1].id));
  t.reconnect();
  CHECK(tabs.fates(other) == Texts{"cancelled 0 second", "sent 1 first"});
  t.echo("PRIVMSG bob :first", "msgid=b");
  CHECK(tabs.fates(other) == Texts{"confirmed 1 first"});
  CHECK(t.waiting().empty());
}

TEST_CASE("web: who attaches hears of what is open, under its number, also after a crash") {
  Talk t(kEcho);
  Tabs tabs(t);
  tabs.say(1, "PRIVMSG #c :open");
  t.takes("open");
  const std::string cursor = tabs.web.get("/api/me", tabs.headers).json()["head"];
  tabs.web.drop();
  t.scene.restart();
  tabs.web.restart();
  Browser stream = tabs.web.stream(
      GENERATE(true, false) ? "/api/events?client=tab" : "/api/events?client=tab&after=" + cursor,
      tabs.headers);
  json said;
  for (const json& frame : stream.until("ready"))
    if (frame.value("event", "") == "said") said = frame;
  REQUIRE(said.is_object());
  CHECK(said["state"] == "unknown");
  CHECK(said["client"] == "tab");
  CHECK(said["seq"] == 1);
  CHECK(said["text"] == "open");
}

TEST_CASE("web: behind the pace a line is accepted before it is sent") {
  Talk t(kEcho);
  t.scene.config.upstream.rate = 1;
  t.scene.config.upstream.burst = 1;
  Tabs tabs(t);
  t.scene.advance(5'000);
  tabs.say(1, "PRIVMSG #c :one");
  tabs.say(2, "PRIVMSG #c :two");
  CHECK(tabs.fates(tabs.tab) == Texts{"sent 1 one", "accepted 2 two"});
  t.scene.advance(1'100);
  CHECK(tabs.fates(tabs.tab) == Texts{"sent 2 two"});
}
