// Who asked, and only who asked, is told.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

bool holds(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(part); });
}

struct Two : Attached {
  explicit Two(std::uint64_t seed = 1) : Attached(seed) {
    one.ping();
    two.ping();
  }
  Actor one = scene.attach("ann/net@one", "standard-replies");
  Actor two = scene.attach("ann/net@two", "standard-replies");
};

}  // namespace

TEST_CASE("an error goes to the client whose command it names") {
  Two t(GENERATE(1U, 2U));
  t.one.say("WHOIS carol");
  t.server->expect("WHOIS carol");
  t.two.say("JOIN #secret");
  t.server->expect("JOIN #secret");
  t.server->say(":srv 473 ann #secret :Cannot join channel (+i)");
  t.two.expect(" 473 ");
  t.server->say(":srv 311 ann carol u h * :Carol");
  t.server->say(":srv 318 ann carol :End of /WHOIS list");
  const auto lines = t.one.until(" 318 ");
  CHECK(holds(lines, " 311 "));
  CHECK_FALSE(holds(lines, " 473 "));
  CHECK_FALSE(t.two.hears(" 311 "));
}

TEST_CASE("a list goes to who asked for it, not to who changed a mode before") {
  Two t;
  t.one.say("MODE #c +v bob");
  t.server->expect("MODE #c +v bob");
  t.two.say("MODE #c b");
  t.server->expect("MODE #c b");
  t.server->say(":srv 367 ann #c *!*@bad op 1700000000");
  t.server->say(":srv 368 ann #c :End of ban list");
  t.two.expect(" 368 ");
  CHECK_FALSE(t.one.hears(" 36"));
}

TEST_CASE("an answer waits for its asker however late it comes, and goes to nobody when the asker left") {
  Two t;
  t.one.say("LIST");
  t.server->expect("LIST");
  t.scene.advance(50'000);
  t.server->ping();
  t.scene.advance(50'000);
  t.server->ping();
  t.server->say(":srv 322 ann #z 3 :topic");
  t.one.expect(" 322 ");
  t.one.say("QUIT");
  t.one.expect_closed();
  t.server->say(":srv 322 ann #y 3 :topic");
  t.server->say(":srv 323 ann :End of /LIST");
  t.server->ping();
  CHECK_FALSE(t.two.hears(" 32"));
}

TEST_CASE("commands outside any table are answered to who gave them") {
  Two t;
  t.two.say("FROBNICATE x");
  t.server->expect("FROBNICATE x");
  t.server->say(":srv 776 ann :frob");
  t.two.expect(" 776 ");
  t.two.say("OPER a b");
  t.server->expect("OPER a b");
  t.server->say(":srv 491 ann :No O-lines for your host");
  t.two.expect(" 491 ");
  t.two.say("REDACT #c msgid");
  t.server->expect("REDACT");
  t.server->say(":srv FAIL REDACT REDACT_FORBIDDEN #c msgid :No");
  t.two.expect("FAIL REDACT");
  CHECK(t.one.ping().empty());
}

TEST_CASE("where the network has labels, an answer is found by its label") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :labeled-response batch message-tags");
  const std::string request = server.expect("CAP REQ");
  CHECK(request.contains("labeled-response"));
  server.say(":srv CAP * ACK " + request.substr(request.find(':')));
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  Actor one = scene.attach("ann/net@one", "message-tags"), two = scene.attach("ann/net@two");
  const auto label_of = [](const std::string& line) {
    return line.substr(line.find("label=") + 6, line.find_first_of("; ") - line.find("label=") - 6);
  };
  one.say("WHOIS carol");
  const std::string first = label_of(server.expect("WHOIS carol"));
  two.say("WHOIS carol");
  const std::string second = label_of(server.expect("WHOIS carol"));
  server.say(fmt::format("@label={} :srv BATCH +x labeled-response", second));
  server.say("@batch=x :srv 311 ann carol u h * :for two");
  server.say("@batch=x :srv 318 ann carol :End");
  server.say(":srv BATCH -x");
  server.say(fmt::format("@label={} :srv 401 ann carol :No such nick", first));
  const auto lines = one.until(" 401 ");
  CHECK_FALSE(holds(lines, "for two"));
  CHECK_FALSE(holds(lines, "label="));
  CHECK(holds(two.until(" 318 "), "for two"));
}

TEST_CASE("an answer with a label to our own NICK may come from the new nick already") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = halley::dialogue::register_with(scene, "labeled-response batch message-tags");
  Actor one = scene.attach("ann/net@one"), two = scene.attach("ann/net@two");
  one.say("NICK wanted");
  const std::string asked = server.expect("NICK wanted");
  REQUIRE(asked.starts_with("@label="));
  server.say(asked.substr(0, asked.find(' ')) + " :wanted!ann@host.test NICK :wanted");
  for (Actor* client : {&one, &two}) {
    const std::string line = client->expect("NICK ");
    CHECK(line.starts_with(":ann!"));
    CHECK(line.ends_with("NICK wanted"));
  }
  server.say(":bob!b@h NICK :robert");
  CHECK(one.expect("NICK ").starts_with(":bob!"));
  one.say("NAMES #c");
  CHECK(one.expect(" 353 ").contains("wanted"));
  CHECK(scene.user("ann").find_network("net")->state().nick == "wanted");
}
