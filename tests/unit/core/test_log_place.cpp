#include <catch2/catch.hpp>

#include "bouncer/core/log_place.h"
#include "storage/api/msgid.h"

using namespace halley;
using By = storage::Bound::By;

TEST_CASE("a moment is a day, a minute, a second or a part of one") {
  CHECK(parse_moment("2023-11-14") == 1'699'920'000'000);
  CHECK(parse_moment("2023-11-14T22:13") == 1'699'999'980'000);
  CHECK(parse_moment("2023-11-14 22:13:20Z") == 1'700'000'000'000);
  CHECK(parse_moment("2023-11-14T22:13:20") == 1'700'000'000'000);
  CHECK(parse_moment("2023-11-14T22:13:20.123Z") == 1'700'000'000'123);
  CHECK(parse_moment("2023-11-14 22:13:20.12") == 1'700'000'000'120);
  for (const char* wrong : {"", "yesterday", "2023-11-14T22", "2023-13-14", "2023-11-14T22:13:20.Z"})
    CHECK_FALSE(parse_moment(wrong));
}

TEST_CASE("a place in the log is a time or a msgid, with its word or alone") {
  CHECK(parse_log_place("2023-11-14")->by == By::kTime);
  CHECK(parse_log_place("timestamp=2023-11-14T22:13:20.123Z")->time_ms == 1'700'000'000'123);
  const std::string ours = storage::msgid_of(1'700'000'000'000'007);
  CHECK(parse_log_place(ours)->id == 1'700'000'000'000'007);
  CHECK(parse_log_place("msgid=" + ours)->msgid == ours);
  CHECK(parse_log_place("msgid=any/network~s")->by == By::kMsgid);
  for (const char* wrong : {"", "msgid=", "timestamp=", "timestamp=x", "any/network~s", "*"})
    CHECK_FALSE(parse_log_place(wrong));
}
