// HTTP: the event stream in its transports, fresh and resumed.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/dialogue/counting_client.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/open_streams.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::CountingClient;
using halley::dialogue::open_streams;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

// Ann on net in #c, connected and logged in by browser.
struct Attached {
  explicit Attached(std::uint64_t seed = 1) : scene(seed), web(scene) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
    headers = web.login("ann");
  }
  void bob(std::string_view text) { server->say(fmt::format(":bob!b@h PRIVMSG #c :{}", text)); }
  void bob(int from, int until) {
    for (int i = from; i < until; ++i) bob(fmt::format("line {}", i));
    server->ping();
  }
  std::string head() { return web.get("/api/me", headers).json()["head"].get<std::string>(); }
  void restart() {
    web.drop();
    scene.restart();
    web.restart();
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
  }
  Scene scene;
  Web web;
  std::optional<Actor> server;
  std::string headers;
};

std::vector<std::string> talk(const std::vector<json>& frames) {
  std::vector<std::string> found;
  for (const json& frame : frames) {
    const std::string line = frame.value("line", "");
    const std::size_t at = line.find(" PRIVMSG ");
    if (at != std::string::npos && frame.contains("id"))
      found.push_back(line.substr(line.find(" :", at) + 2));
  }
  return found;
}

std::vector<std::string> lines(int from, int until) {
  std::vector<std::string> all;
  for (int i = from; i < until; ++i) all.push_back(fmt::format("line {}", i));
  return all;
}

// Each event names the one before it, from `cursor` on; gives the last one's id.
std::string check_chain(const std::vector<json>& frames, std::string cursor) {
  for (const json& frame : frames) {
    if (!frame.contains("id") || !frame.contains("prev")) continue;
    CHECK(frame["prev"] == cursor);
    cursor = frame["id"];
  }
  return cursor;
}

}  // namespace

TEST_CASE("web: a fresh stream opens with the state and goes on live") {
  Attached t(GENERATE(1U, 2U, 3U));
  const std::string transport = GENERATE(as<std::string>{}, "ndjson", "sse");
  Browser stream = t.web.stream("/api/events?transport=" + transport, t.headers);
  const std::vector<json> burst = stream.until("ready");
  CHECK(stream.head().header("Content-Type") ==
        (transport == "sse" ? "text/event-stream" : "application/x-ndjson"));
  CHECK(stream.head().header("X-Accel-Buffering") == "no");
  CHECK(burst.front() == json{{"event", "snapshot"}});
  CHECK(burst.at(1)["event"] == "network");
  CHECK(burst.at(1)["network"] == "net");
  CHECK(burst.at(1)["state"] == "connected");
  CHECK(burst.at(1)["nick"] == "ann");
  std::string state;
  for (const json& frame : burst) {
    CHECK((frame.contains("event") || !frame.contains("id")));
    state += frame.value("line", "") + "\n";
  }
  for (const auto* part : {" 005 ann ", "CASEMAPPING=ascii", " JOIN #c", " 332 ann #c :About c",
                           " 353 ann = #c :", "@ann", "bob", "carl", " 366 "})
    CHECK(state.find(part) != std::string::npos);
  CHECK(burst.back()["id"] == t.head());

  t.bob("hello \x01 w\xf6rld");
  const json frame = stream.expect("PRIVMSG");
  CHECK(frame["network"] == "net");
  CHECK(frame["prev"] == burst.back()["id"]);
  CHECK(frame["id"] == t.head());
  const std::string line = frame["line"];
  CHECK(line.starts_with("@time="));
  CHECK(line.find(";msgid=") != std::string::npos);
  CHECK(line.ends_with(" :bob!b@h PRIVMSG #c :hello \x01 w\uFFFDrld"));
  if (transport == "sse") CHECK(stream.last_sse_id == frame["id"]);
}

TEST_CASE("web: a browser that was away gets exactly the events since") {
  Attached t(GENERATE(1U, 2U, 3U, 4U));
  t.bob(0, 10);
  const std::string cursor = t.head();
  t.bob(10, 60);
  const bool restarted = GENERATE(false, true);
  if (restarted) {
    t.scene.drain();
    t.restart();
  }
  Browser stream = t.web.stream("/api/events?after=" + cursor, t.headers);
  const std::vector<json> missed = stream.until("ready");
  CHECK(talk(missed) == lines(10, 60));
  const std::string reached = check_chain(missed, cursor);
  CHECK(missed.back()["id"] == reached);
  t.bob(60, 70);
  const std::vector<json> live = stream.until("line 69");
  CHECK(talk(live) == lines(60, 70));
  check_chain(live, reached);
  // The state that is not in the log: how the link stands, and who is in what was joined meanwhile.
  bool network = false, names = false;
  for (const json& frame : missed) {
    network = network || frame.value("event", "") == "network";
    names = names || frame.value("line", "").find(" 353 ") != std::string::npos;
  }
  CHECK(network);
  CHECK(names == restarted);
}

