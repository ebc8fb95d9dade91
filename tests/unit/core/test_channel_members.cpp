#include <catch2/catch.hpp>
#include <map>

#include "bouncer/core/channel_members.h"
#include "tests/fakes/net/fake_random.h"

using halley::ChannelMembers;

TEST_CASE("channel members are what a map would hold, whatever comes and goes") {
  halley::fakes::FakeRandom random(GENERATE(1U, 2U, 3U));
  ChannelMembers members(static_cast<std::uint32_t>(random.next()));
  std::map<std::uint32_t, std::uint8_t> model;
  const std::size_t most = GENERATE(3U, 40U, 3000U);
  for (int step = 0; step < 20'000; ++step) {
    const auto id = static_cast<std::uint32_t>(random.between(0, most));
    const auto prefixes = static_cast<std::uint8_t>(random.between(0, 255));
    // Grows for a while, then shrinks, and so on.
    if (random.between(0, 9) < (step / 4000 % 2 == 0 ? 7U : 3U)) {
      CHECK(members.put(id, prefixes) == !model.contains(id));
      model[id] = prefixes;
    } else {
      CHECK(members.erase(id) == (model.erase(id) > 0));
    }
    CHECK(members.size() == model.size());
    CHECK(members.contains(id) == model.contains(id));
  }
  std::map<std::uint32_t, std::uint8_t> seen;
  for (const std::uint32_t packed : members)
    seen.emplace(packed & 0xFFFFFF, static_cast<std::uint8_t>(packed >> 24));
  CHECK(seen == model);
  for (const auto& [id, prefixes] : model) CHECK(members.prefixes(id) == prefixes);
}

TEST_CASE("channel members take at most seven bytes each, and give back what they no longer need") {
  ChannelMembers members;
  CHECK(members.bytes() == 0);
  CHECK(members.begin() == members.end());
  CHECK_FALSE(members.erase(1));
  for (std::uint32_t id = 0; id < 5000; ++id) {
    members.put(id, 0);
    if (id > 100) CHECK(members.bytes() <= 7 * members.size());
  }
  for (std::uint32_t id = 5; id < 5000; ++id) members.erase(id);
  CHECK(members.size() == 5);
  CHECK(members.bytes() <= 128);
}

TEST_CASE("members are visited in pieces, each once, whatever comes and goes between the pieces") {
  halley::fakes::FakeRandom random(GENERATE(1U, 2U, 3U, 4U));
  const std::size_t most = GENERATE(1U, 30U, 4000U), piece = GENERATE(1U, 7U, 300U);
  ChannelMembers members(static_cast<std::uint32_t>(random.next()));
  std::map<std::uint32_t, int> stayed;  // members all the while, and how often they were visited
  for (std::size_t i = 0; i < most; ++i) {
    const auto id = static_cast<std::uint32_t>(random.between(0, 2 * most));
    members.put(id, 0);
    stayed[id] = 0;
  }
  ChannelMembers::HashPlace place = ChannelMembers::kBegin;
  std::size_t pieces = 0;
  while (place != ChannelMembers::kEnd) {
    const ChannelMembers::HashPlace from = place;
    place = members.visit(from, piece, [&](std::uint32_t packed) {
      CHECK(members.contains(packed & 0xFFFFFF));
      CHECK_FALSE(members.is_before(packed & 0xFFFFFF, from));
      const auto known = stayed.find(packed & 0xFFFFFF);
      if (known != stayed.end()) ++known->second;
    });
    REQUIRE(place > from);
    ++pieces;
    // Grows and shrinks by much.
    const bool grows = random.between(0, 1) == 0;
    for (std::size_t i = random.between(0, most / 4 + 1); i > 0; --i) {
      const auto id = static_cast<std::uint32_t>(random.between(0, 8 * most));
      if (grows) {
        if (!members.contains(id)) members.put(id, 0);
      } else if (members.erase(id)) {
        stayed.erase(id);
      }
    }
  }
  CHECK(pieces >= 1);
  for (const auto& [id, visits] : stayed) CHECK(visits == 1);
}
