#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bouncer/core/network_state.h"
#include "tests/fakes/net/fake_random.h"

using halley::Channel;
using halley::NetworkState;
namespace irc = halley::irc;

namespace {

std::set<std::string> names(const NetworkState& state, const Channel& channel) {
  std::set<std::string> all;
  for (const auto packed : channel.members) {
    std::string name;
    state.append_symbols(name, Channel::prefixes_of(packed), true);
    name += state.members().nick(Channel::member_of(packed));
    all.insert(name);
  }
  return all;
}

void modes(NetworkState& state, Channel& channel, std::initializer_list<std::string_view> params) {
  const std::vector<std::string_view> list(params);
  state.apply_modes(channel, irc::parse_modes(state.isupport(), list));
}

bool is_member(const NetworkState& state, const Channel& channel, std::string_view nick) {
  const halley::MemberId id = state.members().find(nick);
  return id != halley::kNoMember && channel.members.contains(id);
}

}  // namespace

TEST_CASE("names, joins, parts, quits and renames are followed") {
  NetworkState state;
  state.nick = "me";
  Channel& a = state.join("#a");
  Channel& b = state.join("#B");
  for (const char* entry : {"@me", "+bob", "@+carl!c@host", "dora"}) state.name_reply_entry(a, entry);
  for (const char* entry : {"me", "bob"}) state.name_reply_entry(b, entry);
  CHECK(names(state, a) == std::set<std::string>{"@me", "+bob", "@+carl", "dora"});
  CHECK(state.members().size() == 4);
  CHECK(state.find_channel("#b") == &b);
  modes(state, a, {"+o-v", "dora", "bob"});
  CHECK(names(state, a) == std::set<std::string>{"@me", "bob", "@+carl", "@dora"});
  state.rename("BOB", "robert");
  CHECK(is_member(state, b, "Robert"));
  CHECK_FALSE(is_member(state, b, "bob"));
  state.quit("robert");
  CHECK(names(state, b) == std::set<std::string>{"me"});
  state.remove_member(a, "dora");
  CHECK(state.members().size() == 2);  // me and carl
  state.leave("#A");
  CHECK(state.find_channel("#a") == nullptr);
  CHECK(state.members().size() == 1);
  state.rename("me", "I");
  CHECK(state.nick == "I");
}

TEST_CASE("who we are is bounded, whatever the network says") {
  NetworkState state;
  state.set_nick("me");
  state.set_address(std::string(5000, 'u'), std::string(5000, 'h'));
  CHECK(state.user.size() == irc::kMaxUser);
  CHECK(state.host.size() == irc::kMaxHost);
  state.rename("me", std::string(5000, 'n'));
  CHECK(state.nick.size() == irc::kMaxNick);
}

TEST_CASE("simple modes and their arguments are kept") {
  NetworkState state;
  Channel& c = state.join("#c");
  modes(state, c, {"+ntkl", "key", "10"});
  CHECK(c.modes.text() == "+klnt key 10");
  modes(state, c, {"-k+b", "key", "*!*@bad"});
  CHECK(c.modes.text() == "+lnt 10");
}

