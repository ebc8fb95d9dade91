// Lines as the programs write them, and what becomes of them.
#include "tests/unit/transfer/transfer_bench.h"

using namespace halley;
using namespace halley::transfer;
using tests::read_as;
using tests::Zone;

namespace {

// Each line behind the other, in one log of the channel #comet.
struct Case {
  const char* text;
  const char* read;
};

void check(LogDate date, const std::vector<Case>& cases, const LogPlace& place = {"#comet", "kit"}) {
  const Zone zone("UTC0");
  LocalTime local;
  TextLog log(local, date);
  for (const Case& one : cases) {
    INFO(one.text);
    CHECK(read_as(log, one.text, place) == one.read);
  }
}

constexpr LogDate kDay{2024, 1, 31};

}  // namespace

TEST_CASE("logs of ZNC and soju") {
  check(kDay,
        {{"[12:34:56] <ann> hello there", "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :hello there"},
         {"[12:34:57] <kit> <b> not a nick", "2024-01-31T12:34:57.000Z :kit PRIVMSG #comet :<b> not a nick"},
         {"[12:34:56] -ann- a notice", "2024-01-31T12:34:56.000Z :ann NOTICE #comet :a notice"},
         {"[12:34:56] * ann waves",
          "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :\x01"
          "ACTION waves\x01"},
         {"[12:34:56] *** Joins: ann (a@host.example)",
          "2024-01-31T12:34:56.000Z :ann!a@host.example JOIN #comet"},
         {"[12:34:56] *** Parts: ann (a@h) (see you)",
          "2024-01-31T12:34:56.000Z :ann!a@h PART #comet :see you"},
         {"[12:34:56] *** Parts: ann (a@h) ()", "2024-01-31T12:34:56.000Z :ann!a@h PART #comet"},
         {"[12:34:56] *** Quits: ann (a@h) (Ping timeout: (240))",
          "2024-01-31T12:34:56.000Z :ann!a@h QUIT :Ping timeout: (240)"},
         {"[12:34:56] *** ann is now known as anna", "2024-01-31T12:34:56.000Z :ann NICK anna"},
         {"[12:34:56] *** ann sets mode: +o bob", "2024-01-31T12:34:56.000Z :ann MODE #comet +o bob"},
         {"[12:34:56] *** ann changes topic to 'it's new'",
          "2024-01-31T12:34:56.000Z :ann TOPIC #comet :it's new"},
         {"[12:34:56] *** bob was kicked by ann (no)", "2024-01-31T12:34:56.000Z :ann KICK #comet bob :no"},
         {"[12:34:56] Connected to IRC (irc.example.org +6697)", "mark"},
         {"[12:34:56] *** something new", "mark"},
         {"", "mark"},
         {"what is this", "unknown"},
         {"[99:34:56] <ann> hi", "unknown"},
         {"[12:34:56] <ann>", "unknown"}});
}

TEST_CASE("logs of irssi") {
  check({},
        {{"12:34 <ann> too early", "no date"},
         {"--- Log opened Wed Jan 31 23:58:01 2024", "mark"},
         {"23:59 < ann> hello", "2024-01-31T23:59:00.000Z :ann PRIVMSG #comet :hello"},
         {"23:59 <@ann> as an operator", "2024-01-31T23:59:00.000Z :ann PRIVMSG #comet :as an operator"},
         {"23:59:30  * ann waves",
          "2024-01-31T23:59:30.000Z :ann PRIVMSG #comet :\x01"
          "ACTION waves\x01"},
         {"23:59 -ann:#comet- a notice", "2024-01-31T23:59:00.000Z :ann NOTICE #comet :a notice"},
         {"23:59 -!- ann [a@h] has joined #comet", "2024-01-31T23:59:00.000Z :ann!a@h JOIN #comet"},
         {"--- Day changed Thu Feb 01 2024", "mark"},
         {"00:01 -!- ann [a@h] has left #comet [bye]", "2024-02-01T00:01:00.000Z :ann!a@h PART #comet :bye"},
         {"00:01 -!- ann [a@h] has quit [Quit: away]", "2024-02-01T00:01:00.000Z :ann!a@h QUIT :Quit: away"},
         {"00:01 -!- ann is now known as anna", "2024-02-01T00:01:00.000Z :ann NICK anna"},
         {"00:01 -!- mode/#comet [+o ann] by bob", "2024-02-01T00:01:00.000Z :bob MODE #comet +o ann"},
         {"00:01 -!- ann changed the topic of #comet to: new",
          "2024-02-01T00:01:00.000Z :ann TOPIC #comet :new"},
         {"00:01 -!- bob was kicked from #comet by ann [no]",
          "2024-02-01T00:01:00.000Z :ann KICK #comet bob :no"},
         {"00:01 -!- Irssi: #comet: Total of 3 nicks", "mark"},
         {"--- Log closed Thu Feb 01 00:02:00 2024", "mark"}});
}

