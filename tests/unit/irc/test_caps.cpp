#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "bouncer/irc/caps.h"

using namespace halley::irc;

TEST_CASE("names and capabilities belong together") {
  for (std::size_t i = 0; i < kCapCount; ++i) {
    const Cap cap = static_cast<Cap>(i);
    CAPTURE(i, name(cap));
    CHECK_FALSE(name(cap).empty());
    CHECK(find_cap(name(cap)) == cap);
  }
  // One of each kind, lest the table and the enumeration slip against one another.
  CHECK(name(Cap::kMessageTags) == "message-tags");
  CHECK(name(Cap::kSasl) == "sasl");
  CHECK(name(Cap::kStandardReplies) == "standard-replies");
  CHECK(name(Cap::kChathistory) == "draft/chathistory");
  CHECK(name(Cap::kReadMarker) == "draft/read-marker");
  CHECK(name(Cap::kPreAway) == "draft/pre-away");
  CHECK(name(Cap::kBouncerNetworksNotify) == "soju.im/bouncer-networks-notify");
  CHECK(name(Cap::kSojuWebpush) == "soju.im/webpush");
  CHECK(name(Cap::kWebpush) == "draft/webpush");
  CHECK(name(Cap::kSelfMessage) == "znc.in/self-message");
  CHECK(name(Cap::kSts) == "sts");
  CHECK(find_cap("SASL") == std::nullopt);
  CHECK(find_cap("") == std::nullopt);
  CHECK(find_cap("example.org/unheard-of") == std::nullopt);
}

TEST_CASE("sets") {
  CapSet set;
  CHECK(set.empty());
  set.add(Cap::kSasl);
  set.add(Cap::kSts);
  CHECK(set.has(Cap::kSasl));
  CHECK_FALSE(set.has(Cap::kBatch));
  CHECK(set == CapSet::of(Cap::kSts, Cap::kSasl));
  set.remove(Cap::kSasl);
  set.remove(Cap::kBatch);
  CHECK(set.bits() == CapSet::of(Cap::kSts).bits());

  const CapSet a = CapSet::of(Cap::kBatch, Cap::kSasl), b = CapSet::of(Cap::kSasl, Cap::kSetname);
  CHECK((a & b) == CapSet::of(Cap::kSasl));
  CHECK((a | b) == CapSet::of(Cap::kBatch, Cap::kSasl, Cap::kSetname));
  CHECK((a - b) == CapSet::of(Cap::kBatch));

  std::vector<Cap> seen;
  (a | b).for_each([&](Cap cap) { seen.push_back(cap); });
  CHECK(seen == std::vector<Cap>{Cap::kBatch, Cap::kSasl, Cap::kSetname});
}

TEST_CASE("the lists of CAP LS, REQ, ACK, NEW and DEL") {
  using Token = std::tuple<std::string, std::string, bool>;
  const auto tokens = [](std::string_view list) {
    std::vector<Token> seen;
    for_each_cap(list, [&](std::string_view cap, std::string_view value, bool minus) {
      seen.emplace_back(std::string(cap), std::string(value), minus);
    });
    return seen;
  };
  CHECK(tokens("multi-prefix sasl=PLAIN,EXTERNAL sts=duration=1,port=6697") ==
        std::vector<Token>{{"multi-prefix", "", false},
                           {"sasl", "PLAIN,EXTERNAL", false},
                           {"sts", "duration=1,port=6697", false}});
  CHECK(tokens("-echo-message  away-notify ") ==
        std::vector<Token>{{"echo-message", "", true}, {"away-notify", "", false}});
  CHECK(tokens("- = -=x x=") == std::vector<Token>{{"x", "", false}});
  CHECK(tokens("").empty());
  CHECK(tokens("   ").empty());
}
