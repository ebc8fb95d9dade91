// Members of channels and pages of history that are long: told in turns, whole and right, whatever happens
// meanwhile, and at a bounded cost for who does not read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Scene;
using halley::dialogue::Web;

namespace {

constexpr const char* kBig = "#big";

std::string nick_of(std::size_t i) {
  return fmt::format("member{}", i);
}

// Ann joins a channel with so many others.
void join_big(Actor& server, std::size_t members, std::string_view channel = kBig) {
  server.say(fmt::format(":ann!ann@host.test JOIN {}", channel));
  std::string names = "@ann";
  for (std::size_t i = 0; i < members; ++i) {
    (names += ' ') += nick_of(i);
    if (names.size() < 400 && i + 1 < members) continue;
    server.say(fmt::format(":srv 353 ann = {} :{}", channel, names));
    names.clear();
  }
  server.say(fmt::format(":srv 366 ann {} :End of /NAMES list", channel));
  server.ping();
}

halley::fakes::PipeOptions wide_pipe() {
  halley::fakes::PipeOptions options;
  options.capacity = options.max_chunk = std::size_t{16} << 20;
  options.split_reads = false;
  return options;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) found.emplace_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return found;
}

// What a client makes of the lines: one that adds to its list as they come, and one that gathers the lines of
// RPL_NAMREPLY and takes them for the list at its end. Both are about.
struct Picture {
  std::set<std::string> growing, gathered;
  std::optional<std::set<std::string>> list;
  std::size_t lists = 0;

  void both(const auto& change) {
    change(growing);
    change(gathered);
  }
  void hear(std::string_view line) {
    if (line.starts_with('@')) line.remove_prefix(line.find(' ') + 1);
    const auto m = halley::irc::parse(line);
    if (!m) return;
    const std::string who(halley::irc::parse_prefix(m->source).nick), first(m->param(0));
    if (m->command == "353" && m->param(2) == kBig) {
      if (!list) list.emplace();
      for (std::string name : words(m->param(3))) {
        name.erase(0, std::min(name.find_first_not_of("@+"), name.size()));
        list->insert(name);
        growing.insert(name);
      }
    } else if (m->command == "366" && m->param(1) == kBig) {
      ++lists;
      if (list) gathered = std::move(*list);
      list.reset();
    } else if (m->command == "JOIN" && first == kBig) {
      both([&](auto& names) {
        if (who == "ann") names.clear();
        names.insert(who);
      });
    } else if ((m->command == "PART" && first == kBig) || m->command == "QUIT") {
      both([&](auto& names) { names.erase(who); });
    } else if (m->command == "KICK" && first == kBig) {
      both([&](auto& names) { names.erase(std::string(m->param(1))); });
    } else if (m->command == "NICK") {
      both([&](auto& names) {
        if (names.erase(who) > 0) names.insert(first);
      });
    }
  }
};

// The network's side: people come, go, and take each other's nicks.
class Bustle {
 public:
  Bustle(Actor& server, std::size_t members, std::uint64_t seed) : server_(server), random_(seed) {
    for (std::size_t i = 0; i < members; ++i) here_.insert(nick_of(i));
  }
  void step() {
    const std::string who = anybody();
    switch (random_.between(0, 5)) {
      case 0:
        leave(who, fmt::format(":{}!u@h QUIT :bye", who));
        break;
      case 1:
        leave(who, fmt::format(":{}!u@h PART {}", who, kBig));
        break;
      case 2:
        leave(who, fmt::format(":ann!ann@host.test KICK {} {} :out", kBig, who));
        break;
      case 3: {
        // A nick that is free, most often one that somebody here had.
        const std::string free = free_nick();
        leave(who, fmt::format(":{}!u@h NICK {}", who, free));
        come(free);
        break;
      }
      default: {
        const std::string free = free_nick();
        server_.say(fmt::format(":{}!u@h JOIN {}", free, kBig));
        come(free);
      }
    }
  }
  const std::set<std::string>& here() const { return here_; }

 private:
  std::string anybody() {
    auto at = here_.lower_bound(nick_of(random_.between(0, 9999)));
    return at == here_.end() ? *here_.begin() : *at;
  }
  std::string free_nick() {
    if (!gone_.empty() && random_.between(0, 3) > 0) {
      const std::string nick =
          *std::next(gone_.begin(), static_cast<long>(random_.between(0, gone_.size() - 1)));
      return nick;
    }
    return fmt::format("fresh{}", ++fresh_);
  }
  void leave(const std::string& nick, std::string_view line) {
    server_.say(line);
    here_.erase(nick);
    gone_.insert(nick);
  }
  void come(const std::string& nick) {
    here_.insert(nick);
    gone_.erase(nick);
  }

