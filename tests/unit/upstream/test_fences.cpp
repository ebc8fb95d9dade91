// What fences say of questions that are never answered, or answered late.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/upstream/question_kinds.h"
#include "bouncer/upstream/requests.h"

using namespace halley;
using irc::CaseMapping;

namespace {

constexpr ClientId kCarl = 3, kDora = 4;

struct Fenced {
  Requests requests;
  std::uint64_t now = 1'000'000;
  Fenced() { requests.now(now); }
  std::string ask(ClientId who, std::string_view line, bool labels = false, bool relayed = false) {
    return requests.sent(AskedBy(who, static_cast<AnswerId>(who)), *irc::parse(line), labels, 0, relayed);
  }
  void pass(std::uint64_t ms) { requests.now(now += ms); }
  // A fence goes, and comes back.
  void fence() { REQUIRE(requests.fence_back(requests.next_fence())); }
  ClientId gets(std::string_view line) {
    const auto message = *irc::parse(line);
    const auto labelled = requests.labelled(message);
    return (labelled ? *labelled : requests.route(message, CaseMapping::kAscii)).asker;
  }
  std::uint64_t due_in(bool held = false) const {
    const std::uint64_t due = requests.fence_due(held, [](const AskedBy&) { return true; });
    return due == Requests::kNever || due <= now ? (due == Requests::kNever ? due : 0) : due - now;
  }
  std::uint64_t held_for(ClientId who, std::string_view line) const {
    const std::uint64_t until = requests.held_until(who, *irc::parse(line), CaseMapping::kAscii);
    return until == 0 ? 0 : until - now;
  }
  std::size_t over() { return requests.take_over().size(); }
};

}  // namespace

TEST_CASE("a fence behind a question says that the network has swallowed it") {
  Fenced link;
  link.ask(kCarl, "WHO #d");
  CHECK(link.due_in() == Requests::kOverdueMs);
  link.fence();
  CHECK(link.over() == 1);
  CHECK(link.due_in() == Requests::kNever);
  link.ask(kDora, "WHO #d");
  CHECK(link.gets(":s 352 me #d u h s bob H :0 B") == kDora);
  CHECK(link.gets(":s 315 me #d :End") == kDora);
  SECTION("not of what was asked behind it") {
    const std::string fence = link.requests.next_fence();
    link.ask(kCarl, "WHO #d");
    CHECK(link.requests.fence_back(fence));
    CHECK(link.gets(":s 315 me #d :End") == kCarl);
  }
  SECTION("nor of an answer that has begun, as a long LIST, until it has been silent for a minute") {
    link.ask(kCarl, "LIST");
    CHECK(link.gets(":s 321 me Channel :Users") == kCarl);
    for (int i = 0; i < 3; ++i) {
      link.pass(Requests::kSilentMs - 1);
      CHECK(link.due_in() == 1);
      link.fence();
      CHECK(link.gets(":s 322 me #x 1 :t") == kCarl);
    }
    link.pass(Requests::kSilentMs);
    CHECK(link.over() == 1);
    link.fence();
    CHECK(link.over() == 1);
    link.ask(kDora, "LIST");
    CHECK(link.gets(":s 322 me #x 1 :t") == kDora);
  }
  SECTION("nor of another server's answer, or of any behind a bouncer") {
    const bool relayed = GENERATE(true, false);
    (void)link.over();
    link.ask(kCarl, relayed ? "WHOIS bob" : "WHOIS bob bob", false, relayed);
    link.pass(Requests::kSilentMs - 1);
    link.fence();
    CHECK(link.over() == 0);
    link.pass(1);
    CHECK(link.due_in() == 0);
    link.fence();
    CHECK(link.over() == 1);
  }
}

