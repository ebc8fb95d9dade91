// Reactions, replies and redactions: kept in the log, and honoured in what is shown of it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::register_with;
using halley::dialogue::Scene;
using halley::dialogue::Web;

namespace {

struct Tagged {
  explicit Tagged(std::uint64_t seed = 1) : scene(seed) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    server.emplace(register_with(scene, "message-tags batch draft/message-redaction"));
  }
  std::vector<std::string> history(Actor& client, std::string_view target = "#c") {
    client.say(fmt::format("CHATHISTORY LATEST {} * 50", target));
    client.expect("BATCH +");
    auto lines = client.until("BATCH -");
    lines.pop_back();
    std::erase_if(lines, [](const auto& line) { return line.contains(" JOIN "); });
    return lines;
  }
  Scene scene;
  std::optional<Actor> server;
};

constexpr std::string_view kFull =
    "draft/chathistory draft/event-playback draft/message-redaction message-tags batch server-time";

}  // namespace

TEST_CASE("reactions and their removal are kept, with the replies' tags; typing is not") {
  Tagged t(GENERATE(1U, 2U));
  Actor live = t.scene.attach("ann/net@live", "message-tags"), plain = t.scene.attach("ann/net@plain");
  t.server->say("@msgid=m1 :bob!b@h PRIVMSG #c :hello");
  t.server->say("@msgid=m2;+draft/reply=m1 :carl!c@h PRIVMSG #c :hi bob");
  t.server->say("@msgid=m3;+draft/react=:-);+draft/reply=m1 :carl!c@h TAGMSG #c");
  t.server->say("@msgid=m4;+draft/unreact=:-);+draft/reply=m1 :carl!c@h TAGMSG #c");
  live.expect("+draft/react=:-)");
  live.expect("+draft/unreact=:-)");
  t.server->say("@+typing=active :bob!b@h TAGMSG #c");
  live.expect("+typing=active");
  CHECK_FALSE(plain.hears("TAGMSG"));
  Actor full = t.scene.attach("ann/net@full", kFull);
  const auto lines = t.history(full);
  REQUIRE(lines.size() == 4);
  CHECK((lines[1].contains("+draft/reply=m1") && lines[1].ends_with(":hi bob")));
  CHECK((lines[2].contains("msgid=m3;") && lines[2].contains("+draft/react=:-);+draft/reply=m1")));
  CHECK(lines[2].ends_with(" :carl!c@h TAGMSG #c"));
  CHECK(lines[3].contains("+draft/unreact=:-)"));
  Actor messages = t.scene.attach("ann/net@messages", "draft/chathistory message-tags batch");
  CHECK(t.history(messages).size() == 2);
}

TEST_CASE("a line that was taken back is in no history, search or replay any more, also after a restart") {
  Tagged t(GENERATE(1U, 2U));
  t.scene.attach("ann/net@old").ping();  // known from now on
  t.server->say("@msgid=m1 :bob!b@h PRIVMSG #c :a secret word");
  t.server->say("@msgid=m2 :bob!b@h PRIVMSG #c :another word");
  t.server->ping();
  Actor live = t.scene.attach("ann/net@live", "draft/message-redaction"),
        plain = t.scene.attach("ann/net@plain");
  t.server->say("@msgid=m3 :bob!b@h REDACT #c m1 :oops, wrong window");
  live.expect(":bob!b@h REDACT #c m1 :oops, wrong window");
  CHECK_FALSE(plain.hears("REDACT"));
  SECTION("now") {}
  SECTION("after a restart") {
    t.scene.restart();
  }
  const auto hidden = [](const std::vector<std::string>& lines) {
    return std::ranges::none_of(lines, [](const auto& line) { return line.contains("secret"); });
  };
  Actor full = t.scene.attach("ann/net@full", fmt::format("{} soju.im/search", kFull));
  const auto lines = t.history(full);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with(":another word"));
  CHECK((lines[1].contains("msgid=m3") && lines[1].ends_with("REDACT #c m1 :oops, wrong window")));
  full.say("SEARCH text=word");
  full.expect("soju.im/search");
  const auto found = full.until("BATCH -");
  CHECK(found.size() == 2);
  CHECK(hidden(found));
  Actor plain_pager = t.scene.attach("ann/net@pager", "draft/chathistory batch");
  CHECK(hidden(t.history(plain_pager)));
  Actor old = t.scene.attach("ann/net@old");
  CHECK(hidden(old.until("another word")));
  Web web(t.scene);
  const std::string body = web.get("/api/history?network=net&target=%23c", web.login("ann")).body;
  CHECK_FALSE(body.contains("secret"));
  CHECK(body.contains("REDACT #c m1"));
}

