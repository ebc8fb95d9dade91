// A client: what it is shown, and who is in its channels, in order with what happens.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

namespace {

// Leaves to Client what that does by itself, and writes down the lines that it is told.
class PlainClient final : public Client {
 public:
  using Client::follow;
  using Client::forget_telling;
  using Client::go_on_telling;

  void deliver(const Delivery& delivery) override { heard.emplace_back(delivery.event.line); }
  void caught_up() override { go_on_telling(); }
  bool wants_more() const override { return true; }
  std::size_t queued() const override { return 0; }
  void pass(const Network&, std::string_view line) override { heard.emplace_back(line); }
  void pass_own(std::string_view line) override { heard.emplace_back(line); }
  void network_changed(const Network&, bool) override {}
  void room() override {}
  void end(std::string_view) override {}
  DeviceId device() const override { return 1; }
  std::string description() const override { return "plain"; }
  bool takes_more_names() const override { return takes; }

  std::vector<std::string> take() { return std::exchange(heard, {}); }
  std::vector<std::string> heard;
  bool takes = true;
};

struct Scene : CoreBench {
  // A channel of ours whose members are known: we, and so many others.
  Channel& channel(std::string_view name, int others = 1) {
    Channel& channel = net().state().join(name);
    net().state().name_reply_entry(channel, "ann");
    for (int i = 0; i < others; ++i)
      net().state().name_reply_entry(channel, "@nick_" + std::to_string(1000 + i));
    net().state().end_of_names(channel);
    return channel;
  }
  void follow(View view = View::one(1)) {
    client->attach(user, std::move(view));
    client->follow(user.head());
    client->take();
  }
  std::unique_ptr<PlainClient> client = std::make_unique<PlainClient>();
};

// The places of the lines with this part.
std::vector<std::size_t> places(const Lines& lines, std::string_view part) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find(part) != std::string::npos) found.push_back(i);
  return found;
}

constexpr int kLong = 6000;  // members: too many for one turn of the loop

}  // namespace

TEST_CASE("a client is shown one network, several, all or none, and nothing once it is detached") {
  Scene scene;
  for (const NetworkId id : {2U, 3U}) scene.add_network(id, "net" + std::to_string(id));
  const auto heard = [&](View view) {
    scene.follow(std::move(view));
    for (const NetworkId id : {1U, 2U, 3U}) {
      scene.user.pass(scene.net(id), "PASSED " + std::to_string(id));
      scene.say("LOGGED " + std::to_string(id), id);
    }
    return scene.client->take();
  };
  CHECK(heard(View::none()).empty());
  CHECK(heard(View::one(2)) == Lines{"PASSED 2", "LOGGED 2"});
  CHECK(heard(View::several({3, 1})) == Lines{"PASSED 1", "LOGGED 1", "PASSED 3", "LOGGED 3"});
  CHECK(heard(View::all()).size() == 6);
  CHECK(scene.user.clients().size() == 1);
  scene.client->detach();
  scene.user.pass(scene.net(), "PASSED");
  scene.say("LOGGED");
  CHECK(scene.client->heard.empty());
  CHECK(scene.client->user() == nullptr);
  CHECK(scene.client->bound_network() == nullptr);
}

TEST_CASE("a channel that is complete is told with its topic and its members; who asks, with these alone") {
  Scene scene;
  scene.follow();
  Channel& channel = scene.channel("#c");
  channel.topic = "tails";
  scene.user.channel_complete(scene.net(), channel);
  const Lines told = scene.client->take();
  REQUIRE(told.size() == 3);
  CHECK_THAT(told[0], Catch::EndsWith(" 332 ann #c :tails"));
  CHECK_THAT(told[1], Catch::Contains(" 353 ann = #c :") && Catch::Contains("@nick_1000"));
  CHECK_THAT(told[2], Catch::Contains(" 366 ann #c "));
  scene.client->channel_names(scene.net(), channel);
  CHECK(scene.client->take() == Lines{told[1], told[2]});
}

TEST_CASE("members are told to a client once it is live") {
  Scene scene;
  Channel& channel = scene.channel("#c");
  scene.client->attach(scene.user, View::one(1));
  scene.user.channel_complete(scene.net(), channel);
  scene.loop.run_turns();
  CHECK(scene.client->heard.empty());
  CHECK(scene.client->telling());
  scene.client->follow(scene.user.head());
  scene.loop.run_turns();
  CHECK(places(scene.client->take(), " 366 ").size() == 1);
  CHECK_FALSE(scene.client->telling());
}

