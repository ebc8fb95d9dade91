// Questions to a network and their askers.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/upstream/question_kinds.h"
#include "bouncer/upstream/requests.h"

using namespace halley;
using irc::CaseMapping;

namespace {

constexpr ClientId kAnn = 1, kBob = 2;

struct Link {
  Requests requests;
  std::string ask(ClientId who, std::string_view line, bool labels = false) {
    return requests.sent(who, *irc::parse(line), labels);
  }
  // What was said: the outbox knows it by that number.
  void say(ClientId who, std::string_view line) { requests.sent(who, *irc::parse(line), false, 7); }
  // Who gets a line: the client's number, 0 for nobody, -1 for all.
  int gets(std::string_view line) {
    const auto message = *irc::parse(line);
    const auto labelled = requests.labelled(message);
    const Requests::Destination route = labelled ? *labelled : requests.route(message, CaseMapping::kRfc1459);
    if (route.to == Requests::Destination::To::kAll) return -1;
    return route.to == Requests::Destination::To::kAsker ? static_cast<int>(route.asker) : 0;
  }
  bool wants_fence(std::uint64_t now = 0) {
    return requests.fence_due(false, [](const AskedBy&) { return true; }) <= now;
  }
  void done(std::string_view line) { requests.confirmed(*irc::parse(line), CaseMapping::kRfc1459); }
};

}  // namespace

TEST_CASE("answers find their askers by order and by name") {
  Link link;
  link.ask(kAnn, "WHOIS carol");
  link.ask(kBob, "whois dave");
  CHECK(link.gets(":s 311 me dave u h * :D") == kBob);  // from another server, sooner
  CHECK(link.gets(":s 311 me CAROL u h * :C") == kAnn);
  CHECK(link.gets(":s 799 me carol :of no table") == kAnn);
  CHECK(link.gets(":s 401 me dave :No such nick") == kBob);
  CHECK(link.gets(":s 318 me dave :End") == kBob);
  CHECK(link.gets(":s 318 me carol :End") == kAnn);
  CHECK(link.gets(":s 318 me carol :End") == -1);
}

TEST_CASE("an error goes to whom it names, not to the oldest question") {
  Link link;
  link.ask(kAnn, "WHOIS carol");
  link.ask(kBob, "JOIN #secret,#b key");
  CHECK(link.gets(":s 473 me #secret :Cannot join channel (+i)") == kBob);
  CHECK(link.gets(":s 311 me carol u h * :C") == kAnn);
  link.ask(kBob, "PRIVMSG #mod :hi there");
  CHECK(link.gets(":s 404 me #mod :Cannot send to channel") == kBob);
  link.ask(kBob, "FROB x");
  CHECK(link.gets(":s 421 me FROB :Unknown command") == kBob);
  link.ask(kBob, "KICK #c");
  CHECK(link.gets(":s 461 me KICK :Not enough parameters") == kBob);
  link.ask(kBob, "OPER a b");
  CHECK(link.gets(":s 491 me :No O-lines for your host") == kBob);
  link.ask(kBob, "KILL dave :x");
  CHECK(link.gets(":s 481 me :Permission Denied") == kBob);
  link.ask(kBob, "CHATHISTORY LATEST #c * 10");
  CHECK(link.gets(":s FAIL CHATHISTORY INVALID_TARGET #c :No") == kBob);
  CHECK(link.gets(":s FAIL CHATHISTORY INVALID_TARGET #c :No") == -1);
  CHECK(link.gets(":s NOTE * RESTART :soon") == -1);
  link.ask(kBob, "CHATHISTORY LATEST #c * 10");
  CHECK(link.gets(":s NOTE CHATHISTORY SLOW :It takes its time") == kBob);
  CHECK(link.gets(":s WARN CHATHISTORY OLD #c :Not all is kept") == kBob);  // not its end
  link.ask(kAnn, "CHATHISTORY LATEST #a * 10");
  CHECK(link.gets(":s WARN CHATHISTORY OLD LATEST #a :Not all is kept") == kAnn);  // it names most of that
  CHECK(link.gets(":s WARN CHATHISTORY OLD :Whose it is nobody knows") == -1);
  CHECK(link.gets(":s NOTE WHO SLOW :To nobody that asked") == -1);
  CHECK(link.gets(":s FAIL CHATHISTORY INVALID_TARGET #c :No") == kBob);
  CHECK(link.gets(":s FAIL CHATHISTORY INVALID_TARGET LATEST #a :No") == kAnn);
  CHECK(link.gets(":s NOTE CHATHISTORY LATE :It was answered") == -1);
  CHECK(link.gets(":s 318 me carol :End") == kAnn);
}

