// GET /api/export: a whole history as one answer.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

constexpr std::string_view kExport = "/api/export?network=net&target=%23c";

struct ExportBench : Attached {
  void talk(int lines) {
    for (int i = 0; i < lines; ++i) {
      server->say(fmt::format(":bob!b@h PRIVMSG #c :word {} {}", i, std::string(300, '.')));
      if (i % 200 == 199) server->ping();
    }
    server->ping();
    scene.drain();
  }
  Browser ask(std::string_view target, halley::fakes::PipeOptions options = {}) {
    return web.stream(target, headers, options);
  }
  // All bytes of an answer until its connection ends.
  std::string whole(Browser& browser) {
    std::string bytes;
    REQUIRE(scene.turn_until([&] {
      bytes += browser.peer().take();
      return browser.peer().closed();
    }));
    return bytes + browser.peer().take();
  }

  Web web{scene};
  std::string headers = web.login("ann");
};

// The lines of a chunked answer; fails the test when it is not whole.
std::vector<json> lines_of(std::string_view answer) {
  REQUIRE(answer.starts_with("HTTP/1.1 200 "));
  REQUIRE(answer.ends_with("\r\n0\r\n\r\n"));
  std::string body;
  for (std::size_t at = answer.find("\r\n\r\n") + 4;;) {
    const std::size_t line = answer.find("\r\n", at);
    const std::size_t size = std::stoul(std::string(answer.substr(at, line - at)), nullptr, 16);
    if (size == 0) break;
    CHECK(size < 512 * 1024);
    body += answer.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  std::vector<json> lines;
  std::istringstream in(body);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("web: a whole history is one answer, oldest first") {
  ExportBench t;
  t.talk(2'300);
  halley::fakes::PipeOptions narrow;
  narrow.capacity = GENERATE(std::size_t{3000}, std::size_t{64 * 1024});
  Browser browser = t.ask(kExport, narrow);
  const std::string answer = t.whole(browser);
  CHECK(answer.find("\r\nContent-Type: application/x-ndjson\r\n") != std::string::npos);
  int next = 0;
  std::string last;
  for (const json& line : lines_of(answer)) {
    CHECK(line["network"] == "net");
    CHECK(line["id"] != last);
    last = line["id"];
    if (line["line"].get<std::string>().find(fmt::format(":word {} ", next)) != std::string::npos) ++next;
  }
  CHECK(next == 2'300);
}

TEST_CASE("web: a history of which there is none is an empty answer, one of no network is refused") {
  ExportBench t;
  Browser nothing = t.ask("/api/export?network=net&target=%23nowhere");
  const std::string answer = t.whole(nothing);
  CHECK(answer.starts_with("HTTP/1.1 200 "));
  CHECK(answer.ends_with("\r\n\r\n0\r\n\r\n"));
  CHECK(t.web.get("/api/export?network=none&target=%23c", t.headers).status == 404);
  CHECK(t.web.get(kExport, "").status == 401);
  CHECK(t.web.get(kExport, t.headers + "Accept: text/html\r\n").status == 406);
}

TEST_CASE("web: only so many histories go out at once, and only while they are taken") {
  ExportBench t;
  t.talk(500);
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 2000;
  std::vector<Browser> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(t.ask(kExport, narrow));
    slow.back().head();
    slow.back().peer().pause();
  }
  // Reads of a user are answered in order: what they have asked for has come, and waits to be taken.
  CHECK(t.web.get("/api/history?network=net&target=%23c&limit=1", t.headers).status == 200);
  CHECK(t.web.get(kExport, t.headers).status == 429);
  t.scene.advance(61'000);
  for (Browser& browser : slow) {
    browser.peer().resume();
    const std::string rest = t.whole(browser);
    CHECK_FALSE(rest.ends_with("\r\n0\r\n\r\n"));
  }
  Browser again = t.ask(kExport);
  CHECK(lines_of(t.whole(again)).size() >= 500);
}

TEST_CASE("web: a history breaks off when its login ends") {
  ExportBench t;
  t.talk(2'000);
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 2000;
  Browser browser = t.ask(kExport, narrow);
  browser.head();
  browser.peer().pause();
  CHECK(t.web.post("/api/logout", "{}", t.headers).status == 204);
  browser.peer().resume();
  CHECK_FALSE(t.whole(browser).ends_with("\r\n0\r\n\r\n"));
}
