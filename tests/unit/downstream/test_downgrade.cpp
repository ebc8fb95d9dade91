// Lines as clients with fewer capabilities get them.
#include <catch2/catch.hpp>

#include "bouncer/downstream/downgrade.h"

using namespace halley;
using irc::Cap;
using irc::CapSet;

TEST_CASE("lines are made fit for the client that gets them") {
  storage::Event event;
  event.id = 1'700'000'000'000'000;
  event.time_ms = 1'700'000'000'123;
  event.kind = static_cast<std::uint8_t>(EventKind::kPrivmsg);
  event.tags = "account=bob;+x=y";
  event.msgid = "abc";
  event.line = ":bob!b@h PRIVMSG #c :hi there";
  event.text_at = 21;
  const auto line = [&](CapSet caps, bool live = true, std::string_view batch = {}) {
    std::string out;
    append_event(out, {.event = event, .prev = 0, .network = nullptr, .live = live}, LineStyle::of(caps),
                 "ann", {.batch = batch});
    return out;
  };
  CHECK(line({}) == ":bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line(CapSet::of(Cap::kServerTime)) ==
        "@time=2023-11-14T22:13:20.123Z :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(
      line(CapSet::of(Cap::kServerTime, Cap::kMessageTags), true, "h1") ==
      "@batch=h1;time=2023-11-14T22:13:20.123Z;msgid=abc;account=bob;+x=y :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line(CapSet::of(Cap::kAccountTag)) == "@account=bob :bob!b@h PRIVMSG #c :hi there\r\n");
  CHECK(line({}, false) == ":bob!b@h PRIVMSG #c :[2023-11-14 22:13:20] hi there\r\n");
  event.line =
      ":bob!b@h PRIVMSG #c :\x01"
      "ACTION waves\x01";
  CHECK(line({}, false) ==
        ":bob!b@h PRIVMSG #c :\x01"
        "ACTION [2023-11-14 22:13:20] waves\x01\r\n");
  event.flags = event_flag::kSelf;
  event.line = ":ann!a@h PRIVMSG bob :psst";
  event.text_at = 22;
  CHECK(line({}) == ":bob NOTICE ann :(you said) psst\r\n");
  CHECK(line(CapSet::of(Cap::kSelfMessage)) == ":ann!a@h PRIVMSG bob :psst\r\n");
  event.flags = 0;
  event.kind = static_cast<std::uint8_t>(EventKind::kJoin);
  event.line = ":bob!b@h JOIN #c bobacc :Bob B";
  event.text_at = 0;
  CHECK(line({}) == ":bob!b@h JOIN #c\r\n");
  CHECK(line(CapSet::of(Cap::kExtendedJoin)) == ":bob!b@h JOIN #c bobacc :Bob B\r\n");
}

TEST_CASE("joins are whole, and notes to oneself are what they are") {
  storage::Event event;
  event.kind = static_cast<std::uint8_t>(EventKind::kJoin);
  event.line = ":bob!b@h JOIN #c";
  const auto line = [&](CapSet caps) {
    std::string out;
    append_event(out, {.event = event, .prev = 0, .network = nullptr, .live = true}, LineStyle::of(caps),
                 "ann");
    return out;
  };
  CHECK(line(CapSet::of(Cap::kExtendedJoin)) == ":bob!b@h JOIN #c * :bob\r\n");
  event.tags = "account=bobacc";
  CHECK(line(CapSet::of(Cap::kExtendedJoin)) == ":bob!b@h JOIN #c bobacc :bob\r\n");
  event.kind = static_cast<std::uint8_t>(EventKind::kPrivmsg);
  event.flags = event_flag::kSelf;
  event.tags = {};
  event.line = ":ann!a@h PRIVMSG ann :note";
  event.text_at = 22;
  CHECK(line({}) == ":ann!a@h PRIVMSG ann :note\r\n");
}

TEST_CASE("prefixes are one for a client without multi-prefix") {
  std::string out;
  append_passed(out, ":s 352 ann #c u h s bob H*@+ :0 Bob B", {}, 0);
  append_passed(out, ":s 353 ann = #c :@+bob +carl dave", {}, 0);
  append_passed(out, ":s 353 ann = #c :@+bob", CapSet::of(Cap::kMultiPrefix), 0);
  CHECK(out ==
        ":s 352 ann #c u h s bob H*@ :0 Bob B\r\n:s 353 ann = #c :@bob +carl dave\r\n"
        ":s 353 ann = #c :@+bob\r\n");
}

TEST_CASE("lines without a row are passed to those who understand them") {
  CHECK(understands({}, "311"));
  CHECK_FALSE(understands({}, "AWAY"));
  CHECK(understands(CapSet::of(Cap::kAwayNotify), "AWAY"));
  std::string out;
  append_passed(out, "@+typing=active;time=2023-11-14T22:13:20.000Z :b!b@h TAGMSG #c",
                CapSet::of(Cap::kMessageTags), 0);
  CHECK(out == "@+typing=active :b!b@h TAGMSG #c\r\n");
  out.clear();
  append_passed(out, ":srv 311 a b", CapSet::of(Cap::kServerTime), 1'700'000'000'000);
  CHECK(out == "@time=2023-11-14T22:13:20.000Z :srv 311 a b\r\n");
}

TEST_CASE("each kind of event is shown to those who take it") {
  CHECK(takes({}, kind_row(EventKind::kPrivmsg)));
  CHECK(takes({}, kind_row(EventKind::kJoin)));
  CHECK_FALSE(takes({}, kind_row(EventKind::kTagmsg), true));
  CHECK(takes(CapSet::of(Cap::kMessageTags), kind_row(EventKind::kTagmsg)));
  CHECK_FALSE(takes({}, kind_row(EventKind::kRedact)));
  CHECK(takes(CapSet::of(Cap::kMessageRedaction), kind_row(EventKind::kRedact)));
  CHECK_FALSE(takes(CapSet::of(Cap::kMessageRedaction), kind_row(EventKind::kRedacted)));
  // Others' invitations are for who asks; one's own reach all.
  CHECK_FALSE(takes({}, kind_row(EventKind::kInvite)));
  CHECK(takes({}, kind_row(EventKind::kInvite), true));
  CHECK(takes(CapSet::of(Cap::kInviteNotify), kind_row(EventKind::kInvite)));
  CHECK(takes({}, kind_row(EventKind{99})));  // of a version to come
  CHECK_FALSE(kind_row(EventKind{99}).replayed);
}