TEST_CASE("every refusal that a command may have goes to whoever gave it") {
  for (const char* line : {"WHO #c",
                           "WHOIS carol",
                           "LIST",
                           "LINKS",
                           "MODE #c +k bad",
                           "MODE #c +b",
                           "TOPIC #c :new",
                           "STATS u",
                           "INVITE carol #c",
                           "SILENCE +x",
                           "ACCEPT carol",
                           "WATCH +carol",
                           "KNOCK #c",
                           "OPER a b",
                           "AWAY :gone",
                           "METADATA carol SET k :v",
                           "PRIVMSG carol :hi",
                           "NOTICE carol :hi",
                           "TAGMSG #c",
                           "JOIN #c",
                           "PART #c",
                           "KICK #c carol",
                           "NICK carol",
                           "KILL carol :x",
                           "WALLOPS :x",
                           "SANICK carol dave",
                           "KLINE x :y"}) {
    const auto message = *irc::parse(line);
    std::string_view errors = question_kind(question_kind_of(message)).errors;
    REQUIRE_FALSE(errors.empty());
    while (!errors.empty()) {
      const std::string_view numeric = errors.substr(0, errors.find(' '));
      errors.remove_prefix(std::min(errors.size(), numeric.size() + 1));
      INFO(line << " refused with " << numeric);
      Link link;
      link.ask(kAnn, "ISON dave");
      link.ask(kBob, line);
      const std::string named(numeric == "263" || numeric == "461" || message.param_count == 0
                                  ? message.command
                                  : message.param(0));
      CHECK(link.gets(fmt::format(":s {} me {} :No", numeric, named)) == kBob);
    }
  }
}

TEST_CASE("a refusal that names nothing goes to whoever may be refused, and what was said is not") {
  Link link;
  link.ask(kBob, "FOO x");
  CHECK(link.gets(":s 463 me :Your host isn't among the privileged") == kBob);
  link.say(kAnn, "PRIVMSG #c :words");
  CHECK(link.gets(":s 463 me :Your host isn't among the privileged") == -1);
}

TEST_CASE("of several channels, nicks or modes each refusal goes to whoever asked") {
  Link link;
  link.ask(kBob, "JOIN #x,#y,#z key");
  CHECK(link.gets(":s 473 me #x :No") == kBob);
  CHECK(link.gets(":s 475 me #y :No") == kBob);
  CHECK(link.gets(":s 471 me #z :No") == kBob);
  CHECK(link.gets(":s 471 me #z :No") == -1);
  link.ask(kBob, "MODE #c +vv carol dave");
  CHECK(link.gets(":s 401 me carol :No such nick") == kBob);
  CHECK(link.gets(":s 401 me dave :No such nick") == kBob);
  CHECK(link.gets(":s 401 me dave :No such nick") == -1);
  link.ask(kBob, "MODE #c +xv carol");
  link.ask(kBob, "MODE #c +xyv carol dave");
  CHECK(link.gets(":s 472 me x :is unknown mode char to me") == kBob);
  CHECK(link.gets(":s 472 me x :is unknown mode char to me") == kBob);
  CHECK(link.gets(":s 472 me y :is unknown mode char to me") == kBob);
  link.ask(kAnn, "KICK #c carol,dave,eve :out");
  CHECK(link.gets(":s 441 me dave #c :They aren't on that channel") == kAnn);
  link.done(":me!u@h KICK #c carol :out");
  CHECK(link.gets(":s 441 me eve #c :They aren't on that channel") == kAnn);
  CHECK(link.gets(":s 441 me eve #c :They aren't on that channel") == -1);
}

TEST_CASE("a channel's key is no name that an answer could be about") {
  Link link;
  link.ask(kBob, "JOIN #x carol");
  link.say(kAnn, "PRIVMSG carol :hi");
  CHECK(link.gets(":s 401 me carol :No such nick") == kAnn);
}