TEST_CASE("web: Last-Event-ID stands for after, and wins") {
  Attached t;
  t.bob(0, 5);
  const std::string old = t.head();
  t.bob(5, 10);
  const std::string cursor = t.head();
  t.bob(10, 12);
  Browser stream =
      t.web.stream("/api/events?transport=sse&after=" + old, t.headers + "Last-Event-ID: " + cursor + "\r\n");
  CHECK(talk(stream.until("ready")) == lines(10, 12));
}

TEST_CASE("web: an unknown cursor is told and a snapshot follows") {
  Attached t;
  const std::string head = t.head();
  const std::string epoch = head.substr(0, head.find(':'));
  for (const std::string& cursor :
       {std::string("other:1"), epoch + ":" + std::to_string(~std::uint64_t{0} >> 1)}) {
    const std::string transport = GENERATE(as<std::string>{}, "ndjson", "sse");
    Browser stream = t.web.stream("/api/events?transport=" + transport + "&after=" + cursor, t.headers);
    const std::vector<json> frames = stream.until("ready");
    CHECK(frames.at(0) == json{{"event", "reset"}});
    CHECK(frames.at(1) == json{{"event", "snapshot"}});
    CHECK(frames.back()["id"] == head);
  }
  for (const auto* bad : {"x", "5", ":5", "e:", "e:-5"}) {
    const Reply reply = t.web.get(fmt::format("/api/events?after={}", bad), t.headers);
    CHECK(reply.status == 400);
    CHECK(reply.json()["error"] == "bad_cursor");
  }
  CHECK(t.web.get("/api/events?transport=pigeon", t.headers).status == 400);
  CHECK(t.web.get("/api/events", t.headers + "Connection: Upgrade\r\nUpgrade: websocket\r\n").status == 426);
}

TEST_CASE("web: transports may change in mid-sentence") {
  Attached t;
  std::string cursor = t.head();
  int said = 0;
  std::vector<std::string> heard;
  for (const auto* transport : {"ndjson", "poll", "sse", "poll", "ndjson"}) {
    t.bob(said, said + 3);
    Browser stream =
        t.web.stream(fmt::format("/api/events?transport={}&after={}", transport, cursor), t.headers);
    std::vector<json> frames;
    if (std::string_view(transport) == "poll") {
      for (const json& frame : stream.reply().json()) frames.push_back(frame);
    } else {
      frames = stream.until("ready");
    }
    cursor = check_chain(frames, cursor);
    for (std::string& text : talk(frames)) heard.push_back(std::move(text));
    said += 3;
  }
  CHECK(heard == lines(0, said));
}

