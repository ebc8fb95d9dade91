#include <catch2/catch.hpp>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/said_by.h"

using halley::EventKind;
using halley::said_by;
using halley::irc::CaseMapping;

namespace {

constexpr auto kPrivmsg = static_cast<std::uint8_t>(EventKind::kPrivmsg);
constexpr auto kTopic = static_cast<std::uint8_t>(EventKind::kTopic);
constexpr const char* kLine = ":carl[m]!c@h PRIVMSG #c :hello";

}  // namespace

TEST_CASE("who said it is compared as the network compares nicks") {
  const auto rfc = said_by("CARL{M}", CaseMapping::kRfc1459, halley::kMessageKinds);
  CHECK(rfc(kPrivmsg, kLine));
  CHECK_FALSE(said_by("CARL{M}", CaseMapping::kAscii, halley::kMessageKinds)(kPrivmsg, kLine));
  CHECK_FALSE(rfc(kPrivmsg, ":carl!c@h PRIVMSG #c :carl[m]"));
  CHECK_FALSE(rfc(kPrivmsg, ""));
}

TEST_CASE("what is not of the kinds is nobody's, and without a nick all of the kinds is") {
  const auto anybody = said_by("", CaseMapping::kAscii, halley::kMessageKinds);
  CHECK(anybody(kPrivmsg, kLine));
  CHECK_FALSE(anybody(kTopic, ":carl!c@h TOPIC #c :hello"));
  CHECK_FALSE(anybody(200, kLine));
  CHECK(said_by("carl", CaseMapping::kAscii, ~0U)(kTopic, ":Carl!c@h TOPIC #c :hello"));
}
