// Addresses, delays, questions and downgrades: the small pure parts of the bouncer.
#include <catch2/catch.hpp>

#include "bouncer/backoff.h"
#include "bouncer/downgrade.h"
#include "bouncer/event_ids.h"
#include "bouncer/network_url.h"
#include "bouncer/requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_random.h"

using namespace halley;
using irc::Cap;
using irc::CapSet;

TEST_CASE("network addresses") {
  struct Row { const char* url; const char* host; unsigned port; bool tls; };
  for (const Row& row : {Row{"ircs://irc.libera.chat", "irc.libera.chat", 6697, true}, Row{"irc://localhost:7000", "localhost", 7000, false},
                         Row{"ircs://[::1]:6698/", "::1", 6698, true}, Row{"irc://[2001:db8::1]", "2001:db8::1", 6667, false}}) {
    const auto parsed = parse_network_url(row.url);
    REQUIRE(parsed);
    CHECK(parsed->host == row.host);
    CHECK(parsed->port == row.port);
    CHECK(parsed->tls == row.tls);
  }
  for (const char* bad : {"", "irc.libera.chat", "http://x", "ircs://", "irc://x:", "irc://x:0", "irc://x:65536", "irc://x:12a", "irc://[::1", "irc://a b", "irc://u@h"}) {
    const auto parsed = parse_network_url(bad);
    INFO(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find(bad) != std::string::npos);
    CHECK(parsed.error().find("ircs://host") != std::string::npos);
  }
  CHECK(split_urls(" a , ,b") == std::vector<std::string_view>{"a", "b"});
}

TEST_CASE("delays double with jitter, and hosts are paced") {
  fakes::FakeRandom random;
  Backoff backoff(random, 2, 16);
  for (const std::uint64_t span : {2U, 4U, 8U, 16U, 16U}) {
    const std::uint64_t delay = backoff.next_ms();
    CHECK(delay >= span * 500);
    CHECK(delay <= span * 1000);
  }
  backoff.reset();
  CHECK(backoff.next_ms() <= 2000);
  fakes::FakeClock clock;
  Pacer pacer(clock, 1.5);
  CHECK(pacer.take("a") == 0);
  CHECK(pacer.take("a") == 1500);
  CHECK(pacer.take("b") == 0);
  clock.advance_ms(2000);
  CHECK(pacer.take("a") == 1000);
}

TEST_CASE("event ids only grow, whatever the clock does") {
  fakes::FakeClock clock(1, 1'000'000);
  EventIds ids(clock, 500, 7);
  CHECK(ids.next() == 1'000'000);
  CHECK(ids.next() == 1'000'001);
  clock.set_wall_us(10);
  CHECK(ids.next() == 1'000'002);
  clock.set_wall_us(2'000'000);
  CHECK(ids.next() == 2'000'000);
  EventIds after(clock, 9'000'000, 7);
  CHECK(after.next() == 9'000'001);
  CHECK(after.next_buffer() == 8);
}

TEST_CASE("answers find their askers") {
  // Only the addresses matter here.
  int a = 0, b = 0;
  auto* one = reinterpret_cast<Client*>(&a);
  auto* two = reinterpret_cast<Client*>(&b);
  Requests requests;
  requests.sent(one, "WHOIS", 0);
  requests.sent(two, "whois", 0);
  requests.sent(one, "PRIVMSG", 0);
  CHECK(requests.asker("311", 0) == one);
  CHECK(requests.asker("318", 0) == one);
  CHECK(requests.asker("401", 0) == two);  // no such nick; the end follows
  CHECK(requests.asker("318", 0) == two);
  CHECK(requests.asker("311", 0) == nullptr);
  requests.sent(one, "LIST", 0);
  requests.forget(one);
  CHECK(requests.asker("322", 0) == nullptr);
  requests.sent(two, "LIST", 0);
  CHECK(requests.asker("323", 0) == nullptr);  // the first question's end
  CHECK(requests.asker("323", 0) == two);
  requests.sent(one, "WHO", 0);
  CHECK(requests.asker("352", 100'000) == nullptr);  // forgotten after a minute
}

TEST_CASE("lines are made fit for the client that gets them") {
  storage::Event event;
  event.id = 1'700'000'000'000'000;
  event.time_ms = 1'700'000'000'123;
  event.kind = static_cast<std::uint8_t>(Kind::kPrivmsg);
  event.tags = "account=bob;+x=y";
  event.msgid = "abc";
  event.line = ":bob!b@h PRIVMSG #c :hi there";
  event.text_at = 21;
  const auto line = [&](CapSet caps, bool live = true, std::string_view batch = {}) {
    std::string out;
    append_event(out, {event, 0, nullptr, live}, LineStyle::of(caps), "ann", batch);
    return out;
  };
  CHECK(line({}) == ":bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line(CapSet::of(Cap::kServerTime)) == "@time=2023-11-14T22:13:20.123Z :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line(CapSet::of(Cap::kServerTime, Cap::kMessageTags), true, "h1") ==
        "@batch=h1;time=2023-11-14T22:13:20.123Z;msgid=abc;account=bob;+x=y :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line(CapSet::of(Cap::kAccountTag)) == "@account=bob :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line({}, false) == ":bob!b@h PRIVMSG #c :[2023-11-14 22:13:20] hi there\r\n");
  event.line = ":bob!b@h PRIVMSG #c :\x01" "ACTION waves\x01";
  CHECK(line({}, false) == ":bob!b@h PRIVMSG #c :\x01" "ACTION [2023-11-14 22:13:20] waves\x01\r\n");
  event.flags = event_flag::kSelf;
  event.line = ":ann!a@h PRIVMSG bob :psst";
  event.text_at = 22;
  CHECK(line({}) == ":bob NOTICE ann :(you said) psst\r\n");
  CHECK(line(CapSet::of(Cap::kSelfMessage)) == ":ann!a@h PRIVMSG bob :psst\r\n");
  event.flags = 0;
  event.kind = static_cast<std::uint8_t>(Kind::kJoin);
  event.line = ":bob!b@h JOIN #c bobacc :Bob B";
  event.text_at = 0;
  CHECK(line({}) == ":bob!b@h JOIN #c\r\n");
  CHECK(line(CapSet::of(Cap::kExtendedJoin)) == ":bob!b@h JOIN #c bobacc :Bob B\r\n");
}

TEST_CASE("lines without a row are passed to those who understand them") {
  CHECK(understands({}, "311"));
  CHECK_FALSE(understands({}, "AWAY"));
  CHECK(understands(CapSet::of(Cap::kAwayNotify), "AWAY"));
  std::string out;
  append_passed(out, "@+typing=active;time=2023-11-14T22:13:20.000Z :b!b@h TAGMSG #c", CapSet::of(Cap::kMessageTags), 0);
  CHECK(out == "@+typing=active :b!b@h TAGMSG #c\r\n");
  out.clear();
  append_passed(out, ":srv 311 a b", CapSet::of(Cap::kServerTime), 1'700'000'000'000);
  CHECK(out == "@time=2023-11-14T22:13:20.000Z :srv 311 a b\r\n");
}