TEST_CASE("the text of what was taken back is in no file an hour later, nor in a stream that reads on") {
  Tagged t(GENERATE(1U, 2U));
  Web web(t.scene);
  const std::string headers = web.login("ann");
  const std::string head = web.get("/api/me", headers).json()["head"].get<std::string>();
  const bool stored = GENERATE(false, true);
  t.server->say("@msgid=m1;+draft/reply=xyzzy :bob!b@h PRIVMSG #c :a xyzzy word");
  t.server->say("@msgid=m2 :bob!b@h PRIVMSG #c :another word");
  t.server->ping();
  if (stored) t.scene.drain();
  t.server->say("@msgid=m3 :bob!b@h REDACT #c m1");
  t.server->ping();
  // While the journal's ring has it still, and from the database.
  const auto stream_on = [&] {
    halley::dialogue::Browser stream = web.stream(fmt::format("/api/events?after={}", head), headers);
    return stream.until("ready");
  };
  const auto check = [](const std::vector<nlohmann::json>& frames) {
    REQUIRE(frames.size() > 3);
    const std::string line = frames[0].value("line", "");
    CHECK((line.contains("msgid=m1 ") && line.ends_with(" :bob!b@h PRIVMSG #c :")));
    CHECK(frames[1].value("prev", "") == frames[0].value("id", "?"));
    CHECK(frames[1].value("line", "").ends_with("another word"));
    CHECK(frames[2].value("line", "").ends_with("REDACT #c m1"));
  };
  check(stream_on());
  const auto gone = [&] {
    if (t.scene.store().figures().removing) return false;
    for (const auto& entry : std::filesystem::directory_iterator(t.scene.directory)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      if (bytes.contains("xyzzy")) return false;
    }
    return true;
  };
  CHECK_FALSE(gone());
  web.drop();
  t.scene.restart();
  web.restart();
  check(stream_on());
  t.server.emplace(register_with(t.scene, "message-tags batch draft/message-redaction"));
  t.server->say("@msgid=m1;time=2020-01-01T00:00:00.000Z :bob!b@h PRIVMSG #c :a xyzzy word");  // once more
  t.server->ping();
  halley::storage::Change forget = halley::storage::ForgetErased{};  // as each hour
  t.scene.store().commit({forget}, nullptr);
  CHECK(t.scene.turn_until(gone));
  Actor full = t.scene.attach("ann/net@full", kFull);
  CHECK(t.history(full).size() == 2);
}

TEST_CASE("nothing is taken back in another buffer than the one that is named") {
  Tagged t;
  t.scene.join(*t.server, "#d");
  t.server->say("@msgid=m1 :bob!b@h PRIVMSG #c :stays");
  t.server->say("@msgid=m2 :eve!e@h REDACT #d m1 :not mine");
  t.server->say("@msgid=m3 :eve!e@h REDACT #nowhere m1 :nor there");
  t.server->ping();
  Actor full = t.scene.attach("ann/net@full", kFull);
  CHECK(t.history(full).at(0).ends_with(":stays"));
}

TEST_CASE("REDACT goes to a network that knows it, and is offered there alone") {
  SECTION("it does") {
    Tagged t;
    Actor client = t.scene.attach("ann/net", kFull);
    client.say("REDACT #c m1 :wrong window");
    CHECK(t.server->expect("REDACT").ends_with("REDACT #c m1 :wrong window"));
  }
  SECTION("it does not") {
    Scene scene;
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    Actor server = register_with(scene, "message-tags");
    Actor client = scene.attach("ann/net", "message-tags");
    client.say("CAP REQ :draft/message-redaction");
    client.expect(" NAK :draft/message-redaction");
  }
}
