// What capabilities change of the welcome, and how they are listed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

TEST_CASE("a list of capabilities that is too long for a line goes in several, sasl in the first") {
  Scene scene;
  Actor client = scene.connect_client();
  SECTION("to clients of version 302") {
    client.say("CAP LS 302");
    const auto lists = client.until("CAP * LS :");
    REQUIRE(lists.size() >= 2);
    CHECK(lists.front().contains("CAP * LS * :"));
    CHECK(lists.front().contains(" sasl=PLAIN,SCRAM-SHA-256 "));
    for (const std::string& line : lists) CHECK(line.size() <= 510);
    client.say("CAP REQ :draft/read-marker soju.im/search cap-notify");
    client.expect(" ACK ");
  }
  SECTION("others get one line, and may ask for all") {
    client.say("CAP LS");
    const std::string list = client.expect("CAP * LS ");
    CHECK(list.contains("CAP * LS :"));
    CHECK(list.contains(" sasl "));
    CHECK(list.size() <= 510);
    client.say("CAP REQ :znc.in/playback");
    client.expect(" ACK ");
    CHECK_FALSE(client.hears("LS"));
  }
  SECTION("as do the ones that are enabled") {
    for (const char* caps : {"message-tags server-time batch echo-message cap-notify sasl multi-prefix "
                             "userhost-in-names extended-join",
                             "account-notify account-tag away-notify chghost setname invite-notify "
                             "standard-replies draft/chathistory",
                             "draft/event-playback draft/read-marker soju.im/search draft/extended-isupport "
                             "znc.in/self-message"}) {
      client.say(fmt::format("CAP REQ :{}", caps));
      client.expect(" ACK ");
    }
    client.say("CAP LIST");
    std::string all;
    for (const std::string& line : client.ping()) {
      CHECK(line.size() <= 510);
      all += line + ' ';
    }
    for (const char* cap : {"message-tags", "sasl", "znc.in/self-message"}) CHECK(all.contains(cap));
  }
}

TEST_CASE("names of a channel come only when asked for with no-implicit-names, under each of its names") {
  Attached t;
  const std::string cap =
      GENERATE("no-implicit-names", "draft/no-implicit-names", "soju.im/no-implicit-names");
  Actor client = t.scene.connect_client();
  client.say(fmt::format("CAP REQ :{}", cap));
  client.say("PASS ann/net:secret");
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say("CAP END");
  client.expect("JOIN #c");
  client.expect(" 332 ann #c ");
  for (const std::string& line : client.ping())
    CHECK_FALSE((line.contains(" 353 ") || line.contains(" 366 ")));
  client.say("JOIN #d");
  t.server->expect("JOIN #d");
  t.scene.join(*t.server, "#d");
  client.expect(" 332 ann #d ");
  CHECK_FALSE(client.hears(" 366 "));
  client.say("NAMES #d");
  client.expect(" 353 ann = #d :");
  client.expect(" 366 ann #d ");
}

TEST_CASE("with draft/extended-isupport each RPL_ISUPPORT stands in a batch, also before the login") {
  Attached t(GENERATE(1U, 2U));
  Actor client = t.scene.connect_client();
  client.say("CAP REQ :draft/extended-isupport batch");
  client.expect(" ACK ");
  const auto batched = [](const std::vector<std::string>& lines) {
    bool open = false;
    std::size_t tokens = 0;
    for (const std::string& line : lines) {
      if (line.contains("BATCH +") && line.contains("draft/isupport")) open = true;
      if (line.contains("BATCH -")) open = false;
      if (!line.contains(" 005 ")) continue;
      CHECK((open && line.starts_with("@batch=")));
      ++tokens;
    }
    return tokens;
  };
  client.say("ISUPPORT");
  CHECK(batched(client.until("BATCH -")) == 1);
  client.say("PASS ann/net:secret");
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say("CAP END");
  CHECK(batched(client.until(" 422 ")) >= 1);
  client.say("ISUPPORT");
  const auto asked = client.until("BATCH -");
  CHECK(batched(asked) >= 1);
  CHECK(std::ranges::any_of(asked, [](const auto& line) { return line.contains("CASEMAPPING=ascii"); }));
  t.server->say(":srv 005 ann TOPICLEN=300 :are supported by this server");
  CHECK(batched(client.until("BATCH -")) == 1);
  SECTION("a client without it has them plain, and may ask too") {
    Actor plain = t.scene.attach("ann/net@plain");
    plain.say("ISUPPORT");
    CHECK(plain.expect(" 005 ").starts_with(":"));
  }
}

