// HTTP: polls, commands, history and search.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/open_streams.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::open_streams;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Attached {
  explicit Attached(std::uint64_t seed = 1) : scene(seed), web(scene) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
    headers = web.login("ann");
  }
  void bob(std::string_view text, std::string_view target = "#c") {
    server->say(fmt::format(":bob!b@h PRIVMSG {} :{}", target, text));
    server->ping();
  }
  std::string head() { return web.get("/api/me", headers).json()["head"].get<std::string>(); }
  Browser poll(std::string_view rest) {
    return web.stream(fmt::format("/api/events?transport=poll{}", rest), headers);
  }
  // The lines of an answer of /api/history or /api/search.
  json lines(std::string_view target) {
    const Reply reply = web.get(target, headers);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return reply.json()["lines"];
  }
  Scene scene;
  Web web;
  std::optional<Actor> server;
  std::string headers;
};

std::vector<std::string> texts(const json& lines) {
  std::vector<std::string> found;
  for (const json& line : lines) {
    const std::string text = line.value("line", "");
    if (const std::size_t at = text.find(" PRIVMSG "); at != std::string::npos)
      found.push_back(text.substr(text.find(" :", at) + 2));
  }
  return found;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("web: a poll without a cursor answers at once with the state") {
  Attached t(GENERATE(1U, 2U));
  const json frames = t.poll("").reply().json();
  REQUIRE(frames.is_array());
  CHECK(frames.front() == json{{"event", "snapshot"}});
  CHECK(frames.back() == json{{"event", "ready"}, {"id", t.head()}});
}

TEST_CASE("web: a poll is held until there is news") {
  Attached t(GENERATE(1U, 2U));
  Browser poll = t.poll("&after=" + t.head());
  CHECK_FALSE(poll.answered());
  t.scene.advance(20'000);
  CHECK_FALSE(poll.answered());
  t.bob("news");
  const json frames = poll.reply().json();
  CHECK(texts(frames) == Texts{"news"});
  CHECK(frames.back()["id"] == t.head());
}

TEST_CASE("web: a poll without news answers after 25 seconds, or sooner when asked to") {
  Attached t;
  const std::string head = t.head();
  Browser poll = t.poll("&after=" + head);
  CHECK_FALSE(poll.answered());
  t.scene.advance(24'000);
  CHECK_FALSE(poll.answered());
  t.scene.advance(2'000);
  CHECK(poll.reply().json().back() == json{{"event", "ready"}, {"id", head}});
  Browser impatient = t.poll("&wait=0&after=" + head);
  t.scene.advance(1'000);
  CHECK(impatient.reply().json().back()["id"] == head);
  CHECK(t.web.get("/api/events?transport=poll&wait=x", t.headers).status == 400);
}

TEST_CASE("web: between two polls nothing is lost, with a row or without") {
  Attached t;
  std::string cursor = t.poll("").reply().json().back()["id"];
  t.bob("one");
  t.server->say(":srv 311 ann bob b h * :Bob");
  t.bob("two");
  const json frames = t.poll("&after=" + cursor).reply().json();
  CHECK(texts(frames) == Texts{"one", "two"});
  CHECK(frames.at(1)["line"] == ":srv 311 ann bob b h * Bob");
  // The answer was lost: the old cursor gives the events again.
  const json again = t.poll("&after=" + cursor).reply().json();
  CHECK(texts(again) == Texts{"one", "two"});
}

TEST_CASE("web: a long absence is polled in pages") {
  Attached t;
  std::string cursor = t.head();
  for (int i = 0; i < 3000; ++i)
    t.server->say(fmt::format(":bob!b@h PRIVMSG #c :line {} {}", i, std::string(150, '.')));
  t.server->ping();
  int heard = 0, polls = 0;
  while (heard < 3000 && ++polls < 100) {
    const json frames = t.poll("&after=" + cursor).reply().json();
    REQUIRE_FALSE(frames.empty());
    for (const json& frame : frames) {
      if (!frame.contains("prev")) continue;
      CHECK(frame["prev"] == cursor);
      cursor = frame["id"];
      ++heard;
    }
  }
  CHECK(heard == 3000);
  CHECK(polls > 1);
}

TEST_CASE("web: a poll whose client has gone is forgotten") {
  Attached t;
  {
    Browser poll = t.poll("&after=" + t.head());
    CHECK_FALSE(poll.answered());
    CHECK(open_streams(t.web) == 1);
    poll.peer().close();
  }
  t.scene.advance(2000);
  CHECK(open_streams(t.web) == 0);
  t.poll("").reply();
  CHECK(open_streams(t.web) == 1);  // it rests
  t.scene.advance(60'000);
  CHECK(open_streams(t.web) == 0);
}

TEST_CASE("web: a command is done once, however often it is sent") {
  Attached t(GENERATE(1U, 2U));
  Browser stream = t.web.stream("/api/events", t.headers);
  stream.until("ready");
  const Reply first = t.web.command(t.headers, "tab", 1, "PRIVMSG #c :gr\u00fc\u00df");
  CHECK(first.status == 200);
  CHECK(first.json() == json{{"seq", 1}, {"result", ""}});
  t.server->expect("PRIVMSG #c :gr\u00fc\u00df");
  const json own = stream.expect("gr\u00fc\u00df");
  CHECK(own.contains("id"));
  CHECK(own["line"].get<std::string>().find(" :ann!") != std::string::npos);
  CHECK(t.web.command(t.headers, "tab", 1, "PRIVMSG #c :gr\u00fc\u00df").json() == first.json());
  CHECK_FALSE(t.server->hears("PRIVMSG"));
  CHECK(t.web.command(t.headers, "tab", 2, "PRIVMSG #c :two").status == 200);
  t.server->expect("PRIVMSG #c :two");
  const Reply hole = t.web.command(t.headers, "tab", 9, "PRIVMSG #c :nine");
  CHECK(hole.status == 409);
  CHECK(hole.json()["expected"] == 3);
  CHECK(t.web.command(t.headers, "other tab", 1, "PRIVMSG #c :other").status == 200);
  t.server->expect("PRIVMSG #c :other");
}

TEST_CASE("web: what cannot be done is said") {
  Attached t;
  CHECK(t.web.command(t.headers, "tab", 1, "PRIVMSG #c :x", "nowhere")
            .json()["result"]
            .get<std::string>()
            .find("nowhere") != std::string::npos);
  for (const auto* line : {"", "PRIVMSG #c :a\nQUIT", "PRIVMSG #c :a\rQUIT"}) {
    const Reply reply = t.web.command(t.headers, "tab", 2, line);
    CHECK(reply.status == 400);
    CHECK(reply.json()["error"] == "bad_line");
  }
  for (const auto* body : {"{}", R"({"client":"t","seq":0,"network":"net","line":"x"})",
                           R"({"client":"t","seq":-1,"network":"net","line":"x"})",
                           R"({"client":"t","seq":"1","network":"net","line":"x"})",
                           R"({"client":"","seq":1,"network":"net","line":"x"})"})
    CHECK(t.web.post("/api/commands", body, t.headers).status == 400);
  CHECK(t.web.get("/api/commands", t.headers).status == 405);
  CHECK_FALSE(t.server->hears("QUIT"));
}

TEST_CASE("web: the answer to a command comes to the stream of its client") {
  Attached t;
  Browser one = t.web.stream("/api/events?client=one", t.headers);
  Browser two = t.web.stream("/api/events?client=two", t.headers);
  one.until("ready");
  two.until("ready");
  CHECK(t.web.command(t.headers, "one", 1, "WHOIS bob").status == 200);
  t.server->expect("WHOIS bob");
  t.server->say(":srv 311 ann bob b h * :Bob");
  t.server->say(":srv 318 ann bob :End of /WHOIS list");
  t.server->ping();
  const json frame = one.expect(" 318 ");
  CHECK(frame["network"] == "net");
  CHECK_FALSE(frame.contains("id"));
  CHECK(two.frames().empty());
}

TEST_CASE("web: /api/me tells networks and buffers") {
  Attached t;
  t.bob("hello", "ann");
  const json me = t.web.get("/api/me", t.headers).json();
  REQUIRE(me["networks"].size() == 1);
  const json& network = me["networks"][0];
  CHECK(network["name"] == "net");
  CHECK(network["nick"] == "ann");
  CHECK(network["state"] == "connected");
  CHECK(network["buffers"] == json::array({{{"name", "#c"}, {"joined", true}, {"channel", true}},
                                           {{"name", "bob"}, {"joined", false}, {"channel", false}}}));
}

TEST_CASE("web: methods, types and codings that are not taken are said") {
  Attached t;
  const auto options = [&](std::string_view target) { return t.web.ask(Web::format("OPTIONS", target, {})); };
  CHECK(options("/api/login").status == 204);
  CHECK(options("/api/login").header("Allow") == "POST");
  CHECK(options("/").header("Allow") == "GET, HEAD");
  CHECK(options("*").header("Allow") == "GET, HEAD, POST, PATCH, DELETE");
  CHECK(options("/nothing").status == 404);
  CHECK(t.web.ask("OPTIONS / HTTP/1.0\r\n\r\n").status == 204);  // a proxy's health check
  CHECK(t.web.ask(Web::format("DELETE", "/api/me", t.headers)).status == 405);
  CHECK(t.web.ask(Web::format("DELETE", "/api/me", t.headers)).header("Allow") == "GET, HEAD");
  CHECK(t.web.get("/api/me", t.headers + "Accept: text/html\r\n").status == 406);
  CHECK(t.web.get("/api/me", t.headers + "Accept: text/html, */*;q=0.1\r\n").status == 200);
  CHECK(t.web.get("/api/events", t.headers + "Accept: text/html\r\n").status == 406);
  Browser sse = t.web.stream("/api/events", t.headers + "Accept: text/event-stream, */*;q=0.5\r\n");
  CHECK(sse.head().header("Content-Type") == "text/event-stream");
  const std::string command = R"({"client":"c","seq":1,"network":"net","line":"PRIVMSG #c :x"})";
  CHECK(t.web.post("/api/commands", command, t.headers + "Content-Encoding: gzip\r\n").status == 415);
  CHECK(t.web
            .ask(fmt::format(
                "POST /api/commands HTTP/1.1\r\nHost: halley.test\r\n{}Content-Type: text/plain\r\n"
                "Content-Length: {}\r\n\r\n{}",
                t.headers, command.size(), command))
            .status == 415);
  CHECK(t.web.get("/", "If-Match: \"other\"\r\n").status == 412);
  CHECK(t.web.get("/", "If-Match: \"tag\"\r\n").status == 200);
}

TEST_CASE("web: history is read in pages") {
  Attached t;
  for (int i = 0; i < 20; ++i) t.bob(fmt::format("line {}", i));
  t.bob("elsewhere", "ann");
  const std::string base = "/api/history?network=net&target=%23c";
  const json newest = t.lines(base + "&limit=3");
  CHECK(texts(newest) == Texts{"line 17", "line 18", "line 19"});
  CHECK(newest.at(0)["network"] == "net");
  const std::string id = newest.at(0)["id"];
  CHECK(texts(t.lines(base + "&limit=2&before=" + id)) == Texts{"line 15", "line 16"});
  CHECK(texts(t.lines(base + "&limit=5&after=" + id)) == Texts{"line 18", "line 19"});
  CHECK(texts(t.lines(base + "&limit=4&around=" + id)) == Texts{"line 15", "line 16", "line 17", "line 18"});
  CHECK(texts(t.lines(base + "&limit=2&before=" + id.substr(id.find(':') + 1))) ==
        Texts{"line 15", "line 16"});
  CHECK(texts(t.lines("/api/history?network=NET&target=bob")) == Texts{"elsewhere"});
  CHECK(t.lines("/api/history?network=net&target=stranger").empty());
  const auto status = [&](std::string_view target) { return t.web.get(target, t.headers).status; };
  CHECK(status("/api/history?network=nowhere&target=%23c") == 404);
  CHECK(status(base + "&limit=0") == 400);
  CHECK(status(base + "&limit=x") == 400);
  CHECK(status(base + "&limit=999999") == 200);
  CHECK(status(base + "&before=other:5") == 400);
  CHECK(status(base + "&before=5&after=6") == 400);
  CHECK(status("/api/history?network=net&target=%2") == 400);
}

TEST_CASE("web: search finds words and says where") {
  Attached t;
  t.bob("a comet comes back");
  t.bob("nothing here");
  t.bob("the comet, again", "ann");
  t.server->say(":carl!c@h PRIVMSG #c :my comet");
  t.server->ping();
  t.scene.drain();
  json found;
  // The index is a moment behind.
  for (int i = 0; i < 200 && found.size() < 3; ++i) {
    t.scene.loop.wait_posted(std::chrono::milliseconds(20));
    found = t.lines("/api/search?q=comet");
  }
  CHECK(texts(found) == Texts{"my comet", "the comet, again", "a comet comes back"});
  CHECK(found.at(0)["target"] == "#c");
  CHECK(found.at(1)["target"] == "bob");
  CHECK(texts(t.lines("/api/search?q=comet&target=%23c")) == Texts{"my comet", "a comet comes back"});
  CHECK(texts(t.lines("/api/search?q=comet&from=BOB&limit=1")) == Texts{"the comet, again"});
  CHECK(texts(t.lines("/api/search?q=comet&before=" + found.at(1)["id"].get<std::string>())) ==
        Texts{"a comet comes back"});
  CHECK(texts(t.lines("/api/search?q=comet&after=2100-01-01")).empty());
  CHECK(texts(t.lines("/api/search?q=comet&network=net&after=2001-01-01T00:00:00.000Z")).size() == 3);
  const auto status = [&](std::string_view target) { return t.web.get(target, t.headers).status; };
  CHECK(status("/api/search") == 400);
  CHECK(status("/api/search?q=x&network=nowhere") == 404);
  CHECK(status("/api/search?q=x&before=yesterday") == 400);
  CHECK(status("/api/search?q=comet&after=1969-12-31") == 200);
  CHECK(t.lines("/api/search?q=comet&before=1969-12-31T23:59:59Z").empty());
}

TEST_CASE("web: a search without a word to look for finds nothing, and is no fault of ours") {
  Attached t;
  for (const auto* q :
       {"%22", "*", "-", "%22%22", "a*", "%22*", "+", "%00", "%F0%9F%99%82", "(", "NEAR(", "x%22"}) {
    INFO(q);
    CHECK(t.web.get(std::string("/api/search?q=") + q, t.headers).status == 200);
  }
}

TEST_CASE("web: polls count against the clients of a user, and few of them rest") {
  Attached t;
  t.scene.config.limits.clients_per_user = 20;
  const std::string head = t.head();
  std::vector<Browser> polls;
  for (int i = 0; i < 20; ++i) {
    polls.push_back(t.poll(fmt::format("&client=c{}&after={}", i, head)));
    CHECK_FALSE(polls.back().answered());
  }
  CHECK(t.poll("&client=late&after=" + head).reply().status == 503);
  CHECK(t.web.get("/api/events", t.headers).status == 503);
  t.bob("news");
  std::string cursor;
  for (Browser& poll : polls) cursor = poll.reply().json().back()["id"];
  t.scene.advance(1000);
  CHECK(t.scene.user("ann").clients().size() == 8);  // those rest
  t.bob("more");
  CHECK(texts(t.poll("&client=c19&after=" + cursor).reply().json()) == Texts{"more"});
  CHECK(texts(t.poll("&client=c0&after=" + cursor).reply().json()) == Texts{"more"});
}

TEST_CASE("web: a user's questions are bounded: four searches and eight pages of history at once") {
  Attached t;
  t.bob("comet");
  // How many of so many that are asked while nothing is answered are refused, and how many answered after it.
  const auto ask = [&](std::string_view target, std::size_t count) {
    t.scene.hold_answers(true);
    std::vector<Browser> asking;
    for (std::size_t i = 0; i < count; ++i) {
      asking.push_back(t.web.connect());
      asking.back().send(Web::format("GET", target, t.headers));
    }
    std::size_t refused = 0;
    t.scene.loop.run_turns();
    t.scene.hold_answers(false);
    for (Browser& browser : asking) {
      const Reply reply = browser.reply();
      CHECK((reply.status == 200 || reply.status == 429));
      if (reply.status != 429) continue;
      CHECK(reply.header("Retry-After") == "1");
      ++refused;
    }
    return refused;
  };
  CHECK(ask("/api/search?q=comet", 7) == 3);
  CHECK(ask("/api/search?q=comet", 4) == 0);  // all are given back
  CHECK(ask("/api/history?network=net&target=%23c", 10) == 2);
  CHECK(ask("/api/history?network=net&target=%23c", 8) == 0);
}

TEST_CASE("web: an answer of history has a bound, and nothing is left out between two") {
  Attached t;
  for (int i = 0; i < 300; ++i)
    t.server->say(fmt::format("@+a={} :bob!b@h PRIVMSG #c :line {}", std::string(3500, 'x'), i));
  t.server->ping();
  const std::string base = "/api/history?network=net&target=%23c&limit=1000";
  std::vector<std::string> found;
  std::string before;
  for (int pages = 0; pages < 20; ++pages) {
    const Reply reply = t.web.get(base + (before.empty() ? "" : "&before=" + before), t.headers);
    REQUIRE(reply.status == 200);
    const json answer = reply.json();
    CHECK(reply.body.size() < 1024 * 1024);
    const std::vector<std::string> lines = texts(answer["lines"]);
    found.insert(found.begin(), lines.begin(), lines.end());
    if (!answer["more"].get<bool>()) break;
    before = answer["lines"].front()["id"];
  }
  REQUIRE(found.size() == 300);
  for (int i = 0; i < 300; ++i) CHECK(found[static_cast<std::size_t>(i)] == fmt::format("line {}", i));
}

TEST_CASE("web: the access log says who asked for what") {
  Attached t;
  std::vector<std::string> lines;
  t.web.server().log_answers([&](std::string_view line) { lines.emplace_back(line); });
  CHECK(t.web.get("/api/me", t.headers).header("X-Request-Id").empty());
  CHECK(lines.empty());  // not unless it is asked for
  t.scene.config.http.access_log = true;
  const Reply me = t.web.get("/api/me", t.headers + "X-Request-Id: mine\r\n");
  const std::string id = me.header("X-Request-Id");
  CHECK_FALSE(id.empty());
  CHECK(id != "mine");  // anybody could say so
  CHECK(lines.back() == fmt::format("127.0.0.1 GET /api/me 200 {} B 0 ms {}", me.body.size(), id));
  CHECK(t.web.get("/api/me", t.headers).header("X-Request-Id") != id);
  // What somebody looks for is theirs.
  t.web.get("/api/search?q=secret", t.headers);
  CHECK(lines.back().find("GET /api/search 200") != std::string::npos);
  CHECK(lines.back().find("secret") == std::string::npos);
  t.web.get("/" + std::string(300, 'x'), {});
  CHECK(lines.back().find("/" + std::string(199, 'x') + " 404") != std::string::npos);
  t.web.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  CHECK(lines.back().starts_with("127.0.0.1 - - 400 "));
  CHECK(lines.back().ends_with(" -"));
  Browser stream = t.web.stream("/api/events", t.headers);
  CHECK_FALSE(stream.head().header("X-Request-Id").empty());
  CHECK(lines.back().find("GET /api/events 200 0 B") != std::string::npos);
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  const std::string proxy = "X-Forwarded-For: 203.0.113.9\r\nX-Request-Id: ";
  CHECK(t.web.get("/healthz", proxy + "a-1.b_2\r\n").header("X-Request-Id") == "a-1.b_2");
  CHECK(lines.back() == "203.0.113.9 GET /healthz 200 3 B 0 ms a-1.b_2");
  CHECK(t.web.get("/healthz", proxy + "a b\r\n").header("X-Request-Id") != "a b");
  CHECK(t.web.get("/healthz", proxy + std::string(65, 'a') + "\r\n").header("X-Request-Id").size() < 60);
}
