// HTTP: files that users upload and pass on (soju.im/FILEHOST).
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "bouncer/irc/sasl.h"
#include "gateway/api/upload_sink.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Uploaded : Attached {
  explicit Uploaded(std::uint64_t seed = 1) : Attached(seed), web(scene), headers(web.login("ann")) {}
  static std::string request(std::string_view headers, std::string_view type, std::string_view body) {
    return fmt::format(
        "POST /upload HTTP/1.1\r\nHost: halley.test\r\n{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
        headers, type, body.size(), body);
  }
  // The answer to a whole request, however long.
  Reply send(const std::string& whole) {
    Browser browser = web.connect();
    browser.send(whole);
    return browser.reply();
  }
  std::string upload(std::string_view body, std::string_view type = "image/png") {
    const Reply reply = send(request(headers, type, body));
    INFO(reply.status << " " << reply.body);
    REQUIRE(reply.status == 201);
    CHECK(reply.json()["url"] == reply.header("Location"));
    return "/" + reply.header("Location");
  }
  Reply get(const std::string& path) {
    Browser browser = web.connect();
    browser.send(Web::format("GET", path, ""));
    return browser.reply();
  }
  std::size_t files() const {
    std::size_t count = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scene.directory / "uploads", none))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  void set(std::string_view quota) {
    REQUIRE(scene.accounts().set_user("ann", {{"upload-quota", std::string(quota)}}));
    scene.accounts().flush(nullptr);
    scene.loop.run_turns();
  }
  Web web;
  std::string headers;
};

std::string bytes(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 251);
  return out;
}

}  // namespace