TEST_CASE("what happens while a long list is told comes behind it, each once") {
  Scene scene;
  scene.follow();
  scene.user.channel_complete(scene.net(), scene.channel("#long", kLong));
  scene.say("before it begins");
  scene.loop.run_turn();
  CHECK(scene.client->telling());
  scene.say("while it is told");
  scene.loop.run_turns();
  scene.say("behind it");
  const Lines told = scene.client->take();
  const auto end = places(told, " 366 ann #long ");
  REQUIRE(end.size() == 1);
  CHECK(places(told, " 353 ann = #long :").size() > 100);
  CHECK(places(told, "before it begins") == std::vector<std::size_t>{0});
  CHECK(places(told, "while it is told") == std::vector<std::size_t>{end[0] + 1});
  CHECK(places(told, "behind it") == std::vector<std::size_t>{end[0] + 2});
  CHECK(told.size() == end[0] + 3);
}

TEST_CASE("a list waits while the peer takes nothing") {
  Scene scene;
  scene.follow();
  scene.client->takes = false;
  scene.user.channel_complete(scene.net(), scene.channel("#c"));
  scene.loop.run_turns();
  CHECK(scene.client->heard.empty());
  scene.say("it goes on following");
  CHECK(scene.client->take() == Lines{"it goes on following"});
  scene.client->takes = true;
  scene.client->go_on_telling();
  scene.loop.run_turns();
  CHECK(places(scene.client->take(), " 366 ").size() == 1);
}

TEST_CASE("of thousands of channels that wait each is told once, in order") {
  constexpr int kMany = 3000;
  Scene scene;
  scene.follow();
  scene.client->takes = false;
  const auto name = [](int i) { return "#c" + std::to_string(10000 + i); };
  for (int i = 0; i < kMany; ++i) scene.channel(name(i), 0);
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < kMany; ++i)
      scene.client->channel_complete(scene.net(), *scene.net().state().find_channel(name(i)));
  scene.client->forget_telling(scene.net(), name(7));
  scene.client->takes = true;
  scene.client->go_on_telling();
  scene.loop.run_turns();
  const Lines told = scene.client->take();
  std::size_t at = 0;
  for (int i = 0; i < kMany; ++i) {
    if (i % 500 != 7) continue;
    const auto ends = places(told, " 366 ann " + name(i) + " ");
    REQUIRE(ends.size() == (i == 7 ? 0U : 1U));
    if (i == 7) continue;
    CHECK(ends[0] > at);
    at = ends[0];
  }
  CHECK(places(told, " 366 ").size() == kMany - 1);
}

TEST_CASE("nothing more is told of a channel that is not shown any more, nor to a client that has gone") {
  Scene scene;
  scene.follow();
  scene.client->takes = false;
  scene.user.channel_complete(scene.net(), scene.channel("#a"));
  scene.user.channel_complete(scene.net(), scene.channel("#b", kLong));
  scene.client->forget_telling(scene.net(), "#a");
  scene.client->takes = true;
  scene.client->go_on_telling();
  SECTION("it is forgotten") {
    scene.loop.run_turns();
    const Lines told = scene.client->take();
    CHECK(places(told, "#a").empty());
    CHECK(places(told, " 366 ann #b ").size() == 1);
  }
  SECTION("it goes before its turn") {
    scene.client.reset();
    scene.loop.run_turns();
    CHECK(scene.user.clients().empty());
  }
}

TEST_CASE("a channel of another name is left and joined; one that is only spelt otherwise is not") {
  Scene scene;
  scene.follow();
  scene.channel("#old");
  Channel* renamed = scene.net().state().rename_channel("#old", "#new");
  REQUIRE(renamed);
  scene.user.channel_renamed(scene.net(), *renamed, "#old", ":op!o@h RENAME #old #new :better so");
  const Lines told = scene.client->take();
  REQUIRE(told.size() == 4);
  CHECK(told[0] == ":ann!u@h PART #old :better so");
  CHECK_THAT(told[1], Catch::StartsWith(":ann!u@h JOIN #new"));
  CHECK_THAT(told[2], Catch::Contains(" 353 ann = #new :"));
  CHECK_THAT(told[3], Catch::Contains(" 366 ann #new "));
  renamed = scene.net().state().rename_channel("#new", "#NEW");
  REQUIRE(renamed);
  scene.user.channel_renamed(scene.net(), *renamed, "#new", ":op!o@h RENAME #new #NEW :louder");
  CHECK(scene.client->take().empty());
}