TEST_CASE("lists come in the order in which they were asked for, whatever they name") {
  Link link;
  link.ask(kAnn, "LIST");
  link.ask(kBob, "LIST #c");
  CHECK(link.gets(":s 322 me #c 5 :t") == kAnn);
  CHECK(link.gets(":s 323 me :End") == kAnn);
  CHECK(link.gets(":s 322 me #c 5 :t") == kBob);
  CHECK(link.gets(":s 323 me :End") == kBob);
  link.ask(kAnn, "WHO *.example");
  link.ask(kBob, "WHO bob");
  CHECK(link.gets(":s 352 me #c u h s bob H :0 B") == kAnn);
  CHECK(link.gets(":s 315 me *.example :End") == kAnn);
  CHECK(link.gets(":s 352 me #c u h s bob H :0 B") == kBob);
  CHECK(link.gets(":s 315 me bob :End") == kBob);
  link.ask(kAnn, "LUSERS");
  link.ask(kBob, "LUSERS");
  for (const ClientId who : {kAnn, kBob}) {
    for (const char* numeric : {"251", "252", "253", "254", "255", "265", "266", "250"})
      CHECK(link.gets(fmt::format(":s {} me 1 :x", numeric)) == static_cast<int>(who));
  }
}

TEST_CASE("answers without an end, or with more than one, stay with whoever asked") {
  Link link;
  link.ask(kAnn, "HELP");
  for (const char* numeric : {"290", "292", "292", "292"})
    CHECK(link.gets(fmt::format(":s {} me :Help", numeric)) == kAnn);
  link.ask(kBob, "MAP");
  for (const char* numeric : {"006", "006", "270", "007"})
    CHECK(link.gets(fmt::format(":s {} me :x", numeric)) == kBob);
  link.say(kBob, "PRIVMSG carol :hi");
  CHECK(link.gets(":s 716 me carol :is in +g mode") == kBob);
  CHECK(link.gets(":s 717 me carol :has been informed") == kBob);
}

TEST_CASE("a paste makes no list public: what only a refusal answers is forgotten first") {
  Link link;
  link.ask(kAnn, "LIST");
  for (std::size_t i = 0; i <= Requests::kMostQuestions; ++i) link.say(kAnn, "PRIVMSG #c :x");
  CHECK(link.gets(":s 322 me #c 5 :t") == kAnn);
  CHECK(link.gets(":s 323 me :End") == kAnn);
}

TEST_CASE("what was said is refused by no error that names somebody else") {
  Link link;
  link.say(kAnn, "PRIVMSG #c :words");
  // To a CTCP question of eve's, who has quit.
  CHECK(link.gets(":s 401 me eve :No such nick") == -1);
  CHECK(link.gets(":s 404 me #other :Cannot send to channel") == -1);
  CHECK(link.gets(":s 404 me #C :Cannot send to channel") == kAnn);
  link.say(kAnn, "PRIVMSG #c :words");
  CHECK(link.gets(":s 412 me :No text to send") == kAnn);  // names nobody
}

TEST_CASE("who is away is told to whoever has written to them, or has asked") {
  Link link;
  link.say(kAnn, "PRIVMSG bob :hi");
  link.ask(kBob, "WHOIS carol");
  CHECK(link.gets(":s 301 me bob :gone fishing") == kAnn);
  CHECK(link.gets(":s 301 me carol :asleep") == kBob);
  CHECK(link.gets(":s 301 me dave :who knows") == -1);
  CHECK(link.gets(":s 318 me carol :End") == kBob);
}

TEST_CASE("what follows an answer goes to the same client, though something was said meanwhile") {
  Link link;
  link.ask(kAnn, "MODE #c");
  CHECK(link.gets(":s 324 me #c +nt") == kAnn);
  link.say(kBob, "PRIVMSG #c :words");
  CHECK(link.gets(":s 329 me #c 1700000000") == kAnn);
}

TEST_CASE("a change leaves no question behind that takes another's list") {
  Link link;
  link.ask(kAnn, "MODE #bar +v bob");
  link.ask(kBob, "MODE #bar +b");
  CHECK(link.gets(":s 367 me #bar *!*@bad op 1") == kBob);
  CHECK(link.gets(":s 368 me #bar :End") == kBob);
  link.ask(kAnn, "MODE #bar");
  CHECK(link.gets(":s 324 me #bar +nt") == kAnn);
  CHECK(link.gets(":s 329 me #bar 17000") == kAnn);
  link.ask(kAnn, "TOPIC #bar");
  CHECK(link.gets(":s 332 me #bar :About") == kAnn);
  CHECK(link.gets(":s 333 me #bar op 1700") == kAnn);
  CHECK(link.gets(":s 332 me #bar :About") == -1);
}

