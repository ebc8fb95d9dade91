// METADATA: what is set for channels and nicks, for clients that ask by draft/metadata-2.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

constexpr std::string_view kCaps = "draft/metadata-2 batch message-tags";

bool any(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [part](const auto& line) { return line.contains(part); });
}

}  // namespace

TEST_CASE("what is muted and pinned is told to who has subscribed, from wherever it is set") {
  Attached t(GENERATE(1U, 2U));
  Actor one = t.scene.attach("ann/net@one", kCaps), two = t.scene.attach("ann/net@two", kCaps);
  one.say("METADATA * SUB soju.im/pinned soju.im/muted avatar");
  one.expect(" 770 ann soju.im/pinned soju.im/muted :avatar");
  two.say("METADATA * SUB soju.im/muted");
  two.expect(" 770 ann :soju.im/muted");
  two.say("METADATA #C SET soju.im/muted 1");
  two.expect(" 761 ann #C soju.im/muted * :1");
  one.expect("METADATA #c soju.im/muted * 1");
  CHECK_FALSE(two.hears("METADATA #c"));  // it was answered
  one.say("METADATA #c SET soju.im/pinned :1");
  one.expect(" 761 ann #c soju.im/pinned * :1");
  CHECK_FALSE(two.hears("pinned"));

  one.say("METADATA #c GET soju.im/pinned soju.im/blocked avatar");
  const auto got = one.until(" 766 ann #c avatar");
  CHECK(any(got, "BATCH +"));
  CHECK(any(got, " metadata #c"));
  CHECK(any(got, " 761 ann #c soju.im/pinned * :1"));
  CHECK(any(got, " 766 ann #c soju.im/blocked "));
  one.say("METADATA #c LIST");
  CHECK(any(one.until(" 761 ann #c soju.im/pinned * :1"), "soju.im/muted * :1"));

  // By command, and who comes later; a restart forgets nothing.
  one.say("PRIVMSG *halley :buffer set net #c muted=no");
  one.expect("METADATA #c soju.im/muted * 0");
  two.expect("METADATA #c soju.im/muted * 0");
  t.scene.restart();
  Actor late = t.scene.connect_client();
  late.say("METADATA * SUB soju.im/pinned soju.im/muted");  // before anything else, as some clients do
  late.expect(" 770 * soju.im/pinned :soju.im/muted");
  late.say("PASS ann/net@late:secret");
  late.say("NICK ann");
  late.say("USER ann 0 * :Ann");
  CHECK_FALSE(any(late.until("METADATA #c soju.im/pinned * 1"), "soju.im/muted * "));
  late.say("METADATA #c CLEAR");
  late.expect(" 766 ann #c soju.im/pinned ");
  late.say("METADATA #c LIST");
  CHECK_FALSE(any(late.ping(), " 761 "));
}

TEST_CASE("who is blocked is ignored, and told to be") {
  Attached t;
  Actor client = t.scene.attach("ann/net", kCaps);
  client.say("METADATA * SUB soju.im/blocked");
  client.expect(" 770 ");
  client.say("METADATA bob SET soju.im/blocked 1");
  client.expect(" 761 ann bob soju.im/blocked * :1");
  t.bob("unheard");
  t.server->ping();
  CHECK_FALSE(client.hears("unheard"));
  client.say("PRIVMSG *halley :rule list");
  client.expect("ignore  mask  bob!*@*");
  client.say("PRIVMSG *halley :rule add ignore mask carl");
  client.expect("METADATA carl soju.im/blocked * 1");
  client.say("METADATA BOB SET soju.im/blocked 0");
  client.expect(" 761 ann BOB soju.im/blocked * :0");
  t.bob("heard");
  client.expect("heard");
}

TEST_CASE("METADATA that cannot be is refused as the specification has it") {
  Attached t;
  Actor client = t.scene.attach("ann/net", kCaps);
  const auto refused = [&](std::string_view line, std::string_view with) {
    INFO(line);
    client.say(line);
    client.expect(with);
  };
  refused("METADATA", "FAIL METADATA INVALID_PARAMS *");
  refused("METADATA #c SNEEZE", "FAIL METADATA INVALID_PARAMS *");
  refused("METADATA #c GET", "FAIL METADATA INVALID_PARAMS GET");
  refused("METADATA #c SET avatar x", "FAIL METADATA KEY_NO_PERMISSION #c avatar");
  refused("METADATA #c SET soju.im/muted yes", "FAIL METADATA INVALID_VALUE soju.im/muted");
  refused("METADATA * SET soju.im/muted 1", "FAIL METADATA INVALID_TARGET *");
  refused("METADATA #c GET KEY!", "FAIL METADATA INVALID_KEY KEY!");
  refused("METADATA #c SET soju.im/blocked 1", "FAIL METADATA INVALID_TARGET #c");
  refused("METADATA b*b SET soju.im/blocked 1", "FAIL METADATA INVALID_TARGET b*b");
  refused("METADATA ??? SET soju.im/blocked 1", "FAIL METADATA INVALID_TARGET ???");
  for (int i = 0; i < 16; ++i) refused(fmt::format("METADATA * SUB key{}", i), " 770 ");
  refused("METADATA * SUB more", "FAIL METADATA LIMIT_REACHED SUB more 16");
  refused("METADATA * SUB key3", " 770 ");
  refused("METADATA * UNSUB key3", " 771 ann :key3");
  refused("METADATA * SUBS", " 772 ann key0 ");
  refused("METADATA * LIST", "BATCH -");
  CHECK_FALSE(t.server->hears("METADATA"));  // none of it is the network's
}

TEST_CASE("CAP LS says what METADATA takes") {
  Attached t;
  Actor client = t.scene.connect_client();
  client.say("CAP LS 302");
  client.expect("draft/metadata-2=before-connect,max-subs=16,max-keys=0,max-value-bytes=1");
}