TEST_CASE("logs of WeeChat") {
  check({}, {{"2024-01-31 12:34:56\tann\thello", "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :hello"},
             {"2024-01-31 12:34:56\t@ann\twith\ta tab",
              "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :with\ta tab"},
             {"2024-01-31 12:34:56\t *\tann waves",
              "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :\x01"
              "ACTION waves\x01"},
             {"2024-01-31 12:34:56\t-->\tann (a@h) has joined #comet",
              "2024-01-31T12:34:56.000Z :ann!a@h JOIN #comet"},
             {"2024-01-31 12:34:56\t<--\tann (a@h) has left #comet (bye)",
              "2024-01-31T12:34:56.000Z :ann!a@h PART #comet :bye"},
             {"2024-01-31 12:34:56\t<--\tann (a@h) has quit (gone)",
              "2024-01-31T12:34:56.000Z :ann!a@h QUIT :gone"},
             {"2024-01-31 12:34:56\t<--\tann has kicked bob (no)",
              "2024-01-31T12:34:56.000Z :ann KICK #comet bob :no"},
             {"2024-01-31 12:34:56\t--\tann is now known as anna", "2024-01-31T12:34:56.000Z :ann NICK anna"},
             {"2024-01-31 12:34:56\t--\tMode #comet [+o bob] by ann",
              "2024-01-31T12:34:56.000Z :ann MODE #comet +o bob"},
             {"2024-01-31 12:34:56\t--\tann has changed topic for #comet from \"old\" to \"new\"",
              "2024-01-31T12:34:56.000Z :ann TOPIC #comet :new"},
             {"2024-01-31 12:34:56\t--\tNotice(ann) -> #comet: listen",
              "2024-01-31T12:34:56.000Z :ann NOTICE #comet :listen"},
             {"2024-01-31 12:34:56\t--\tTopic for #comet is \"new\"", "mark"},
             {"2024-01-31 12:34:56\t\tend of list", "mark"}});
}

TEST_CASE("logs of HexChat, whose lines tell no year") {
  check({}, {{"**** BEGIN LOGGING AT Sun Dec 31 23:00:00 2023", "mark"},
             {"Dec 31 23:59:59 <ann>\thello", "2023-12-31T23:59:59.000Z :ann PRIVMSG #comet :hello"},
             {"Jan 01 00:00:01 *\tann waves",
              "2024-01-01T00:00:01.000Z :ann PRIVMSG #comet :\x01"
              "ACTION waves\x01"},
             {"Jan 01 00:00:01 *\tann has left the building",
              "2024-01-01T00:00:01.000Z :ann PRIVMSG #comet :\x01"
              "ACTION has left the building\x01"},
             {"Jan  1 00:00:02 *\tann (a@h) has joined", "2024-01-01T00:00:02.000Z :ann!a@h JOIN #comet"},
             {"Jan 01 00:00:02 *\tann (a@h) has left (bye)",
              "2024-01-01T00:00:02.000Z :ann!a@h PART #comet :bye"},
             {"Jan 01 00:00:02 *\tann has quit (gone)", "2024-01-01T00:00:02.000Z :ann QUIT :gone"},
             {"Jan 01 00:00:02 *\tNow talking on #comet", "mark"},
             {"Jan 01 00:00:03 -ann-\ta notice", "2024-01-01T00:00:03.000Z :ann NOTICE #comet :a notice"},
             {"**** ENDING LOGGING AT Mon Jan  1 00:00:04 2024", "mark"}});
}

