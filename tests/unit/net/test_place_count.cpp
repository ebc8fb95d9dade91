#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/net/place_count.h"

TEST_CASE("places are counted for each holder and given back") {
  std::vector<std::shared_ptr<void>> kept;
  {
    halley::net::PlaceCount<std::string> places;
    for (int i = 0; i < 3; ++i) kept.push_back(places.take("a", 3));
    CHECK(kept.back());
    CHECK_FALSE(places.take("a", 3));
    CHECK_FALSE(places.take("none", 0));
    CHECK(places.take("b", 1));  // given back at once
    CHECK(places.take("b", 1));
    const auto copy = kept[0];
    kept.erase(kept.begin());
    CHECK_FALSE(places.take("a", 3));  // a copy is left
    CHECK(places.take("a", 4));
  }
  kept.clear();  // outlives the count
}