TEST_CASE("a channel that gets another name keeps its history, its marker and its key") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  scene.add_network("ann", "net", {});
  scene.accounts().put_channel(1, "#c", "sesame");
  Actor server = register_with(scene, "draft/channel-rename batch");
  server.say(":bob!b@h PRIVMSG #c :before");
  Actor knows = scene.attach("ann/net@new", "draft/channel-rename draft/chathistory draft/read-marker batch"),
        plain = scene.attach("ann/net@old");
  plain.ping();
  knows.say("MARKREAD #c timestamp=2023-11-14T22:13:20.000Z");
  knows.expect("MARKREAD #c timestamp=");
  server.say(":ChanServ!s@h RENAME #c #d :it grew");
  knows.expect(":ChanServ!s@h RENAME #c #d :it grew");
  CHECK_FALSE(knows.hears("JOIN"));
  SECTION("others are told of a PART and a JOIN") {
    plain.expect(":ann!ann@host.test PART #c :it grew");
    plain.expect(":ann!ann@host.test JOIN #d");
    plain.expect(" 332 ann #d :About c");
    CHECK(plain.expect(" 353 ann = #d :").contains("bob"));
    plain.expect(" 366 ann #d ");
  }
  SECTION("what was said before is there under the new name") {
    server.say(":bob!b@h PRIVMSG #d :after");
    server.ping();
    knows.say("CHATHISTORY LATEST #d * 10");
    knows.expect("chathistory #d");
    knows.expect("before");
    knows.expect("after");
    knows.say("MARKREAD #d");
    knows.expect("MARKREAD #d timestamp=2023-11-14T22:13:20.000Z");
  }
  SECTION("it is joined again under the new name, with its key") {
    server.ping();
    server.close();
    scene.advance(10'000);
    Actor again = scene.accept_network();
    again.expect("CAP LS 302");
    again.say(":srv CAP * LS :");
    again.expect("CAP END");
    again.say(":srv 001 ann :Welcome ann!ann@host.test");
    again.say(":srv 422 ann :No MOTD");
    CHECK(again.expect("JOIN") == "JOIN #d sesame");
  }
  SECTION("of another spelling the others hear nothing") {
    plain.expect(" 366 ann #d ");
    server.say(":ChanServ!s@h RENAME #d #D :louder");
    knows.expect("RENAME #d #D");
    CHECK(plain.ping().empty());
  }
  SECTION("a name that is no channel's, or another one of ours, changes nothing") {
    plain.expect(" 366 ann #d ");
    scene.join(server, "#e");
    plain.expect(" 366 ann #e ");
    server.say(":ChanServ!s@h RENAME #d #e :no");
    server.say(":ChanServ!s@h RENAME #d nobody :no");
    server.say(":ChanServ!s@h RENAME #nowhere #f :no");
    server.ping();
    CHECK_FALSE(knows.hears("RENAME"));
    CHECK(plain.ping().empty());
  }
}

TEST_CASE("draft/account-registration is there where the network has it, and its answers go to who asked") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {});
  SECTION("the network has it") {
    Actor server = register_with(scene, "draft/account-registration standard-replies");
    Actor one = scene.attach("ann/net@one", "draft/account-registration standard-replies"),
          two = scene.attach("ann/net@two", "draft/account-registration standard-replies");
    one.say("REGISTER ann * :hunter2hunter2");
    server.expect("REGISTER ann * ");
    server.say(":srv REGISTER VERIFICATION_REQUIRED ann :Look into your mail");
    one.expect("REGISTER VERIFICATION_REQUIRED ann ");
    two.say("VERIFY ann 1234");
    server.expect("VERIFY ann 1234");
    server.say(":srv FAIL VERIFY INVALID_CODE ann :That is not it");
    two.expect("FAIL VERIFY INVALID_CODE");
    CHECK_FALSE(one.hears("VERIFY"));
    CHECK_FALSE(two.hears("REGISTER"));
  }
  SECTION("it has not") {
    Actor server = register_with(scene, "batch");
    Actor client = scene.attach("ann/net@one", "batch");
    client.say("CAP REQ :draft/account-registration");
    client.expect("CAP ann NAK :draft/account-registration");
  }
}

TEST_CASE("that nobody comes in without an account is said, and cannot be asked for") {
  Attached t(GENERATE(1U, 2U));
  const std::string cap = "soju.im/account-required";
  Actor client = t.scene.connect_client();
  const auto listed = [&] {
    client.say("CAP LS 302");
    std::string all;
    bool more = true;
    while (more) {
      const std::string line = client.expect(" LS ");
      more = line.contains(" LS * ");
      all += line + ' ';
    }
    return all.contains(cap);
  };
  CHECK(listed());
  client.say("ISUPPORT");
  CHECK(client.expect(" 005 ").contains(" draft/ACCOUNTREQUIRED "));
  client.say("CAP REQ :batch " + cap);
  client.expect(" NAK :batch " + cap);
  client.say(GENERATE("PASS ann/net:secret", "PASS ann/*:secret"));
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say("CAP END");
  const auto welcome = client.until(" 422 ");
  CHECK(std::ranges::count_if(welcome, [](const auto& line) {
          return line.contains(" 005 ") && line.contains(" draft/ACCOUNTREQUIRED ");
        }) == 1);
  CHECK(listed());
  client.say("CAP REQ :" + cap);
  client.expect(" NAK :" + cap);
  client.say("CAP LIST");
  CHECK_FALSE(client.expect(" LIST ").contains(cap));
}

TEST_CASE("a network's own draft/ACCOUNTREQUIRED is not told as Halley's") {
  Attached t;
  t.server->say(":srv 005 ann draft/ACCOUNTREQUIRED=net :are supported by this server");
  t.server->ping();
  Actor client = t.scene.attach("ann/net");
  client.say("ISUPPORT");
  for (const std::string& line : client.ping()) CHECK_FALSE(line.contains("ACCOUNTREQUIRED=net"));
}
