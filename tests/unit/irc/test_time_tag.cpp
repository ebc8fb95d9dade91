#include <catch2/catch.hpp>
#include <ctime>
#include <string>

#include "bouncer/irc/time_tag.h"

using namespace halley::irc;

namespace {

std::string written(std::int64_t ms) {
  std::string out = "time=";
  append_time(out, ms);
  return out.substr(5);
}

}  // namespace

TEST_CASE("times are read and written") {
  const auto [text, ms] = GENERATE(table<std::string_view, std::int64_t>({
      {"1970-01-01T00:00:00.000Z", 0},
      {"2011-10-19T16:40:51.620Z", 1319042451620},
      {"2012-06-30T23:59:59.419Z", 1341100799419},
      {"2000-02-29T12:00:00.001Z", 951825600001},
      {"2100-02-28T23:59:59.999Z", 4107542399999},
      {"2100-03-01T00:00:00.000Z", 4107542400000},
      {"2026-12-31T23:59:59.999Z", 1798761599999},
      {"9999-12-31T23:59:59.999Z", 253402300799999},
  }));
  CAPTURE(text);
  CHECK(parse_time(text) == ms);
  CHECK(written(ms) == text);
}

TEST_CASE("fractions have none to nine digits and are cut to milliseconds") {
  CHECK(parse_time("1970-01-01T00:00:01Z") == 1000);
  CHECK(parse_time("1970-01-01T00:00:01.5Z") == 1500);
  CHECK(parse_time("1970-01-01T00:00:01.05Z") == 1050);
  CHECK(parse_time("1970-01-01T00:00:01.0019Z") == 1001);
  CHECK(parse_time("1970-01-01T00:00:01.123456789Z") == 1123);
}

TEST_CASE("a leap second is the first of the next minute") {
  CHECK(parse_time("2016-12-31T23:59:60Z") == parse_time("2017-01-01T00:00:00Z"));
  CHECK(parse_time("2016-12-31T23:59:60.250Z") == parse_time("2017-01-01T00:00:00.250Z"));
  CHECK(parse_time("9999-12-31T23:59:60.250Z") == 253402300799999);
}

TEST_CASE("times before 1970 are times, of which nothing is left but that they are earlier") {
  CHECK(parse_time("1969-12-31T23:59:59.999Z") == 0);
  CHECK(parse_time("1900-02-28T12:00:00Z") == 0);
  CHECK(parse_time("0001-01-01T00:00:00.000Z") == 0);
  CHECK(parse_time("0000-02-29T00:00:00Z") == 0);
}

TEST_CASE("what is no time is refused") {
  const auto text =
      GENERATE(as<std::string_view>{}, "", "Z", "2026", "2026-01-01", "2026-01-01T00:00:00",
               "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z", "2026/01/01T00:00:00Z", "2026-1-1T0:0:0Z",
               "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
               "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
               "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "1969-02-29T00:00:00Z", "-026-01-01T00:00:00Z",
               "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00.1x3Z",
               "2026-01-01T00:00:00.123", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00ZZ",
               "2026-01-01T00:00:00.123Zx", "+2026-01-01T00:00:00Z", "12026-01-01T00:00:00Z");
  CAPTURE(text);
  CHECK(parse_time(text) == std::nullopt);
}

TEST_CASE("times outside the format's years are written as its first and last") {
  CHECK(written(-1) == "1970-01-01T00:00:00.000Z");
  CHECK(written(INT64_MIN) == "1970-01-01T00:00:00.000Z");
  CHECK(written(INT64_MAX) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("every day is written as the C library writes it, and read back") {
  char expected[32];
  for (std::int64_t day = 0; day < 2'932'897; day += 7) {
    const std::int64_t ms = day * 86'400'000 + day % 86'400'000;
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm tm{};
    gmtime_r(&seconds, &tm);
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.", &tm);
    char out[24];
    write_time(out, ms);
    const std::string_view text(out, sizeof out);
    if (text.substr(0, 20) != expected || parse_time(text) != ms) FAIL("day " << day << ": " << text);
  }
}
