// What one user's network or clients say in a flood is handled in pieces of a turn of the loop, fairly over
// users.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/core/user_turns.h"
#include "tests/dialogue/scene.h"

using namespace halley;
using namespace halley::dialogue;

namespace {

constexpr std::size_t kLines = 6'000;

std::string flood(std::string_view line) {
  std::string all;
  for (std::size_t i = 0; i < kLines; ++i) (all += line) += "\r\n";
  return all;
}

// Users, each with a network that all read at once what is there, and a client.
struct Neighbours {
  explicit Neighbours(std::vector<std::string> names) : users(std::move(names)) {
    for (const std::string& name : users) {
      scene.add_user(name);
      scene.add_network(name, "net");
      servers.push_back(scene.register_network(name));
      clients.push_back(scene.attach(name));
      heads.push_back(scene.user(name).head());
    }
  }
  // Of all users, with the clock standing still: ids go one by one.
  EventId newest() {
    EventId id = 0;
    for (const std::string& name : users) id = std::max(id, scene.user(name).head());
    return id;
  }
  bool has_heard(std::size_t user) { return scene.user(users[user]).head() != heads[user]; }
  Scene scene;
  std::vector<std::string> users;
  std::vector<Actor> servers, clients;
  std::vector<EventId> heads;
};

}  // namespace

TEST_CASE(
    "however many networks flood, a turn of the loop has a bound, and a quiet user's line does not wait") {
  Neighbours all({"ann", "bea", "cat", "dan", "eva"});
  const std::string line = ":x!x@x PRIVMSG #c :" + std::string(60, 'x');
  const std::size_t cost = (line.size() + 64) * 17 / 16;
  const std::size_t most = UserTurns::kMostInput / cost + 1 + 4 * (UserTurns::kMostUnasked / cost + 1);
  for (std::size_t i = 1; i < all.servers.size(); ++i) all.servers[i].peer().send(flood(line));
  all.servers[0].peer().send_line(":x!x@x PRIVMSG ann :psst");
  // The first id is the time.
  const EventId begin = std::max(all.newest(), static_cast<EventId>(all.scene.clock.wall_us()) - 1);
  EventId before = begin, ahead = 0;
  std::size_t worst = 0;
  while (all.scene.loop.run_turn()) {
    const EventId now = all.newest();
    worst = std::max<std::size_t>(worst, now - std::exchange(before, now));
    if (ahead == 0 && all.has_heard(0)) ahead = now - begin;
  }
  CHECK(all.newest() - begin == 4 * kLines + 1);
  CHECK(worst > 0);
  CHECK(worst <= most);
  CHECK(ahead > 0);
  CHECK(ahead < 4 * kLines / 2);
  for (std::size_t i = 1; i < all.clients.size(); ++i) CHECK(all.clients[i].ping().size() >= kLines);
}

TEST_CASE("a client's flood of questions is handled in pieces, and another user's line goes in between") {
  Neighbours all({"ann", "bea"});
  all.clients[1].peer().send(flood("PING :" + std::string(80, 'x')));
  all.servers[0].peer().send_line(":x!x@x PRIVMSG ann :psst");
  std::size_t answered = 0, before = 0;
  while (all.scene.loop.run_turn()) {
    const std::string now = all.clients[1].peer().take();
    answered += static_cast<std::size_t>(std::ranges::count(now, '\n'));
    if (before == 0 && all.has_heard(0)) before = answered + 1;
  }
  CHECK(answered == kLines);
  CHECK(before < kLines / 2);
}

TEST_CASE("whatever clients flood with, and however many, a turn of the loop has a bound") {
  // The last two are answered as what they are: too long, or unknown before the login.
  const auto [line, cost, logged_in] =
      GENERATE(table<std::string, std::size_t, bool>({{"PING x", (6 + 64) * 17 / 16, true},
                                                      {"NICK", (4 + 64) * 17 / 16, true},
                                                      {std::string(9'000, 'x'), (4'608 + 64) * 17 / 16, true},
                                                      {"X", 1 + 64, false}}));
  INFO(line.substr(0, 20));
  Neighbours all({"ann"});
  std::string text;
  for (std::size_t size = 0; size < UserTurns::kMostInput; size += line.size() + 2) (text += line) += "\r\n";
  std::vector<Actor> clients;
  for (int i = 0; i < 8; ++i)
    clients.push_back(logged_in ? all.scene.attach("ann") : all.scene.connect_client());
  for (Actor& client : clients) client.peer().send(text);
  // Answers may arrive some turns later, never earlier.
  const std::size_t most = UserTurns::kMostInput / cost + 1 + 8 * (UserTurns::kMostUnasked / cost + 1);
  std::size_t turns = 0, answered = 0;
  bool bounded = true;
  while (all.scene.loop.run_turn()) {
    ++turns;
    for (Actor& client : clients)
      answered += static_cast<std::size_t>(std::ranges::count(client.peer().take(), '\n'));
    bounded = bounded && answered <= turns * most;
  }
  CHECK(answered > 3 * most);  // else there was nothing to bound
  CHECK(bounded);
}

TEST_CASE("what a client said before it closed is heard, also when others' input came first") {
  Neighbours all({"ann", "bea"});
  all.servers[0].ping();
  Actor leaving = all.scene.attach("ann");
  all.clients[1].peer().send(flood("PING :" + std::string(80, 'x')));
  std::string last;
  for (int i = 0; i < 300; ++i) last += "PING :" + std::string(80, 'x') + "\r\n";
  leaving.peer().send(last + "PRIVMSG #c :famous last words\r\n");
  leaving.close();
  all.servers[0].expect("PRIVMSG #c :famous last words");
}

TEST_CASE("what a network said before its connection broke is heard, also when others' input came first") {
  const int turns = GENERATE(range(1, 12));
  Neighbours all({"ann", "bea"});
  const std::string text = flood(":x!x@x PRIVMSG #c :" + std::string(60, 'x'));
  for (Actor& server : all.servers) server.peer().send(text);
  for (int turn = 0; turn < turns; ++turn) all.scene.loop.run_turn();
  auto& stream = static_cast<fakes::FakeStream&>(all.servers[0].peer().stream());
  const std::size_t read = text.size() - all.servers[0].peer().unsent() - stream.unacknowledged();
  stream.reset("connection reset");
  std::size_t heard = 0;
  for (const std::string& line : all.clients[0].ping()) heard += line.find("PRIVMSG #c") != std::string::npos;
  CHECK(heard == read / (text.size() / kLines));
  CHECK(all.scene.user("ann").networks()[0]->link() == Link::kWaiting);
}
