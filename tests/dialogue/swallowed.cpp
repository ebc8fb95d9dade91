// Questions that a network never answers: nobody else's answer is taken for theirs.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/message.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

namespace {

constexpr std::string_view kLabels = "batch labeled-response message-tags";

// A question, and what is said to it.
struct Exchange {
  std::string question;
  std::vector<std::string> answer;
};

const std::vector<Exchange> kExchanges = {
    {"WHO #d", {"352 ann #d u h srv bob H :0 B", "315 ann #d :End"}},
    {"WHO *.example", {"352 ann * u a.example srv bob H :0 B", "315 ann *.example :End"}},
    {"WHO #d %n", {"354 ann bob", "315 ann #d :End"}},
    {"WHOIS carol", {"311 ann carol u h * :C", "318 ann carol :End"}},
    {"WHOIS carol", {"401 ann carol :No such nick", "318 ann carol :End"}},
    {"WHOWAS carol", {"314 ann carol u h * :C", "369 ann carol :End"}},
    {"LIST", {"321 ann Channel :Users Name", "322 ann #d 3 :t", "323 ann :End"}},
    {"NAMES #d", {"353 ann = #d :bob", "366 ann #d :End"}},
    {"LINKS", {"364 ann srv srv :0 x", "365 ann * :End"}},
    {"MAP", {"015 ann :srv", "017 ann :End"}},
    {"MODE #d", {"324 ann #d +nt", "329 ann #d 17"}},
    {"MODE #c b", {"367 ann #c a!*@* op 17", "368 ann #c :End"}},
    {"MODE #c I", {"346 ann #c a!*@* op 17", "347 ann #c :End"}},
    {"MODE #c e", {"349 ann #c :End"}},
    {"MODE #c q", {"728 ann #c q a!*@* op 17", "729 ann #c q :End"}},
    {"MODE #c g", {"941 ann #c x op 17", "940 ann #c :End"}},
    {"MODE #c b", {"482 ann #c :You're not channel operator"}},
    {"MODE #c +l 5", {"482 ann #c :You're not channel operator"}},
    {"TOPIC #d", {"332 ann #d :About"}},
    {"VERSION", {"351 ann v srv :x"}},
    {"TIME", {"391 ann srv :now"}},
    {"ADMIN", {"256 ann srv :x", "257 ann :x", "258 ann :x", "259 ann :x"}},
    {"INFO", {"371 ann :x", "374 ann :End"}},
    {"LUSERS", {"251 ann :x", "255 ann :y"}},
    {"STATS u", {"242 ann :Up", "219 ann u :End"}},
    {"TRACE", {"205 ann User x y", "262 ann srv 1 :End"}},
    {"USERHOST bob", {"302 ann :bob=+u@h"}},
    {"USERIP bob", {"340 ann :bob=+u@1"}},
    {"ISON bob", {"303 ann :bob"}},
    {"HELP x", {"704 ann x :Help", "706 ann x :End"}},
    {"RULES", {"232 ann :- x", "309 ann :End"}},
    {"INVITE carol #c", {"341 ann carol #c"}},
    {"INVITE", {"336 ann #s", "337 ann :End"}},
    {"SILENCE", {"271 ann ann a!*@*", "272 ann :End"}},
    {"ACCEPT *", {"281 ann carol", "282 ann :End"}},
    {"WATCH S", {"603 ann :You have 0", "607 ann :End"}},
    {"KNOCK #k", {"711 ann #k :Sent"}},
    {"OPER a b", {"491 ann :No O-lines"}},
    {"SERVLIST", {"235 ann * * :End"}},
    {"FROB x", {"776 ann :frob"}},
};

// A network that swallows the first of two equal questions, and handles all else in order.
struct Swallower {
  Attached a;
  Actor one = a.scene.attach("ann/net@one", kLabels), two = a.scene.attach("ann/net@two", kLabels);
  std::size_t heard = 0;

  void serve(const Exchange& exchange) {
    for (auto lines = a.server->ping(); !lines.empty(); lines = a.server->ping()) {
      for (const std::string& line : lines) {
        if (line.starts_with("PING halley-fence-")) a.server->say(":srv PONG srv " + line.substr(5));
        if (line != exchange.question || ++heard != 2) continue;
        for (const std::string& answer : exchange.answer) a.server->say(":srv " + answer);
      }
    }
  }
};

std::size_t count(const std::vector<std::string>& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(part); }));
}

}  // namespace

TEST_CASE("a question that the network swallows takes no other client's answer, and its label is answered") {
  const Exchange exchange = GENERATE(from_range(kExchanges));
  INFO(exchange.question << ", answered with " << exchange.answer.front());
  const bool at_once = GENERATE(true, false);
  Swallower t;
  t.one.ping();
  t.two.ping();
  t.a.server->ping();
  t.one.say("@label=a " + exchange.question);
  if (!at_once) {
    for (int i = 0; i < 3; ++i, t.a.scene.advance(6'000)) t.serve(exchange);
  }
  t.two.say("@label=b " + exchange.question);
  for (int i = 0; i < 6; ++i, t.a.scene.advance(6'000)) t.serve(exchange);
  REQUIRE(t.heard == 2);
  const auto swallowed = t.one.ping(), answered = t.two.ping();
  for (const std::string& answer : exchange.answer) {
    CHECK(count(swallowed, answer.substr(0, answer.find(' ')) + " ann") == 0);
    CHECK(count(answered, answer.substr(0, answer.find(' ')) + " ann") == 1);
  }
  CHECK(count(swallowed, "@label=a") == 1);
  CHECK(count(swallowed, " ACK") == 1);
  CHECK(count(answered, "@label=b") == 1);
}

TEST_CASE("a labelled answer that the network never ends is told as far as it has come") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, "labeled-response batch message-tags");
  Actor client = scene.attach("ann/net", kLabels);
  client.ping();
  client.say("@label=a WHO #d");
  const std::string asked = server.expect("WHO #d");
  server.say(asked.substr(0, asked.find(' ')) + " :srv BATCH +x labeled-response");
  for (const char* nick : {"bob", "carl"})
    server.say(fmt::format("@batch=x :srv 352 ann #d u h srv {} H :0 x", nick));
  server.ping();
  scene.advance(59'000);
  CHECK_FALSE(server.hears("PING halley-fence-"));
  auto lines = client.ping();
  CHECK(count(lines, "@label=a") == 1);
  CHECK(count(lines, " 352 ") == 2);
  CHECK(count(lines, "BATCH -") == 0);
  scene.advance(2'000);
  const std::string fence = server.expect("PING halley-fence-");
  server.say(":srv PONG srv " + fence.substr(5));
  server.ping();
  lines = client.ping();
  CHECK(count(lines, "BATCH -") == 1);
  CHECK(count(lines, "label=") == 0);
}