TEST_CASE("web: an uploaded file is given back byte by byte, to whoever has its address") {
  Uploaded t(GENERATE(1U, 2U));
  const std::string picture = bytes(700'000);
  const std::string path = t.upload(picture);
  CHECK(path.size() > 43);
  CHECK(path.ends_with(".png"));
  const Reply got = t.get(path);
  CHECK(got.status == 200);
  CHECK(got.body == picture);
  CHECK(got.header("Content-Type") == "image/png");
  CHECK(got.header("Content-Length") == "700000");
  CHECK(got.header("Content-Disposition").starts_with("inline; filename="));
  CHECK(got.header("X-Content-Type-Options") == "nosniff");
  CHECK(got.header("Content-Security-Policy") == "default-src 'none'; sandbox; frame-ancestors 'none'");
  CHECK(got.header("Cross-Origin-Resource-Policy") == "cross-origin");
  CHECK(t.get("/upload/" + std::string(43, 'A') + ".png").status == 404);
  CHECK(t.get("/upload/..%2F..%2Fhalley.key").status == 404);

  // It is there after a restart, for Halley alone, and gone with its user.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(t.scene.directory / "uploads")) {
    struct stat status {};
    REQUIRE(::lstat(entry.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == (entry.is_directory() ? 0700U : 0600U));
  }
  t.scene.restart();
  t.web.restart();
  CHECK(t.get(path).body == picture);
  REQUIRE(t.scene.accounts().remove_user("ann"));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  CHECK(t.get(path).status == 404);
  CHECK(t.files() == 0);
}

TEST_CASE("web: a file that an import laid beside its user's stays when one of the two is removed") {
  Uploaded t;
  const std::string path = t.upload("of both");
  t.scene.add_user("bob");
  const auto id = [&](const char* name) { return std::to_string(t.scene.accounts().find_user(name)->id); };
  const auto uploads = t.scene.directory / "uploads";
  std::filesystem::copy(uploads / id("ann"), uploads / id("bob"));
  t.scene.restart();
  t.web.restart();
  const std::string gone = GENERATE("ann", "bob");
  REQUIRE(t.scene.accounts().remove_user(gone));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  CHECK(t.get(path).body == "of both");
  CHECK(t.files() == 1);
}

TEST_CASE("web: what could run in a browser is saved, not shown") {
  Uploaded t;
  for (const auto* type : {"text/html", "image/svg+xml", "application/javascript", "", "nonsense"}) {
    INFO(type);
    const Reply got = t.get(t.upload("<script>alert(1)</script>", type));
    CHECK(got.header("Content-Type") == "application/octet-stream");
    CHECK(got.header("Content-Disposition").starts_with("attachment;"));
  }
  CHECK(t.get(t.upload("hi", "text/plain")).header("Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("web: who may upload says so as for IRC, by a token or by the page's login") {
  Uploaded t;
  const auto basic = [](std::string_view credentials) {
    return fmt::format("Authorization: Basic {}\r\n", halley::irc::base64_encode(credentials));
  };
  CHECK(t.send(Uploaded::request(basic("ann:secret"), "image/png", "x")).status == 201);
  CHECK(t.send(Uploaded::request(basic("ann/net@phone:secret"), "image/png", "x")).status == 201);
  CHECK(t.send(Uploaded::request(t.web.token("ann", "laptop"), "image/png", "x")).status == 201);
  CHECK(t.send(Uploaded::request(basic("ann:wrong"), "image/png", "x")).status == 401);
  CHECK(t.send(Uploaded::request(basic("nonsense"), "image/png", "x")).status == 401);
  CHECK(t.send(Uploaded::request("", "image/png", "x")).status == 401);
  const std::string cookie = t.headers.substr(0, t.headers.find("Origin:"));
  CHECK(t.send(Uploaded::request(cookie + "Origin: https://evil.test\r\n", "image/png", "x")).status == 403);
  CHECK(t.files() == 3);
  CHECK(t.send(Uploaded::request(t.headers, "image/png", "")).status == 400);
  const Reply options = t.web.ask("OPTIONS /upload HTTP/1.1\r\nHost: halley.test\r\n\r\n");
  CHECK(options.header("Accept-Post") == "*/*");
  // It goes on behind it.
  Browser browser = t.web.connect();
  browser.send(Uploaded::request(t.headers, "image/png", "one") +
               Uploaded::request(t.headers, "image/png", "two"));
  CHECK(browser.reply().status == 201);
  CHECK(browser.reply().status == 201);
}

TEST_CASE("web: a user's files have a quota, a size and a number, and come one at a time") {
  Uploaded t;
  t.set("1");
  const std::string path = t.upload(bytes(600'000));
  Reply refused = t.send(Uploaded::request(t.headers, "image/png", bytes(600'000)));
  CHECK(refused.status == 413);
  CHECK(refused.json()["error"] == "quota");
  // One that does not say how long it is is cut off.
  std::string chunked = fmt::format(
      "POST /upload HTTP/1.1\r\nHost: halley.test\r\n{}Transfer-Encoding: chunked\r\n\r\n", t.headers);
  for (int i = 0; i < 10; ++i) chunked += fmt::format("{:x}\r\n{}\r\n", 60'000, bytes(60'000));
  CHECK(t.send(chunked + "0\r\n\r\n").status == 413);
  t.scene.loop.run_turns();
  CHECK(t.files() == 1);
  CHECK(
      t.web.ask(Web::format("DELETE", "/api" + std::string("/uploads") + path.substr(7), t.headers)).status ==
      200);
  CHECK(t.files() == 0);
  t.upload(bytes(1 << 20));
  t.set("0");
  CHECK(t.send(Uploaded::request(t.headers, "image/png", "x")).status == 403);

  t.set("100");
  CHECK(t.send(fmt::format("POST /upload HTTP/1.1\r\nHost: halley.test\r\n{}Content-Length: {}\r\n\r\n",
                           t.headers, halley::gateway::UploadStore::kMostUpload + 1))
            .status == 413);
  Browser slow = t.web.connect();
  slow.send(Uploaded::request(t.headers, "image/png", bytes(1000)).substr(0, 600));
  t.scene.loop.run_turns();
  CHECK(t.send(Uploaded::request(t.headers, "image/png", "x")).status == 429);
  slow.peer().close();
  t.scene.loop.run_turns();
  t.upload("x");
  CHECK(t.files() == 2);  // nothing is left of the one that broke off
}

TEST_CASE("web: a user has a thousand files at most") {
  Uploaded t;
  const std::filesystem::path folder =
      std::filesystem::path("uploads") / std::to_string(t.scene.user("ann").id());
  std::filesystem::create_directories(t.scene.directory / folder);
  for (int i = 0; i < 1000; ++i)
    std::ofstream(t.scene.directory / folder / fmt::format("{:a>43}.txt", i)) << 'x';
  t.web.restart();
  const Reply refused = t.send(Uploaded::request(t.headers, "image/png", "x"));
  CHECK(refused.status == 413);
  CHECK(t.web.ask(Web::format("DELETE", fmt::format("/api/uploads/{:a>43}.txt", 7), t.headers)).status ==
        200);
  t.upload("x");
}

TEST_CASE("web: a body that goes to a file waits for the disk, and for who sends it") {
  Uploaded t;
  Browser asking = t.web.connect();
  asking.send(fmt::format(
      "POST /upload HTTP/1.1\r\nHost: halley.test\r\n{}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
      t.headers));
  t.scene.loop.run_turns();
  CHECK(asking.peer().take().starts_with("HTTP/1.1 100 Continue\r\n\r\n"));
  asking.send("hello");
  CHECK(asking.reply().status == 201);

  const std::string whole = Uploaded::request(t.headers, "image/png", bytes(1 << 20));
  Browser quick = t.web.connect();
  t.scene.loop.hold_work(true);
  quick.send(whole);
  t.scene.loop.run_turns();
  t.scene.loop.hold_work(false);
  t.scene.loop.run_turn();  // the first piece is written, and the next one is on its way
  t.scene.loop.hold_work(true);
  t.scene.loop.run_turns();
  CHECK(whole.size() - quick.peer().unsent() < 2 * halley::gateway::UploadSink::kMostUnwrittenBytes);
  t.scene.loop.hold_work(false);
  CHECK(quick.reply().status == 201);

  Browser late = t.web.connect();
  late.send(Uploaded::request(t.headers, "image/png", bytes(1000)).substr(0, 500));
  for (int i = 0; i < 70; ++i) t.scene.advance(500);
  CHECK(late.reply().status == 408);
  late.expect_closed();
}

TEST_CASE("web: a file that the disk has no room for is refused, and the half of it goes") {
  // Of a process that may write no larger file the kernel says as much as of a full disk.
  struct SmallFiles {
    SmallFiles() {
      REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
      rlimit less = before;
      less.rlim_cur = 2 << 20;
      old_handler = std::signal(SIGXFSZ, SIG_IGN);
      REQUIRE(::setrlimit(RLIMIT_FSIZE, &less) == 0);
    }
    ~SmallFiles() {
      ::setrlimit(RLIMIT_FSIZE, &before);
      std::signal(SIGXFSZ, old_handler);
    }
    rlimit before{};
    void (*old_handler)(int) = nullptr;
  };
  Uploaded t;
  const std::string path = t.upload("small");
  {
    const SmallFiles small;
    const Reply refused = t.send(Uploaded::request(t.headers, "image/png", bytes(3 << 20)));
    CHECK(refused.status == 507);
    CHECK(refused.json()["error"] == "disk");
    t.scene.loop.run_turns();
    CHECK(t.files() == 1);
    CHECK(t.get(path).body == "small");
  }
  t.upload(bytes(3 << 20));
}

TEST_CASE("web: what was half there when Halley ended is gone at the next start") {
  Uploaded t;
  const std::string path = t.upload("whole");
  const auto folder = t.scene.directory / "uploads" / std::to_string(t.scene.accounts().find_user("ann")->id);
  std::ofstream{folder / (std::string(43, 'A') + ".png.part")} << "half";
  REQUIRE(t.files() == 2);
  t.scene.restart();
  t.web.restart();
  CHECK(t.files() == 1);
  CHECK(t.get(path).body == "whole");
}

TEST_CASE("web: of an upload that broke off while it was being written nothing stays") {
  Uploaded t;
  Browser slow = t.web.connect();
  t.scene.loop.hold_work(true);
  t.scene.loop.reverse_work(true);
  slow.send(Uploaded::request(t.headers, "image/png", bytes(1000)).substr(0, 600));
  t.scene.loop.run_turns();
  slow.peer().close();
  t.scene.loop.run_turns();
  t.scene.loop.hold_work(false);
  t.scene.loop.run_turns();
  CHECK(t.files() == 0);
}

TEST_CASE("web: nothing is uploaded any more for a user who has been removed meanwhile") {
  Uploaded t;
  const std::string whole = Uploaded::request(t.headers, "image/png", bytes(1000));
  Browser slow = t.web.connect();
  const auto remove = [&] {
    REQUIRE(t.scene.accounts().remove_user("ann"));
    t.scene.accounts().flush(nullptr);
    t.scene.loop.run_turns();
  };
  SECTION("while it came") {
    slow.send(whole.substr(0, whole.size() - 400));
    t.scene.loop.run_turns();
    remove();
    slow.send(whole.substr(whole.size() - 400));
    CHECK(slow.reply().status == 403);
  }
  SECTION("while it was being put in its place") {
    t.scene.loop.hold_work(true);
    slow.send(whole);
    t.scene.loop.run_turns();
    remove();
    t.scene.loop.hold_work(false);
    CHECK(slow.reply().status == 403);
  }
  t.scene.loop.run_turns();
  CHECK(std::filesystem::is_empty(t.scene.directory / "uploads"));
}

TEST_CASE("web: an upload is one request in the access log, which takes as long as its body comes") {
  Uploaded t;
  std::vector<std::string> lines;
  t.scene.config.http.access_log = true;
  t.web.server().log_answers([&](std::string_view line) { lines.emplace_back(line); });
  const std::string whole = Uploaded::request(t.headers, "image/png", bytes(1000));
  Browser slow = t.web.connect();
  slow.send(whole.substr(0, whole.size() - 400));
  t.scene.advance(700);
  slow.send(whole.substr(whole.size() - 400));
  const std::string name = slow.reply().header("X-Request-Id");
  REQUIRE(lines.size() == 1);
  CHECK(name.ends_with("-1"));
  CHECK(lines[0].ends_with(" 700 ms " + name));
  Browser late = t.web.connect();
  late.send(whole.substr(0, whole.size() - 400));
  t.scene.advance(40'000);
  CHECK(late.reply().status == 408);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].find(" POST /upload 408 ") != std::string::npos);
  CHECK(lines[1].ends_with("-2"));
}

TEST_CASE("uploads are listed and removed by command, and told of in ISUPPORT where they are secure") {
  Uploaded t;
  const std::string name = t.upload("12345").substr(8);
  Actor client = t.scene.attach("ann/net");
  client.say("PRIVMSG *halley :upload list");
  client.expect(name);
  const Reply list = t.web.get("/api/uploads", t.headers);
  CHECK(list.json()[0]["bytes"] == 5);
  client.say("PRIVMSG *halley :upload remove " + name);
  client.expect("this removes the file, for good; if you want that, say: upload remove " + name + " --yes");
  CHECK(t.get("/upload/" + name).status == 200);
  client.say("PRIVMSG *halley :upload remove " + name + " --yes");
  client.expect(" removed");
  CHECK(t.web.get("/api/uploads", t.headers).json().empty());
  client.say("PRIVMSG *halley :upload remove " + name + " --yes");
  client.expect("there is no file");

  client.say("ISUPPORT");
  CHECK_FALSE(client.hears("FILEHOST"));
  t.scene.config.http.public_url = "https://halley.test";
  client.say("ISUPPORT");
  client.expect("soju.im/FILEHOST=https://halley.test/upload");
  t.set("0");
  client.say("ISUPPORT");
  CHECK_FALSE(client.hears("FILEHOST"));
}

TEST_CASE("where a network has files uploaded to is told to no client") {
  Attached t;
  t.server->say(
      ":srv 005 ann soju.im/FILEHOST=https://evil.test/x draft/FILEHOST=https://evil.test/y NICKLEN=20 :ok");
  t.server->ping();
  Actor client = t.scene.attach("ann/net");
  client.say("ISUPPORT");
  const auto lines = client.ping();
  for (const auto& line : lines) CHECK_FALSE(line.contains("evil.test"));
}