TEST_CASE("logs of mIRC") {
  check({},
        {{"Session Start: Wed Jan 31 12:00:00 2024", "mark"},
         {"Session Ident: #comet", "mark"},
         {"[12:34] <@ann> hello", "2024-01-31T12:34:00.000Z :ann PRIVMSG #comet :hello"},
         {"[12:34] * ann (a@h) has joined #comet", "2024-01-31T12:34:00.000Z :ann!a@h JOIN #comet"},
         {"[12:34] * ann (a@h) has left #comet (bye)", "2024-01-31T12:34:00.000Z :ann!a@h PART #comet :bye"},
         {"[12:34] * ann (a@h) Quit (gone)", "2024-01-31T12:34:00.000Z :ann!a@h QUIT :gone"},
         {"[12:34] * ann sets mode: +v bob", "2024-01-31T12:34:00.000Z :ann MODE #comet +v bob"},
         {"[12:34] * bob was kicked by ann (no)", "2024-01-31T12:34:00.000Z :ann KICK #comet bob :no"},
         {"[12:34] * ann changes topic to 'new'", "2024-01-31T12:34:00.000Z :ann TOPIC #comet :new"},
         {"[12:34] * Now talking in #comet", "mark"},
         {"Session Time: Thu Feb 01 00:00:00 2024", "mark"},
         {"[00:05] <ann> later\r", "2024-02-01T00:05:00.000Z :ann PRIVMSG #comet :later"},
         {"Session Close: Thu Feb 01 00:06:00 2024", "mark"}});
}

TEST_CASE("logs of bip and of catgirl") {
  check(
      {},
      {{"31-01-2024 12:34:56 < ann!a@h: hello", "2024-01-31T12:34:56.000Z :ann!a@h PRIVMSG #comet :hello"},
       {"31-01-2024 12:34:56 > other: my own", "2024-01-31T12:34:56.000Z :other PRIVMSG #comet :my own"},
       {"31-01-2024 12:34:56 < * ann!a@h waves",
        "2024-01-31T12:34:56.000Z :ann!a@h PRIVMSG #comet :\x01"
        "ACTION waves\x01"},
       {"31-01-2024 12:34:56 -!- ann!a@h has joined #comet", "2024-01-31T12:34:56.000Z :ann!a@h JOIN #comet"},
       {"31-01-2024 12:34:56 -!- ann!a@h has quit [gone]", "2024-01-31T12:34:56.000Z :ann!a@h QUIT :gone"},
       {"[2024-01-31T12:34:56+0100] <ann> hello", "2024-01-31T11:34:56.000Z :ann PRIVMSG #comet :hello"},
       {"[2024-01-31T12:34:56-0530] * ann waves",
        "2024-01-31T18:04:56.000Z :ann PRIVMSG #comet :\x01"
        "ACTION waves\x01"}});
}

TEST_CASE("times of day are the machine's, in summer and in winter") {
  const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  LocalTime local;
  TextLog winter(local, {2024, 1, 31}), summer(local, {2024, 7, 31});
  CHECK(read_as(winter, "[12:34:56] <ann> hi") == "2024-01-31T11:34:56.000Z :ann PRIVMSG #comet :hi");
  CHECK(read_as(summer, "[12:34:56] <ann> hi") == "2024-07-31T10:34:56.000Z :ann PRIVMSG #comet :hi");
  CHECK(read_as(winter, "[12:34:57] <ann> hi") == "2024-01-31T11:34:57.000Z :ann PRIVMSG #comet :hi");
}