TEST_CASE("a member shared by channels is stored once, and the bound is kept") {
  NetworkState state;
  for (int c = 0; c < 100; ++c) {
    Channel& channel = state.join(fmt::format("#channel{}", c));
    for (int m = 0; m < 1000; ++m) state.name_reply_entry(channel, fmt::format("member{}", m));
    state.end_of_names(channel);
  }
  CHECK(state.members().size() == 1000);
  CHECK(state.bytes() / 100'000 < 12);
  NetworkState small;
  small.set_bound(20'000);
  Channel& channel = small.join("#big");
  for (int m = 0; m < 10'000; ++m) small.name_reply_entry(channel, fmt::format("member{}", m));
  CHECK(channel.members.size() < 10'000);
  CHECK(small.bytes() < 60'000);
  CHECK(channel.members.size() > 100);
}

TEST_CASE("a change of CASEMAPPING keeps everybody findable") {
  NetworkState state;
  Channel& c = state.join("#x[");
  state.name_reply_entry(c, "nick[1]");
  CHECK(is_member(state, c, "NICK{1}"));
  const std::string_view tokens[] = {"CASEMAPPING=ascii"};
  state.apply_isupport(tokens);
  CHECK_FALSE(is_member(state, c, "NICK{1}"));
  CHECK(is_member(state, c, "NICK[1]"));
  CHECK(state.find_channel("#X[") == &c);
  CHECK(state.find_channel("#x{") == nullptr);
}

TEST_CASE("CASEMAPPING that changes again and again, or above many members, is left out") {
  NetworkState state;
  const auto say = [&](std::string_view token) { state.apply_isupport({&token, 1}); };
  for (int i = 0; i < 4; ++i) {
    say("CASEMAPPING=ascii");
    say("CASEMAPPING=rfc1459");
  }
  say("CASEMAPPING=ascii");
  CHECK(state.casemapping() == irc::CaseMapping::kRfc1459);
  CHECK(state.isupport().value("CASEMAPPING") == "rfc1459");
  state.reset();
  Channel& channel = state.join("#c");
  for (int m = 0; m < 10'001; ++m) state.name_reply_entry(channel, fmt::format("member{}", m));
  const std::string_view both[] = {"CASEMAPPING=ascii", "NETWORK=x"};
  state.apply_isupport(both);
  CHECK(state.casemapping() == irc::CaseMapping::kRfc1459);
  CHECK(state.isupport().value("CASEMAPPING") == "rfc1459");  // as before the reset
  CHECK(state.isupport().value("NETWORK") == "x");
}

TEST_CASE("a change of ISUPPORT touches nobody else's") {
  NetworkState one, other;
  const auto say = [](NetworkState& state, std::string_view token) { state.apply_isupport({&token, 1}); };
  say(one, "NETWORK=x");
  CHECK_FALSE(other.isupport().has("NETWORK"));
  halley::IsupportPool pool;
  one.set_isupport(pool.intern(one.isupport()));
  other.set_isupport(pool.intern(one.isupport()));
  say(one, "NETWORK=y");
  CHECK(other.isupport().value("NETWORK") == "x");
}

// A list that is walked for each name makes this 80,000,000,000 steps: the test would never end.
TEST_CASE("a hundred thousand members, named again and again, each cost the same") {
  constexpr int kMembers = 100'000;
  NetworkState state;
  state.set_hash_key(42);
  Channel& a = state.join("#a");
  Channel& b = state.join("#b");
  std::vector<std::string> nicks;
  for (int m = 0; m < kMembers; ++m) nicks.push_back(fmt::format("member{}", m));
  for (int round = 0; round < 8; ++round) {
    for (const auto& nick : nicks) state.name_reply_entry(a, nick);
    state.end_of_names(a);
  }
  for (auto nick = nicks.rbegin(); nick != nicks.rend(); ++nick) state.name_reply_entry(b, "@" + *nick);
  CHECK(a.members.size() == kMembers);
  CHECK(b.members.size() == kMembers);
  CHECK(state.members().size() == kMembers);
  for (const auto& nick : nicks) modes(state, b, {"-o", nick});
  for (int m = 0; m < kMembers; m += 2) state.quit(nicks[static_cast<std::size_t>(m)]);
  CHECK(a.members.size() == kMembers / 2);
  CHECK(b.members.size() == kMembers / 2);
  CHECK(is_member(state, b, "member1"));
  CHECK_FALSE(is_member(state, b, "member0"));
}

TEST_CASE("what is learnt of members keeps the bound too") {
  NetworkState state;
  Channel& channel = state.join("#c");
  for (int m = 0; m < 1000; ++m) state.name_reply_entry(channel, fmt::format("member{}", m));
  const std::size_t before = state.bytes();
  state.set_bound(before + 10'000);
  const std::string host(255, 'h');
  for (int m = 0; m < 1000; ++m) state.learn({fmt::format("member{}", m), host, host});
  for (int m = 0; m < 1000; ++m)
    state.rename(fmt::format("member{}", m), std::string(100, 'n') + std::to_string(m));
  CHECK(channel.members.size() < 1000);
  CHECK(state.bytes() < 2 * before + 30'000);
}

TEST_CASE("random traffic leaves the same members as a simple model") {
  halley::fakes::FakeRandom random(GENERATE(1U, 2U, 3U));
  NetworkState state;
  std::map<std::string, std::set<std::string>> model;
  const auto nick = [&] { return fmt::format("n{}", random.between(0, 60)); };
  const auto channel = [&] { return fmt::format("#c{}", random.between(0, 5)); };
  for (int step = 0; step < 5000; ++step) {
    const std::string who = nick(), where = channel();
    switch (random.between(0, 5)) {
      case 0:
      case 1:
        if (!state.find_channel(where)) state.join(where), model[where];
        state.add_member(*state.find_channel(where), {who, "u", "h"});
        model[where].insert(who);
        break;
      case 2:
        if (Channel* c = state.find_channel(where)) state.remove_member(*c, who), model[where].erase(who);
        break;
      case 3:
        state.quit(who);
        for (auto& [name, members] : model) members.erase(who);
        break;
      case 4: {
        const std::string to = nick();
        bool taken = to == who;
        for (auto& [name, members] : model) taken = taken || members.contains(to);
        if (taken) break;
        state.rename(who, to);
        for (auto& [name, members] : model) {
          if (members.erase(who) > 0) members.insert(to);
        }
        break;
      }
      default:
        if (random.between(0, 20) == 0) state.leave(where), model.erase(where);
    }
  }
  REQUIRE(state.channels().size() == model.size());
  for (const auto& [name, members] : model) CHECK(names(state, *state.find_channel(name)) == members);
}

TEST_CASE("ISUPPORT that is the same is shared") {
  halley::IsupportPool pool;
  irc::Isupport a, b;
  const std::string_view tokens[] = {"NETWORK=x", "CHANTYPES=#"};
  a.apply(tokens);
  b.apply(tokens);
  const auto first = pool.intern(a);
  CHECK(pool.intern(b) == first);
  CHECK(pool.intern(irc::Isupport{}) != first);
}

TEST_CASE("sixty-four kinds of ISUPPORT are shared; of more each network has its own") {
  halley::IsupportPool pool;
  const auto of = [](int i) {
    const std::string token = "NETWORK=x" + std::to_string(i);
    const std::string_view tokens[] = {token};
    irc::Isupport isupport;
    isupport.apply(tokens);
    return isupport;
  };
  std::vector<std::shared_ptr<const irc::Isupport>> kept;
  for (int i = 0; i < 65; ++i) kept.push_back(pool.intern(of(i)));
  CHECK(pool.intern(of(63)) == kept[63]);
  CHECK(pool.intern(of(64)) != kept[64]);
}