  Actor& server_;
  halley::fakes::FakeRandom random_;
  std::set<std::string> here_, gone_;
  std::size_t fresh_ = 0;
};

void check(const Picture& picture, std::set<std::string> truth) {
  truth.insert("ann");
  CHECK(picture.growing == truth);
  CHECK(picture.gathered == truth);
}

// Until it is done, in rounds in which the store comes to its answers.
template <typename Done>
bool in_rounds(Scene& scene, Done&& done) {
  for (int round = 0; round < 500; ++round) {
    if (done()) return true;
    scene.drain();
  }
  return false;
}

// One turn; where nothing is ready, when the store has answered.
void turn(Scene& scene) {
  if (!scene.loop.run_turn()) scene.loop.wait_posted();
}

constexpr std::size_t kMembers = 9000;  // more than is told at once

}  // namespace

TEST_CASE("who is in a long channel is told right, whatever happens while the list is on its way") {
  const auto seed = GENERATE(1U, 2U, 3U);
  Attached t(seed);
  join_big(*t.server, kMembers);
  Bustle bustle(*t.server, kMembers, seed);
  Actor client = t.scene.connect_client();
  Picture picture;
  const auto hear = [&] {
    for (const std::string& line : client.peer().take_lines()) picture.hear(line);
  };
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client.say(line);
  const bool again = GENERATE(false, true);  // by NAMES, when it is there
  if (again) {
    in_rounds(t.scene, [&] {
      hear();
      return picture.lists == 1;
    });
    client.say(fmt::format("NAMES {}", kBig));
  }
  std::size_t rounds = 0;
  REQUIRE(in_rounds(t.scene, [&] {
    for (int i = 0; i < 200; ++i) {
      bustle.step();
      t.scene.loop.run_turn();
      if (i == 100 && rounds % 3 == 0) client.peer().pause();
      if (i == 150) client.peer().resume();
      hear();
    }
    return ++rounds > 10 && picture.lists >= (again ? 2U : 1U);
  }));
  t.server->ping();
  for (const std::string& line : client.ping()) picture.hear(line);
  check(picture, bustle.here());
  CHECK(t.scene.user("ann").networks()[0]->state().find_channel(kBig)->members.size() ==
        bustle.here().size() + 1);
}

TEST_CASE("a browser is told right, too, on every transport that stays") {
  const auto seed = GENERATE(4U, 5U);
  Attached t(seed);
  Web web(t.scene);
  join_big(*t.server, kMembers);
  Bustle bustle(*t.server, kMembers, seed);
  Browser stream =
      web.stream(GENERATE(as<std::string>{}, "/api/events?transport=ndjson", "/api/events?transport=sse"),
                 web.login("ann"));
  Picture picture;
  std::size_t rounds = 0;
  REQUIRE(in_rounds(t.scene, [&] {
    for (int i = 0; i < 200; ++i) {
      bustle.step();
      t.scene.loop.run_turn();
    }
    for (const auto& frame : stream.frames()) picture.hear(frame.value("line", ""));
    return ++rounds > 10 && picture.lists >= 1;
  }));
  t.bob("the end");
  for (const auto& frame : stream.until("the end")) picture.hear(frame.value("line", ""));
  check(picture, bustle.here());
}

TEST_CASE("a poll's first answer has all of a long channel") {
  Attached t;
  Web web(t.scene);
  join_big(*t.server, kMembers);
  Picture picture;
  const auto reply = web.get("/api/events?transport=poll", web.login("ann"));
  for (const auto& frame : reply.json()) picture.hear(frame.value("line", ""));
  Bustle bustle(*t.server, kMembers, 1);
  check(picture, bustle.here());
}

TEST_CASE("a list of any length is told in pieces, one in a turn of the loop") {
  Attached t;
  constexpr std::size_t kMany = 40'000;
  join_big(*t.server, kMany);
  constexpr std::size_t kMostOfTurn = 64 * 1024;
  Actor one = t.scene.connect_client(wide_pipe()), two = t.scene.connect_client(wide_pipe());
  Picture pictures[2];
  std::size_t received = 0, most = 0;
  for (Actor* client : {&one, &two})
    for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client->say(line);
  for (int i = 0; i < 10'000 && (pictures[0].lists == 0 || pictures[1].lists == 0); ++i) {
    turn(t.scene);
    received = 0;
    int which = 0;
    for (Actor* client : {&one, &two}) {
      for (const std::string& line : client->peer().take_lines()) {
        received += line.size() + 2;
        pictures[which].hear(line);
      }
      ++which;
    }
    most = std::max(most, received);
  }
  CHECK(most < kMostOfTurn);
  for (const Picture& picture : pictures) CHECK(picture.gathered.size() == kMany + 1);
}

