#include <catch2/catch.hpp>
#include <string>

#include "bouncer/core/device_visits.h"

using halley::ClientSource;
using halley::DeviceVisits;
using halley::storage::StateRow;

TEST_CASE("of a device's visits the place it came from and when it left are read") {
  const std::vector<StateRow> rows{
      {.user = 1, .device = 3, .kind = 20, .key = "", .value = "1000\t192.0.2.7\tirc TLS\t"},
      {.user = 1, .device = 3, .kind = 20, .key = "left", .value = "2000"},
      {.user = 1, .device = 4, .kind = 20, .key = "left", .value = "3000"},
      {.user = 1, .device = 5, .kind = 20, .key = "", .value = "4000\t::1\tsse\tGamja/1.0 (x)"},
      {.user = 1, .device = 6, .kind = 20, .key = "", .value = "what a later version wrote"}};
  const auto visits = DeviceVisits::read(rows);
  REQUIRE(visits.size() == 4);
  CHECK(visits.at(3).came_ms == 1000);
  CHECK(visits.at(3).left_ms == 2000);
  CHECK(visits.at(3).source.address == "192.0.2.7");
  CHECK(visits.at(3).source.transport == "irc TLS");
  CHECK(visits.at(3).source.software.empty());
  CHECK(visits.at(4).left_ms == 3000);
  CHECK(visits.at(5).source.software == "Gamja/1.0 (x)");
  CHECK(visits.at(6).came_ms == 0);
}