TEST_CASE("a labelled answer that never ends is over after a minute of silence") {
  Fenced link;
  const std::string label = link.ask(kCarl, "WHO #d", true);
  SECTION("one that has begun") {
    CHECK(link.gets(fmt::format("@label={} :s BATCH +x labeled-response", label)) == kCarl);
    CHECK(link.gets("@batch=x :s BATCH +y inner") == kCarl);
    link.pass(Requests::kSilentMs - 1);
    CHECK(link.gets("@batch=y :s 352 me #d u h s bob H :0 B") == kCarl);
  }
  SECTION("one that never came") {}
  link.pass(Requests::kSilentMs - 1);
  link.fence();
  CHECK(link.over() == 0);
  link.pass(1);
  CHECK(link.due_in() == 0);
  link.fence();
  CHECK(link.over() == 1);
  CHECK(link.gets("@batch=x :s 352 me #d u h s bob H :0 B") == kNobody);
  CHECK_FALSE(link.requests.any());
}

TEST_CASE("a question waits a while for another's that would be given its answer") {
  Fenced link;
  link.ask(kCarl, "WHO #d");
  CHECK(link.held_for(kCarl, "WHO #e") == 0);
  CHECK(link.held_for(kDora, "WHOIS carl") == 0);
  CHECK(link.held_for(kDora, "WHO #e") == Requests::kLongestHoldMs);
  SECTION("until that is answered") {
    CHECK(link.gets(":s 315 me #d :End") == kCarl);
    CHECK(link.held_for(kDora, "WHO #e") == 0);
  }
  SECTION("until its answer has begun") {
    CHECK(link.gets(":s 352 me #d u h s bob H :0 B") == kCarl);
    CHECK(link.held_for(kDora, "WHO #e") == 0);
  }
  SECTION("until a fence stands behind it") {
    (void)link.requests.next_fence();
    CHECK(link.held_for(kDora, "WHO #e") == 0);
  }
  SECTION("no longer than ten seconds") {
    link.pass(Requests::kLongestHoldMs);
    CHECK(link.held_for(kDora, "WHO #e") == 0);
  }
  SECTION("unless their replies tell them apart") {
    link.ask(kCarl, "MODE #d b");
    CHECK(link.held_for(kDora, "MODE #e b") == 0);
    CHECK(link.held_for(kDora, "MODE #D b") > 0);
  }
}

TEST_CASE("one fence is on its way, and one that was lost is followed by others, ever more rarely") {
  Fenced link;
  link.ask(kCarl, "FROB");
  CHECK(link.due_in() == 0);
  const std::string lost = link.requests.next_fence();
  for (std::uint64_t wait = Requests::kFenceLostMs; wait <= 32 * Requests::kFenceLostMs; wait *= 2) {
    CHECK(link.due_in() == wait);
    link.pass(wait);
    CHECK(link.due_in() == 0);
    (void)link.requests.next_fence();
  }
  CHECK(link.due_in() == 32 * Requests::kFenceLostMs);
  CHECK(link.requests.fence_back(lost));  // ours, but what it says of is unknown by now
  CHECK(link.over() == 0);
  link.fence();
  CHECK(link.over() == 1);
  link.ask(kCarl, "FROB");
  (void)link.requests.next_fence();
  CHECK(link.due_in() == Requests::kFenceLostMs);
}

TEST_CASE("Halley's own questions ask for no fence of their own, unless somebody's waits for them") {
  Fenced link;
  link.ask(kNobody, "WHO #d");
  CHECK(link.due_in() == Requests::kSilentMs);
  CHECK(link.due_in(true) == Requests::kOverdueMs);
}

TEST_CASE("for a new question an AWAY is forgotten last") {
  Fenced link;
  link.ask(kCarl, "AWAY :gone");
  const auto away = link.requests.newest();
  for (std::size_t i = 1; i < 2 * Requests::kMostQuestions; ++i) link.ask(kCarl, "WHOIS bob");
  CHECK(link.requests.waits_for(away));
  CHECK(link.requests.count(kCarl) == Requests::kMostQuestions);
  for (std::size_t i = 0; i < Requests::kMostQuestions; ++i) link.ask(kCarl, "AWAY :again");
  CHECK_FALSE(link.requests.waits_for(away));
}
