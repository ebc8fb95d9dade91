#include <catch2/catch.hpp>
#include <string>

#include "bouncer/downstream/playback.h"

using halley::MaskList;
using halley::irc::CaseMapping;

namespace {

bool fits(std::string_view masks, std::string_view name) {
  return MaskList(CaseMapping::kRfc1459, masks).fits(name);
}

}  // namespace

TEST_CASE("masks of stars and question marks, and names") {
  CHECK(fits("*", "#any"));
  CHECK(fits("*", ""));
  CHECK(fits("#a*", "#A"));
  CHECK(fits("#a*", "#abc"));
  CHECK_FALSE(fits("#a*", "#b"));
  CHECK(fits("#?[", "#x{"));
  CHECK_FALSE(fits("#?", "#"));
  CHECK_FALSE(fits("#?", "#xy"));
  CHECK(fits("*b*d", "abcd"));
  CHECK(fits("*b**d*", "xbyydz"));
  CHECK_FALSE(fits("*b*d", "abcde"));
  CHECK(fits("*?", "a"));
  CHECK_FALSE(fits("*?", ""));
  CHECK(fits("*ab", "aab"));
  CHECK(fits("carl,#a*", "#abc"));
  CHECK(fits("carl,#a*", "CARL"));
  CHECK_FALSE(fits("carl", "carla"));
  CHECK_FALSE(fits("", "carl"));
  const std::string longest = std::string(63, 'x') + "*";
  CHECK(fits(longest, std::string(100, 'X')));
  CHECK_FALSE(fits(longest, std::string(62, 'x')));
  CHECK(fits(std::string(64, '?'), std::string(64, 'x')));
  CHECK_FALSE(fits("*" + std::string(64, 'x'), std::string(70, 'x')));  // longer: a name
}

TEST_CASE("what is compared with masks has a bound, and a name costs what it is long") {
  // A mask that would be tried again from each place of each name.
  std::string mask;
  while (mask.size() < 60) mask += "*aaaaa";
  MaskList list(CaseMapping::kAscii, mask + "b");
  const std::string name(200, 'a');
  const std::size_t names = MaskList::kMostComparedBytes / name.size();
  for (std::size_t i = 0; i < names; ++i) REQUIRE_FALSE(list.fits(name));
  CHECK_FALSE(list.exhausted());
  for (int i = 0; i < 2; ++i) CHECK_FALSE(list.fits(name));
  CHECK(list.exhausted());
  CHECK_FALSE(list.fits(name + "b"));
}
