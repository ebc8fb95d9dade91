#include <catch2/catch.hpp>

#include "bouncer/core/traced_line.h"

using halley::says_the_same;
using halley::traced_line;
using halley::without_words;

namespace {

std::string asked(std::string_view line) {
  return traced_line(line, false).shown;
}
std::string told(std::string_view line) {
  return traced_line(line, true).shown;
}

}  // namespace

TEST_CASE("A traced line is shown as it is where it holds no secret") {
  for (const char* line :
       {"", "NICK kit", "CAP REQ :sasl server-time", "PRIVMSG #halley :hello  there", "JOIN #halley",
        "@label=7;+typing=active TAGMSG #halley", "MODE #halley +o ann", "AUTHENTICATE PLAIN",
        "AUTHENTICATE +", "AUTHENTICATE *", "BOUNCER BIND 7", "QUIT :until then", "\x01 no command"}) {
    CHECK(asked(line) == line);
  }
  for (const char* line :
       {"@time=2026-11-22T16:08:05.123Z :ann!a@host PRIVMSG #halley :hello", ":irc.test 001 kit :Welcome",
        ":kit!k@host JOIN #halley kit :Kit  Real", ":irc.test MODE #halley +o-v ann bob", "AUTHENTICATE +",
        ":irc.test 324 kit #halley +nt", ":NickServ!s@services NOTICE kit :This nick is registered",
        ":irc.test REGISTER SUCCESS kit :Account created", "ERROR :Closing link"}) {
    CHECK(told(line) == line);
  }
}

TEST_CASE("Passwords, tokens and keys are left out of a traced line") {
  CHECK(asked("PASS canary") == "PASS ****");
  CHECK(asked("@label=1 pass kit/libera:canary more") == "@label=1 pass ****");
  CHECK(asked(":kit PASS :canary") == ":kit PASS ****");
  CHECK(asked("WEBIRC canary gateway host 192.0.2.7") == "WEBIRC ****");
  CHECK(asked("AUTHENTICATE Y2FuYXJ5") == "AUTHENTICATE ****");
  CHECK(told("AUTHENTICATE cj1jYW5hcnk=") == "AUTHENTICATE ****");
  CHECK(asked("OPER kit canary") == "OPER **** ****");
  CHECK(asked("PRIVMSG NickServ :IDENTIFY kit canary") == "PRIVMSG NickServ :IDENTIFY **** ****");
  CHECK(asked("@batch=1 PRIVMSG NickServ :IDENTIFY canary") == "@batch=1 PRIVMSG NickServ :IDENTIFY ****");
  CHECK(asked("NS IDENTIFY canary") == "NS IDENTIFY ****");
  CHECK(asked("JOIN #halley canary") == "JOIN #halley ****");
  CHECK(asked("MODE #halley +k canary") == "MODE #halley +k ****");
  CHECK(asked("REGISTER kit kit@example.org canary") == "REGISTER **** **** ****");
  CHECK(asked("PRIVMSG *halley :user passwd password=canary") == "PRIVMSG *halley ****");
  CHECK(asked("WEBPUSH REGISTER https://push.example/canary p256dh=a;auth=canary") ==
        "WEBPUSH REGISTER ****");
  CHECK(asked("BOUNCER ADDNETWORK name=net;host=irc.test;password=canary;pass=canary;tls=1") ==
        "BOUNCER ADDNETWORK name=net;host=irc.test;password=****;pass=****;tls=1");
  CHECK(asked("BOUNCER CHANGENETWORK 7 :sasl-password=canary two;name=x") == "BOUNCER CHANGENETWORK 7 ****");
  CHECK(told(":kit!k@host PRIVMSG NickServ :IDENTIFY canary") ==
        ":kit!k@host PRIVMSG NickServ :IDENTIFY ****");
  CHECK(told(":*halley!*halley@h PRIVMSG kit :device phone: canary") ==
        ":*halley!*halley@h PRIVMSG kit ****");
  CHECK(told(":ann!a@host MODE #halley +ok ann canary") == ":ann!a@host MODE #halley +ok ****");
  CHECK(told(":irc.test 324 kit #halley +ntk canary") == ":irc.test 324 kit #halley +ntk ****");
  CHECK(traced_line("PRIVMSG NickServ :IDENTIFY canary", false).hidden == std::vector<std::string>{"canary"});
}

TEST_CASE("Nor is a secret shown that is said with a network's name, or to several at once") {
  for (const char* targets :
       {"NickServ/libera", "NS/libera", "nickserv@services.test/libera", "NickServ,bob", "bob,NickServ",
        "bob/oftc,NickServ/libera", "NickServ/libera,bob/oftc", "NickServ,", ":NickServ"}) {
    INFO(targets);
    const std::string line = std::string("PRIVMSG ") + targets + " :IDENTIFY ";
    const auto secrets = traced_line("@label=1 " + line + "canary", false);
    CHECK(secrets.shown == "@label=1 " + line + "****");
    CHECK(secrets.hidden == std::vector<std::string>{"canary"});
    CHECK(told(":kit!k@host " + line + "canary") == ":kit!k@host " + line + "****");
  }
  CHECK(asked("PRIVMSG *halley/libera :user passwd canary") == "PRIVMSG *halley/libera ****");
  CHECK(traced_line("PRIVMSG *halley/libera :user passwd canary", false).hidden.empty());
  for (const char* targets : {"bob,*halley", "*halley,bob", "bob/oftc,*halley/libera", "NickServ,*HALLEY"}) {
    const std::string line = std::string("PRIVMSG ") + targets;
    const auto secrets = traced_line(line + " :user passwd canary", false);
    CHECK(secrets.shown == line + " ****");
    CHECK(secrets.hidden == std::vector<std::string>{"canary"});  // bob's line has it too
  }
  for (const char* line : {"PRIVMSG bob/libera,#c/oftc :IDENTIFY  me", "PRIVMSG NickServ/libera :HELP  me",
                           "PRIVMSG NickServ/libera", "PRIVMSG , :IDENTIFY me", "PRIVMSG"})
    CHECK(asked(line) == line);
}

TEST_CASE("What the settings say on connect is known again however it is spelt, and only its target shown") {
  CHECK(says_the_same("PRIVMSG bot :let me in", "PRIVMSG bot :let me in"));
  CHECK(says_the_same("@time=x :kit!k@host privmsg bot canary", "PRIVMSG bot :canary"));
  CHECK(says_the_same(":kit!k@host PRIVMSG bot/libera :canary", "PRIVMSG bot :canary"));
  CHECK_FALSE(says_the_same("PRIVMSG bot :canary", "PRIVMSG bob :canary"));
  CHECK_FALSE(says_the_same("", ""));
  CHECK(without_words("@a=b :kit!k@h PRIVMSG bot :let me in") == "@a=b :kit!k@h PRIVMSG bot ****");
  CHECK(without_words("UNLOCK") == "UNLOCK");
}