TEST_CASE("a client that does not read has little of a long list made for it") {
  Attached t;
  join_big(*t.server, 80'000);
  Actor client = t.scene.connect_client();
  client.peer().pause();
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client.say(line);
  for (int i = 0; i < 20; ++i) t.scene.loop.run_turns();
  CHECK(t.scene.bouncer().downstream_queued() < 512 * 1024);
  // So much happens meanwhile that the list is made anew.
  Bustle bustle(*t.server, 80'000, 1);
  for (int i = 0; i < 20'000; ++i) {
    bustle.step();
    if (i % 100 == 0) t.scene.loop.run_turns();
  }
  t.server->ping();
  CHECK(t.scene.bouncer().downstream_queued() < 512 * 1024);
  Picture picture;
  client.peer().resume();
  REQUIRE(in_rounds(t.scene, [&] {
    for (const std::string& line : client.peer().take_lines()) picture.hear(line);
    return picture.lists >= 1;
  }));
  for (int i = 0; i < 3; ++i)
    for (const std::string& line : client.ping()) picture.hear(line);
  check(picture, bustle.here());
}

TEST_CASE("a channel that is renamed while its members are told is told whole under its new name") {
  Attached t;
  constexpr std::size_t kMany = 40'000;
  join_big(*t.server, kMany);
  Actor client = t.scene.connect_client(wide_pipe());
  client.peer().pause();
  if (GENERATE(false, true)) client.say("CAP REQ :draft/channel-rename");
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  for (int i = 0; i < 20; ++i) t.scene.loop.run_turns();
  t.server->say(fmt::format(":ann!ann@host.test RENAME {} #huge :it has grown", kBig));
  t.server->say(":late!u@h JOIN #huge");
  t.server->ping();
  client.peer().resume();
  std::set<std::string> members;
  bool ended = false;
  REQUIRE(in_rounds(t.scene, [&] {
    for (const std::string& line : client.peer().take_lines()) {
      const auto m = halley::irc::parse(line);
      if (m && m->command == "353" && m->param(2) == "#huge")
        for (const std::string& name : words(m->param(3))) members.insert(name);
      if (line.contains("JOIN #huge")) members.insert(std::string(halley::irc::parse_prefix(m->source).nick));
      ended = ended || line.contains(" 366 ann #huge ");
    }
    return ended && members.contains("late");
  }));
  members.erase("ann");  // who joined, and is there as an operator
  members.erase("@ann");
  CHECK(members.size() == kMany + 1);
}

TEST_CASE("a browser that is told the members of several long channels is told each once") {
  Attached t;
  Web web(t.scene);
  Browser stream = web.stream("/api/events?transport=ndjson", web.login("ann"), wide_pipe());
  stream.until("\"ready\"");
  join_big(*t.server, kMembers);
  join_big(*t.server, kMembers, "#wide");
  join_big(*t.server, kMembers, "#third");
  t.bob("the end");
  std::map<std::string, int> ends;
  REQUIRE(in_rounds(t.scene, [&] {
    for (const auto& frame : stream.frames()) {
      const std::string line = frame.value("line", "");
      const auto m = halley::irc::parse(line);
      if (m && m->command == "366") ++ends[std::string(m->param(1))];
    }
    return ends.size() == 3;
  }));
  CHECK(ends == std::map<std::string, int>{{kBig, 1}, {"#third", 1}, {"#wide", 1}});
}

TEST_CASE("polls that are told very many members are answered one after the other") {
  Attached t;
  Web web(t.scene);
  constexpr std::size_t kMany = 80'000, kPolls = 24;
  join_big(*t.server, kMany);
  const std::string login = web.login("ann");
  std::vector<Browser> polls;
  for (std::size_t i = 0; i < kPolls; ++i) {
    polls.push_back(web.connect(wide_pipe()));
    polls.back().send(Web::format("GET", "/api/events?transport=poll", login));
  }
  std::size_t most = 0;
  for (int idle = 0; idle < 4;) {
    if (t.scene.loop.run_turn()) {
      idle = 0;
    } else {
      t.scene.advance(500);
      ++idle;
    }
    std::size_t unread = 0;
    for (const halley::Client* client : t.scene.user("ann").clients()) {
      unread += client->queued();
      if (client->telling()) idle = 0;
    }
    most = std::max(most, unread);
  }
  CHECK(most > std::size_t{16} << 20);  // else nothing was tried
  CHECK(most < std::size_t{18} << 20);
  for (Browser& poll : polls) {
    const std::string body = poll.reply().body;
    CHECK(body.contains(" 366 ann #big "));
    CHECK(body.contains(nick_of(kMany - 1)));
  }
}

TEST_CASE("pages of history come in pieces, and what nobody reads is bounded") {
  Attached t;
  for (int i = 0; i < 1000; ++i) {
    t.bob(fmt::format("line {:03} {}", i, std::string(400, 'x')));
    if (i % 100 == 0) t.server->ping();
  }
  t.server->ping();
  Actor client = t.scene.connect_client(wide_pipe());
  client.say("CAP REQ :draft/chathistory batch");
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  client.expect(" 422 ");
  client.ping();
  client.say("CHATHISTORY LATEST #c * 1000");
  std::vector<std::string> lines;
  std::size_t most = 0;
  for (int i = 0; i < 10'000 && (lines.empty() || !lines.back().contains("BATCH -")); ++i) {
    turn(t.scene);
    std::size_t received = 0;
    for (std::string& line : client.peer().take_lines()) {
      received += line.size() + 2;
      lines.push_back(std::move(line));
    }
    most = std::max(most, received);
  }
  CHECK(most < 64 * 1024);
  CHECK(lines.size() == 1002);
  CHECK(lines.front().contains("BATCH +"));
  CHECK(std::ranges::is_sorted(lines.begin() + 1, lines.end() - 1, {},
                               [](const std::string& line) { return line.substr(line.find("line ")); }));
  // None of these reads.
  std::vector<Actor> unread;
  for (int i = 0; i < 30; ++i) {
    unread.push_back(t.scene.attach("ann/net", "draft/chathistory batch"));
    unread.back().ping();
    unread.back().peer().pause();
    for (int question = 0; question < 6; ++question) unread.back().say("CHATHISTORY LATEST #c * 1000");
    t.scene.loop.run_turns();
    t.scene.drain();
  }
  for (int i = 0; i < 20; ++i) {
    t.scene.loop.run_turns();
    t.scene.drain();
  }
  CHECK(t.scene.bouncer().downstream_queued() < 30 * 320 * 1024);
  CHECK(t.scene.bouncer().held_pages() <= std::size_t{16} << 20);
  // They are answered, or told why not.
  unread.front().peer().resume();
  for (int i = 0; i < 4; ++i) unread.front().expect("BATCH -");  // as many as were asked while there was room
  unread.back().peer().resume();
  unread.back().expect("FAIL CHATHISTORY MESSAGE_ERROR");
}

TEST_CASE("a netsplit of 7,000 members and their return cost each turn what one read holds") {
  Attached t;
  constexpr std::size_t kSplit = 7000, kMostLinesOfTurn = 64 * 1024 / 20;
  join_big(*t.server, kSplit);
  Actor client = t.scene.connect_client(wide_pipe());
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client.say(line);
  Picture picture;
  REQUIRE(in_rounds(t.scene, [&] {
    for (const std::string& line : client.peer().take_lines()) picture.hear(line);
    return picture.lists == 1;
  }));
  std::size_t most = 0, heard = 0;
  const auto hear = [&](std::size_t lines) {
    while (heard < lines) {
      REQUIRE(t.scene.loop.run_turn());
      const auto of_turn = client.peer().take_lines();
      for (const std::string& line : of_turn) picture.hear(line);
      most = std::max(most, of_turn.size());
      heard += of_turn.size();
    }
  };
  for (std::size_t i = 0; i < kSplit; ++i)
    t.server->say(fmt::format(":{}!u@h QUIT :a.net b.net", nick_of(i)));
  hear(kSplit);
  CHECK(picture.growing == std::set<std::string>{"ann"});
  for (std::size_t i = 0; i < kSplit; ++i) t.server->say(fmt::format(":{}!u@h JOIN {}", nick_of(i), kBig));
  hear(2 * kSplit);
  CHECK(picture.growing.size() == kSplit + 1);
  CHECK(most <= kMostLinesOfTurn);
}