TEST_CASE("commands that are less common are answered to their askers, too") {
  for (const auto& [command, replies] : {std::pair{"INVITE", "336 me #s,337 me :End"},
                                         {"MAP", "015 me :net,017 me :End"},
                                         {"SILENCE", "271 me a!*@*,272 me :End"},
                                         {"TRACE", "205 me User x,262 me s 1 :End"},
                                         {"RULES", "308 me :- rules,309 me :End"},
                                         {"KNOCK #k", "711 me #k :Sent"},
                                         {"STATS u", "242 me :Up,219 me u :End"},
                                         {"LINKS", "365 me * :End"},
                                         {"ISON bob", "303 me :bob"},
                                         {"NEWCOMMAND", "698 me a :b,699 me :c"},
                                         {"LUSERS", "251 me :a,255 me :b,265 me :c,266 me :d"},
                                         {"VERSION", "351 me v s :x,005 me A=B :are supported"}}) {
    Link link;
    link.ask(kAnn, "PRIVMSG #c :hello");
    link.ask(kBob, command);
    INFO(command);
    std::string_view rest = replies;
    while (!rest.empty()) {
      const std::size_t end = rest.find(',', rest.find(' '));
      CHECK(link.gets(fmt::format(":s {}", rest.substr(0, end))) == kBob);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
}

TEST_CASE(
    "a question waits for its answer however long it takes, and is over when something behind it is "
    "answered") {
  Link link;
  link.ask(kAnn, "LIST");
  link.ask(kAnn, "PRIVMSG #x :one");
  link.ask(kBob, "PRIVMSG #x :two");
  link.ask(kBob, "WHO #x");
  CHECK(link.gets(":s 315 me #x :End") == kBob);
  CHECK(link.gets(":s 404 me #x :Too late to be of either") == -1);
  CHECK(link.gets(":s 322 me #z 3 :") == kAnn);
  CHECK(link.gets(":s 323 me :End") == kAnn);
  SECTION("or when what it asked for is done") {
    link.ask(kAnn, "PRIVMSG #x :one");
    link.ask(kBob, "PRIVMSG #x :two");
    link.done(":me!u@h PRIVMSG #x :one");
    CHECK(link.gets(":s 404 me #x :No") == kBob);
  }
  SECTION("or when all of what it asked for is done") {
    link.ask(kAnn, "JOIN #good,#bad,#other key");
    link.done(":me!u@h JOIN #good");
    link.ask(kBob, "JOIN #bad");
    CHECK(link.gets(":s 473 me #bad :No") == kAnn);
    CHECK(link.gets(":s 473 me #bad :No") == kBob);
  }
  SECTION("or when a fence behind it comes back") {
    link.ask(kAnn, "PRIVMSG #x :one");
    REQUIRE(link.wants_fence());
    const std::string fence = link.requests.next_fence();
    CHECK_FALSE(link.wants_fence());
    link.ask(kBob, "PRIVMSG #x :two");
    CHECK(link.requests.fence_back(fence));
    CHECK(link.wants_fence());
    CHECK(link.gets(":s 404 me #x :No") == kBob);
    link.ask(kBob, "PRIVMSG #x :unsent");
    link.requests.take_back();
    CHECK_FALSE(link.wants_fence());
    CHECK_FALSE(link.requests.fence_back("halley"));
  }
}

TEST_CASE("what an asker that left had asked goes to nobody, and so does what Halley asks itself") {
  Link link;
  link.ask(kAnn, "WHO #c");
  link.ask(kNobody, "MODE #c");
  link.requests.forget(kAnn);
  CHECK(link.gets(":s 352 me #c u h s n H :0 r") == 0);
  CHECK(link.gets(":s 324 me #c +nt") == 0);
  CHECK(link.gets(":s 329 me #c 17") == 0);
  CHECK(link.gets(":s 315 me #c :End") == 0);
  CHECK(link.gets(":s 315 me #c :End") == -1);
}

TEST_CASE("labels say whose an answer is") {
  Link link;
  const std::string one = link.ask(kAnn, "WHOIS carol", true), two = link.ask(kBob, "WHOIS carol", true);
  CHECK(one != two);
  CHECK(link.gets(fmt::format("@label={} :s BATCH +x labeled-response", two)) == kBob);
  CHECK(link.gets("@batch=x :s 311 me carol u h * :C") == kBob);
  CHECK(link.gets("@batch=x :s BATCH +y inner") == kBob);
  CHECK(link.gets("@batch=y :s 318 me carol :End") == kBob);
  CHECK(link.gets(":s BATCH -y") == kBob);
  CHECK(link.gets(":s BATCH -x") == kBob);
  CHECK(link.gets(":s 311 me carol u h * :unasked") == -1);
  CHECK(link.gets(fmt::format("@label={} :s 401 me carol :No", one)) == kAnn);
  CHECK(link.gets(fmt::format("@label={} :s 401 me carol :No", one)) == -1);
  const std::string three = link.ask(kBob, "PRIVMSG #c :x", true);
  CHECK(link.gets(fmt::format("@label={} :s ACK", three)) == kBob);
}

TEST_CASE("questions are bounded for each asker and in all") {
  Link link;
  link.ask(kAnn, "WHOIS first");
  for (ClientId who = 2; who < 20; ++who) {
    for (std::size_t i = 0; i < 2 * Requests::kMostQuestions; ++i) link.ask(who, "WHOIS flood");
  }
  CHECK(link.gets(":s 318 me first :End") == kAnn);  // whoever has most loses theirs
  std::size_t kept = 0;
  while (link.gets(":s 318 me flood :End") != -1) ++kept;
  CHECK(kept < Requests::kMostInAll);
}

TEST_CASE("sixteen labelled batches may stand open; further ones go to all") {
  Link link;
  for (int i = 0; i < 17; ++i) {
    const std::string label = link.ask(kAnn, fmt::format("WHOIS c{}", i), true);
    CHECK(link.gets(fmt::format("@label={} :s BATCH +b{} labeled-response", label, i)) == kAnn);
  }
  CHECK(link.gets("@batch=b15 :s 311 me c15 u h * :C") == kAnn);
  CHECK(link.gets("@batch=b16 :s 311 me c16 u h * :C") == -1);
}

TEST_CASE("of the names in a question 128 bytes are remembered") {
  Link link;
  const std::string name = "#" + std::string(127, 'x'), longer = name + "x";
  link.ask(kAnn, "WHO #first");
  link.ask(kBob, "WHO " + name);
  CHECK(link.gets(fmt::format(":s 315 me {} :End", name)) == kAnn);  // with its separator it is too long
  link.ask(kAnn, "WHO #first");
  link.ask(kBob, "WHO " + name.substr(1));
  CHECK(link.gets(fmt::format(":s 315 me {} :End", name.substr(1))) == kBob);
}

TEST_CASE("askers whose answers are told apart hear once of each question that is over") {
  using halley::AskedBy;
  halley::Requests requests;
  const auto ask = [&](std::string_view line, halley::AnswerId answer) {
    return requests.sent(AskedBy(kAnn, answer), *irc::parse(line), false);
  };
  const auto hear = [&](std::string_view line) {
    return requests.route(*irc::parse(line), irc::CaseMapping::kRfc1459).answer;
  };
  const auto over = [&] {
    std::vector<halley::AnswerId> answers;
    for (const AskedBy& by : requests.take_over()) answers.push_back(by.answer);
    return answers;
  };
  using Answers = std::vector<halley::AnswerId>;
  ask("WHOIS carol", 1);
  ask("FROB x", 2);
  ask("WHOIS dave", 0);
  CHECK(hear(":s 311 me carol u h * :C") == 1);
  CHECK(over() == Answers{});
  CHECK(hear(":s 318 me carol :End") == 1);
  CHECK(over() == Answers{1});
  CHECK(over() == Answers{});
  SECTION("as one behind it is answered") {
    CHECK(hear(":s 318 me dave :End") == 0);
    CHECK(over() == Answers{2});
  }
  SECTION("as the fence comes back") {
    REQUIRE(requests.fence_back(requests.next_fence()));
    CHECK(over() == Answers{2});
  }
  SECTION("as the link ends") {
    requests.clear();
    CHECK(over() == Answers{2});
  }
  SECTION("as it was not sent after all") {
    ask("FROB y", 3);
    requests.take_back();
    CHECK(over() == Answers{3});
  }
  SECTION("but not who has left") {
    requests.forget(kAnn);
    requests.clear();
    CHECK(over() == Answers{});
  }
}
