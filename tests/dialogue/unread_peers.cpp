// A peer whose answers wait is not read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/counting_client.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::CountingClient;
using halley::dialogue::Scene;

TEST_CASE("a stranger who does not read costs no memory, and is answered when they do") {
  Scene scene;
  Actor stranger = scene.connect_client();
  const char* line = GENERATE("X", "CAP LS", "PING x", "BOUNCER LISTNETWORKS", "\x01");
  stranger.peer().pause();
  for (int i = 0; i < 6'000; ++i) stranger.say(line);
  scene.loop.run_turns();
  stranger.say("PING :behind them all");
  scene.loop.run_turns();
  CHECK(scene.bouncer().downstream_queued() < 32 * 1024);
  stranger.peer().resume();
  stranger.expect("behind them all");
}

TEST_CASE("nor does a client that asks and asks and does not read") {
  Attached t;
  for (int i = 0; i < 50; ++i) t.bob(std::string(300, 'x'));
  t.server->ping();
  Actor client = t.scene.attach("ann/net", "draft/chathistory batch");
  const char* line = GENERATE(
      "PING "
      "a-token-of-a-hundred-bytes-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "CHATHISTORY LATEST #c * 50", "NAMES #c", "MODE #c", "CAP LS");
  client.peer().pause();
  // A page of history is twenty kilobytes, and takes a while with every check in the build.
  const int times = std::string_view(line).starts_with("CHATHISTORY") ? 600 : 6'000;
  for (int i = 0; i < times; ++i) client.say(line);
  t.scene.loop.run_turns();
  t.scene.drain();
  t.scene.loop.run_turns();
  CHECK(t.scene.bouncer().downstream_queued() < 512 * 1024);
  client.say("PING :behind them all");
  client.peer().resume();
  client.expect("behind them all");
}

TEST_CASE("however many clients of one user do not read, together they hold no more than one may") {
  Attached t;
  t.scene.config.limits.client_queue = 64 * 1024;
  t.scene.config.limits.clients_per_user = 100;
  std::vector<Actor> unread;
  for (int i = 0; i < 40; ++i) {
    unread.push_back(t.scene.attach("ann/net"));
    unread.back().ping();
    unread.back().peer().pause();
  }
  Actor reader = t.scene.attach("ann/net");
  for (int i = 0; i < 2'000; ++i) {
    t.server->say(fmt::format(":srv 371 ann :{}", std::string(400, 'x')));
    if (i % 50 == 0) reader.ping();
  }
  t.server->say(":srv 371 ann :the end");
  reader.expect("the end");
  CHECK(t.scene.bouncer().downstream_queued() < 2 * 16 * 64 * 1024);
}

TEST_CASE("what waits for all clients of a user is counted once a turn, not for each of them and each line") {
  Attached t;
  t.scene.config.limits.clients_per_user = 100;
  std::vector<Actor> unread;
  for (int i = 0; i < 40; ++i) {
    unread.push_back(t.scene.attach("ann/net"));
    unread.back().ping();
    unread.back().peer().pause();
  }
  const auto say = [&](int lines) {
    for (int i = 0; i < lines; ++i) t.server->say(fmt::format(":srv 371 ann :{}", std::string(400, 'x')));
    t.server->ping();
  };
  say(400);  // more than their hosts take
  CountingClient counting;
  counting.attach(t.scene.user("ann"), halley::View::all());
  say(10);
  CHECK(counting.asked > 0);
  CHECK(counting.asked <= 20);
}

TEST_CASE("what is said waits for a user's clients, however many do not read, as for sixteen of them") {
  Attached t;
  t.scene.config.limits.client_queue = 256 * 1024;
  std::vector<Actor> unread;
  for (int i = 0; i < 40; ++i) {
    unread.push_back(t.scene.attach(fmt::format("ann/net@d{}", i)));
    unread.back().ping();
    unread.back().peer().pause();
  }
  for (int i = 0; i < 1'000; ++i) {
    t.bob(fmt::format("{:04} {}", i, std::string(400, 'x')));
    if (i % 50 == 0) t.scene.advance(200);
  }
  t.scene.advance(1'000);
  t.server->ping();
  CHECK(t.scene.bouncer().downstream_queued() < 17 * 256 * 1024);
  unread.back().peer().resume();
  const auto lines = unread.back().until("PRIVMSG #c :0999");
  CHECK(std::ranges::count_if(lines, [](const std::string& l) { return l.contains(" PRIVMSG "); }) == 1000);
}

TEST_CASE("a device that is back before its old connection is found dead gets what that never took") {
  Attached t(GENERATE(1U, 2U, 3U));
  Actor old = t.scene.attach("ann/net@phone");
  t.bob("seen");
  old.expect("seen");
  t.scene.advance(1'000);
  old.peer().pause();  // the phone has lost its network; the connection looks alive
  for (int i = 0; i < 400; ++i) {
    t.bob(fmt::format("line {:03}", i));
    if (i % 50 == 0) t.scene.advance(300);
  }
  t.server->ping();
  t.scene.advance(1'000);
  Actor back = t.scene.attach("ann/net@phone");
  const auto lines = back.until("line 399");
  CHECK(std::ranges::count_if(lines, [](const std::string& l) { return l.contains(" PRIVMSG "); }) == 400);
}

TEST_CASE("a client that waits for a network's queue is not forgotten when the link drops") {
  Attached t;
  t.scene.config.upstream.rate = 1;
  t.scene.config.upstream.burst = 1;
  Actor client = t.scene.attach("ann/net");
  for (int i = 0; i < 1'500; ++i) client.say(fmt::format("PRIVMSG #c :line {}", i));
  t.scene.loop.run_turns();
  t.server->vanish();
  client.say("PING :still here");
  client.expect("still here");
}

TEST_CASE("a browser that a page sent to the IRC port is not spoken with") {
  Scene scene;
  Actor browser = scene.connect_client();
  browser.say("POST / HTTP/1.1");
  browser.say("PASS ann/net:secret");
  browser.expect("ERROR");
  browser.expect_closed();
}

TEST_CASE("ever new nicks and channels make buffers up to a bound, and are heard beyond it") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  constexpr std::size_t kMost = halley::Buffers::kMostByOthers;
  for (std::size_t i = 0; i < kMost + 50; ++i)
    t.server->say(fmt::format(":n{}!u@h PRIVMSG ann :hi {}", i, i));
  client.expect(fmt::format(":n{}!u@h PRIVMSG ann :hi {}", kMost + 49, kMost + 49));
  CHECK(t.scene.user("ann").networks()[0]->buffers().all().size() <= kMost + 1);
  t.server->say(":n1!u@h PRIVMSG #elsewhere :hi");
  client.say("JOIN #asked");
  t.server->expect("JOIN #asked");
  t.server->say(":ann!ann@host.test JOIN #asked");
  t.server->ping();
  CHECK(t.scene.user("ann").networks()[0]->buffers().find("#elsewhere") == 0);
  CHECK(t.scene.user("ann").networks()[0]->buffers().find("#asked") != 0);
  client.say("PRIVMSG somebody :hello");  // the user may go on
  t.server->expect("PRIVMSG somebody");
  CHECK(t.scene.user("ann").networks()[0]->buffers().find("somebody") != 0);
}