TEST_CASE("in a query each line goes to the one or the other") {
  check(kDay,
        {{"[12:34:56] <ann> hello", "2024-01-31T12:34:56.000Z :ann PRIVMSG kit :hello"},
         {"[12:34:57] <KIT> hello you", "2024-01-31T12:34:57.000Z :KIT PRIVMSG ann :hello you"}},
        {"ann", "kit"});
  check(kDay,
        {{"[12:34:57] <kit> IDENTIFY hunter2",
          "2024-01-31T12:34:57.000Z :kit PRIVMSG NickServ :IDENTIFY ****"}},
        {"NickServ", "kit"});
}

TEST_CASE("whose line it is, what is found by a search, and text of before UTF-8") {
  LineWriter writer;
  const LogPlace channel{"#comet", "kit"}, query{"ann", "kit"};
  auto event = writer.write({.time_ms = 5, .nick = "Kit", .text = "na\xefve caf\xc3\xa9"}, channel);
  REQUIRE(event);
  CHECK(event->flags == (event_flag::kSelf | event_flag::kPast));
  CHECK(event->line.substr(event->text_at) == "na\xc3\xafve caf\xc3\x83\xc2\xa9");
  event = writer.write({.nick = "ann", .text = "caf\xc3\xa9"}, query);
  CHECK(event->flags == (event_flag::kHighlight | event_flag::kPast));
  CHECK(event->line == ":ann PRIVMSG kit :caf\xc3\xa9");
  CHECK(writer.write({.kind = EventKind::kJoin, .nick = "ann"}, channel)->text_at == 0);
  CHECK(writer.write({.nick = "ann", .userhost = "no mask", .text = "x"}, channel)->line ==
        ":ann PRIVMSG #comet :x");
  CHECK_FALSE(writer.write({.nick = "", .text = "x"}, channel));
  CHECK_FALSE(writer.write({.nick = "an n", .text = "x"}, channel));
  CHECK(writer.write({.nick = "ann", .text = std::string(9000, 'x')}, channel)->line.size() ==
        std::string_view(":ann PRIVMSG #comet :").size() + LineWriter::kMaxSaid);
}

TEST_CASE("lines of IRC are kept with their msgid, those that are no talk are not") {
  LineWriter writer;
  const LogPlace place{"#comet", "kit"};
  const auto event =
      writer.write_raw("@time=2024-01-31T12:34:56.789Z;msgid=abc :ann!a@h PRIVMSG #comet hi", 77, place);
  REQUIRE(event);
  CHECK(event->time_ms == 77);
  CHECK(event->line == ":ann!a@h PRIVMSG #comet :hi");
  CHECK(event->msgid == "abc");
  CHECK(event->line.substr(event->text_at) == "hi");
  CHECK(writer.write_raw(":ann!a@h QUIT :gone", 77, place)->line == ":ann!a@h QUIT :gone");
  CHECK_FALSE(writer.write_raw(":ann!a@h PRIVMSG kit :\x01VERSION\x01", 77, place));
  CHECK_FALSE(writer.write_raw(":srv 372 kit :motd", 77, place));
  CHECK_FALSE(writer.write_raw("PRIVMSG #comet :nobody", 77, place));
  CHECK_FALSE(writer.write_raw("", 77, place));
  // Passwords said to a service, whatever one was called then.
  const LogPlace service{"NickServ", "kit"};
  CHECK(writer.write_raw(":kitty!k@h PRIVMSG NickServ :IDENTIFY hunter2", 77, service)->line ==
        ":kitty!k@h PRIVMSG NickServ :IDENTIFY ****");
  CHECK(writer.write({.time_ms = 1, .nick = "kitty", .text = "IDENTIFY hunter2"}, service)
            ->line.find("hunter2") == std::string::npos);
  // Overlong forms and surrogates are no UTF-8.
  CHECK(writer.write_raw(":ann!a@h PRIVMSG #comet :\xe0\x80\x80", 77, place)
            ->line.ends_with(":\xc3\xa0\xc2\x80\xc2\x80"));
}