TEST_CASE("web: an iframe gets calls of scripts") {
  Attached t;
  Browser stream = t.web.stream("/api/events?transport=iframe", t.headers);
  stream.frames();
  t.bob("</script><script>alert(1)</script>");
  t.server->ping();
  stream.frames();
  const std::string policy = stream.head().header("Content-Security-Policy");
  CHECK(policy.find("frame-ancestors 'self'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  const std::size_t nonce = policy.find("'nonce-") + 7;
  CHECK(stream.raw().find("<script nonce=\"" + policy.substr(nonce, 32) + "\">") != std::string::npos);
  CHECK(stream.raw().starts_with("<!doctype html>"));
  // Not chunked: when it is cut the frame is complete, and its page hears so.
  CHECK(stream.head().header("Transfer-Encoding").empty());
  CHECK(stream.head().header("Connection") == "close");
  CHECK(stream.raw().find("\">parent.halley({\"event\":\"ready\"") != std::string::npos);
  INFO(stream.raw());
  CHECK(stream.raw().find("\\u003c/script\\u003e\\u003cscript\\u003ealert(1)") != std::string::npos);
}

TEST_CASE("web: a stream says at once that it is there, and soon after something alone") {
  Attached t;
  const auto [transport, beat] = GENERATE(
      table<std::string, std::string>({{"ndjson", "\n\n"}, {"sse", "\n\ndata: {\"event\":\"ping\"}\n\n"}}));
  // Also one whose state has to wait for its turn.
  const std::string after = GENERATE(as<std::string>{}, "", "&after=other:7");
  Browser stream = t.web.stream("/api/events?transport=" + transport + after, t.headers);
  stream.until("ready");
  REQUIRE(stream.hello);
  CHECK((*stream.hello)["event"] == "hello");
  CHECK((*stream.hello)["time"].get<std::string>().ends_with("Z"));
  const std::size_t opened = stream.raw().size();
  t.scene.advance(1'600);
  stream.frames();
  CHECK(stream.raw().size() > opened);
  CHECK(stream.raw().ends_with(beat));
  const std::size_t beaten = stream.raw().size();
  t.scene.advance(5'000);
  stream.frames();
  CHECK(stream.raw().size() == beaten);
}

TEST_CASE("web: a quiet stream has a heartbeat at least each 15 seconds") {
  Attached t;
  const std::string transport = GENERATE(as<std::string>{}, "ndjson", "sse");
  Browser stream = t.web.stream("/api/events?transport=" + transport, t.headers);
  stream.until("ready");
  for (int i = 0; i < 5; ++i) {
    const std::size_t before = stream.raw().size();
    t.scene.advance(14'900);
    stream.frames();
    CHECK(stream.raw().size() > before);
  }
  const std::string& raw = stream.raw();
  if (transport == "sse")
    CHECK(raw.find("data: {\"event\":\"ping\"}\n\n") != std::string::npos);
  else
    CHECK(raw.ends_with("\n\n"));
}

TEST_CASE("web: a slow reader loses nothing and costs a bounded queue") {
  Attached t(GENERATE(1U, 2U, 3U));
  const std::string transport = GENERATE(as<std::string>{}, "ndjson", "sse");
  t.scene.config.limits.client_queue = 40'000;
  const std::string cursor = t.head();
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 3000;
  narrow.split_writes = true;
  Browser stream =
      t.web.stream(fmt::format("/api/events?transport={}&after={}", transport, cursor), t.headers, narrow);
  std::vector<json> heard = stream.until("ready");
  stream.peer().pause();
  const std::string padding(200, '.');
  for (int i = 0; i < 5000; ++i) t.bob(fmt::format("line {} {}", i, padding));
  t.scene.advance(100);  // it was waited for in vain
  t.server->ping();
  t.scene.drain();
  const std::string metrics = t.web.metrics();
  const std::size_t at = metrics.find("\nhalley_http_stream_queue_bytes ");
  REQUIRE(at != std::string::npos);
  // Of two megabytes: the 128 KiB with which the next page of the log is asked for, and that page: 256 KiB of
  // rows, which as frames are up to twice as much.
  CHECK(std::stoul(metrics.substr(at + 32)) < 128 * 1024 + 2 * 256 * 1024);
  stream.peer().resume();
  for (json& frame : stream.until("line 4999 ")) heard.push_back(std::move(frame));
  CHECK(talk(heard).size() == 5000);
  check_chain(heard, cursor);
  t.bob("and live again");
  stream.expect("and live again");
}

TEST_CASE("web: a peer that takes nothing for two minutes is let go") {
  Attached t;
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 1000;
  Browser stream = t.web.stream("/api/events", t.headers, narrow);
  stream.until("ready");
  stream.peer().pause();
  t.bob(0, 100);
  t.scene.advance(100'000);
  CHECK(open_streams(t.web) == 1);
  t.scene.advance(40'000);
  stream.peer().resume();
  stream.expect_closed();
}

TEST_CASE("web: links, joins and networks are told as they change") {
  Attached t;
  Browser stream = t.web.stream("/api/events", t.headers);
  stream.until("ready");
  t.scene.join(*t.server, "#new", "dora");
  CHECK(stream.expect(" JOIN #new").contains("id"));
  CHECK_FALSE(stream.expect(" 353 ann = #new :").contains("id"));
  t.scene.add_network("ann", "other");
  CHECK(stream.expect("\"other\"")["event"] == "network");
  t.server->close();
  const json lost = stream.expect("\"trouble\"");
  CHECK(lost["network"] == "net");
  CHECK(lost["state"] == "waiting");
  REQUIRE(t.scene.accounts().remove_network("ann", "other"));
  t.scene.accounts().flush(nullptr);
  const json gone = stream.expect("\"removed\":true");
  CHECK(gone["network"] == "other");
}

TEST_CASE("web: what was said on a network that has been removed is not told to who returns") {
  Attached t(GENERATE(1U, 2U, 3U));
  const std::string cursor = t.head();
  t.bob("gone with it");
  t.server->ping();
  REQUIRE(t.scene.accounts().remove_network("ann", "net"));
  t.scene.accounts().flush(nullptr);
  Browser stream = t.web.stream("/api/events?after=" + cursor, t.headers);
  CHECK(talk(stream.until("ready")).empty());
}

TEST_CASE("web: Halley says goodbye when it stops") {
  Attached t;
  Browser stream = t.web.stream("/api/events", t.headers);
  Browser idle = t.web.connect();
  stream.until("ready");
  bool stopped = false;
  t.web.server().stop([&] { stopped = true; });
  CHECK_FALSE(stopped);
  CHECK(stream.expect("\"end\"")["message"] == "Halley is being stopped; come back in a moment.");
  stream.expect_closed();
  idle.expect_closed();
  CHECK(t.scene.turn_until([&] { return stopped; }));
}

TEST_CASE("web: what is being asked when Halley stops is answered") {
  Attached t;
  Browser poll = t.web.stream("/api/events?transport=poll&after=" + t.head(), t.headers);
  CHECK_FALSE(poll.answered());
  bool stopped = false;
  t.web.server().stop([&] { stopped = true; });
  CHECK_FALSE(stopped);
  const Reply end = poll.reply();
  CHECK(end.header("Connection") == "close");
  CHECK(end.json().back()["event"] == "end");
  poll.expect_closed();
  CHECK(t.scene.turn_until([&] { return stopped; }));
}

TEST_CASE("web: a stop waits for nobody who does not take an answer") {
  Attached t;
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 10;
  Browser stalled = t.web.stream("/api/events", t.headers, narrow);
  t.scene.loop.run_turns();
  stalled.peer().pause();
  bool stopped = false;
  t.web.server().stop([&] { stopped = true; });
  t.scene.advance(2'000);
  CHECK_FALSE(stopped);
  t.scene.advance(2'000);
  CHECK(stopped);
}

TEST_CASE("web: streams have a bound for each user") {
  Attached t;
  t.scene.config.limits.clients_per_user = 2;
  Browser one = t.web.stream("/api/events", t.headers);
  Browser two = t.web.stream("/api/events", t.headers);
  one.until("ready");
  two.until("ready");
  const Reply refused = t.web.get("/api/events", t.headers);
  CHECK(refused.status == 503);
  CHECK(refused.json()["error"] == "too_many_clients");
  one.peer().close();
  t.scene.loop.run_turns();
  t.web.stream("/api/events", t.headers).until("ready");
}

TEST_CASE("web: of many fresh streams one a turn is told the state, and none beyond the user's share") {
  Attached t;
  // A channel whose names are most of a megabyte.
  for (int part = 0; part < 200; ++part) {
    std::string names;
    for (int i = 0; i < 100; ++i) names += fmt::format("member{}x{}{} ", part, i, std::string(20, 'n'));
    t.server->say(fmt::format(":srv 353 ann = #c :{}", names));
  }
  t.server->say(":srv 366 ann #c :End of /NAMES list");
  t.server->ping();
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 3000;
  std::vector<Browser> stalled;
  for (int i = 0; i < 40; ++i) {
    stalled.push_back(t.web.connect(narrow));
    stalled.back().peer().pause();
    stalled.back().send(Web::format("GET", "/api/events", t.headers));
  }
  t.scene.advance(2000);
  const std::string metrics = t.web.metrics();
  const std::size_t at = metrics.find("\nhalley_http_stream_queue_bytes ");
  REQUIRE(at != std::string::npos);
  CHECK(std::stoul(metrics.substr(at + 32)) < (std::size_t{16} << 20) + (std::size_t{2} << 20));
  CHECK(open_streams(t.web) == 40);
  // What is said meanwhile is not lost to those that wait.
  t.bob("said meanwhile");
  for (Browser& stream : stalled) stream.peer().resume();
  for (Browser& stream : stalled) {
    t.scene.advance(600);
    const std::vector<json> frames = stream.until("\"ready\"");
    CHECK(frames.front() == json{{"event", "snapshot"}});
  }
  t.bob("said behind it");
  for (Browser& stream : stalled) stream.expect("said behind it");
}

TEST_CASE("web: a network that connects while the stream is open says what it is like") {
  Attached t;
  Browser stream = t.web.stream("/api/events", t.headers);
  stream.until("ready");
  t.server->close();
  stream.expect("waiting");
  t.scene.advance(10'000);
  t.server.emplace(t.scene.register_network("ann", "CASEMAPPING=ascii PREFIX=(qohv)~@%+"));
  stream.expect("PREFIX=(qohv)~@%+");
}

TEST_CASE("streams that wait for their user's clients to read cost one look at these, however many wait") {
  Attached t;
  t.scene.config.limits.clients_per_user = 200;
  CountingClient unread;
  unread.attach(t.scene.user("ann"), halley::View::all());
  unread.bytes = std::size_t{17} << 20;
  std::vector<Browser> streams;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(t.web.connect());
    streams.back().send(Web::format("GET", "/api/events?transport=ndjson", t.headers));
    t.scene.loop.run_turns();
  }
  CHECK(unread.asked >= 100);
  CHECK(unread.asked <= 200);
  unread.bytes = 0;
  t.scene.advance(1'000);
  for (Browser& stream : streams) {
    CHECK(stream.head().status == 200);
    stream.until("\"ready\"");
  }
}
