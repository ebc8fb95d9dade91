// Registration as networks do it: capabilities, SASL, and the end of the welcome.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/irc/scram.h"
#include "tests/dialogue/scene.h"

using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

halley::Accounts::NetworkDraft sasl_plain(const std::string& account, const std::string& password) {
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("sasl", "plain:" + account);
  draft.settings.set("sasl-password", password);
  return draft;
}

void acknowledge(Actor& server, const std::string& request) {
  server.say(":srv CAP * ACK :" + request.substr(request.find(':') + 1));
}

void answer_login(Actor& server) {
  server.expect("AUTHENTICATE PLAIN");
  server.say("AUTHENTICATE +");
  server.expect("AUTHENTICATE YW5u");
  server.say(":srv 900 * ann!ann@host ann :You are now logged in");
  server.say(":srv 903 * :SASL authentication successful");
}

}  // namespace

TEST_CASE("a network whose password cannot be unsealed is told, and costs nobody the daemon") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("pass", "secret");
  scene.add_network("ann", "net", {}, draft);
  scene.add_network("ann", "other");
  // The database was restored without its key: another is made.
  std::filesystem::remove(scene.directory / "halley.key");
  scene.restart();
  (void)scene.accept_network();
  scene.advance(1'000);
  const halley::Network& network = *scene.user("ann").find_network("net");
  CHECK(network.link() == Link::kWaiting);
  CHECK(network.trouble().find("unsealed") != std::string::npos);
  Actor client = scene.attach("ann/net");
  CHECK(client.expect("NOTICE").find("unsealed") != std::string::npos);
}

TEST_CASE("SASL mechanisms are offered in either case") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {}, sasl_plain("ann", "p"));
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :sasl=plain,scram-sha-256,External");
  acknowledge(server, server.expect("CAP REQ :sasl"));
  answer_login(server);
  server.expect("CAP END");
}

TEST_CASE("a bundle of capabilities that is refused is asked for one by one") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :server-time chghost message-tags");
  const std::string bundle = server.expect("CAP REQ :");
  SECTION("the refusal names them") {
    server.say(":srv CAP * NAK :" + bundle.substr(bundle.find(':') + 1));
  }
  SECTION("the refusal names none") {
    server.say(":srv CAP * NAK :");
  }
  SECTION("the refusal is cut short") {
    const std::string list = bundle.substr(bundle.find(':') + 1);
    server.say(":srv CAP * NAK :" + list.substr(0, list.find(' ')));
  }
  for (int i = 0; i < 3; ++i) {
    const std::string request = server.expect("CAP REQ :");
    const std::string cap = request.substr(request.find(':') + 1);
    CHECK(cap.find(' ') == std::string::npos);
    server.say(cap == "chghost" ? ":srv CAP * NAK :chghost" : ":srv CAP * ACK :" + cap);
  }
  server.expect("CAP END");
  const halley::irc::CapSet caps = scene.user("ann").find_network("net")->state().caps;
  CHECK(caps.has(halley::irc::Cap::kServerTime));
  CHECK(caps.has(halley::irc::Cap::kMessageTags));
  CHECK_FALSE(caps.has(halley::irc::Cap::kChghost));
}

TEST_CASE("an acknowledgement in two lines is one") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {}, sasl_plain("ann", "p"));
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :server-time sasl");
  server.expect("CAP REQ :");
  server.say(":srv CAP * ACK :server-time");
  server.say(":srv CAP * ACK :sasl");
  answer_login(server);
  server.expect("CAP END");
}

TEST_CASE("services that come back offer SASL by CAP NEW") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {}, sasl_plain("ann", "p"));
  Actor server = scene.accept_network();
  SECTION("before the registration is over") {
    server.say(":srv CAP * LS :cap-notify");
    acknowledge(server, server.expect("CAP REQ :cap-notify"));
    server.say(":srv CAP * NEW :sasl=PLAIN");
    acknowledge(server, server.expect("CAP REQ :sasl"));
    answer_login(server);
    server.expect("CAP END");
  }
  SECTION("later") {
    server.say(":srv CAP * LS :cap-notify sasl=PLAIN");
    acknowledge(server, server.expect("CAP REQ :"));
    answer_login(server);
    server.expect("CAP END");
    server.say(":srv 001 ann :Welcome");
    server.say(":srv 422 ann :No MOTD");
    server.say(":srv CAP ann DEL :sasl");
    server.say(":srv 901 ann ann!a@h :You are now logged out");
    server.say(":srv CAP ann NEW :sasl=PLAIN");
    acknowledge(server, server.expect("CAP REQ :sasl"));
    answer_login(server);
    server.ping();
    CHECK(scene.user("ann").find_network("net")->state().account == "ann");
    CHECK(scene.user("ann").find_network("net")->link() == Link::kConnected);
  }
}

TEST_CASE("a network that sends no end of the MOTD is joined all the same") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.accept_network();
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome");
  SECTION("it answers PING") {
    const std::string ping = server.expect("PING ");
    CHECK(!server.heard("JOIN"));
    server.say(":srv 005 ann CASEMAPPING=ascii :are supported by this server");
    server.say(":srv PONG srv " + ping.substr(5));
  }
  SECTION("it does not") {
    scene.advance(31'000);
  }
  server.expect("JOIN #c");
  CHECK(scene.user("ann").find_network("net")->link() == Link::kConnected);
}

TEST_CASE("clients hear when the network takes a capability away, gives it back, or changes the account") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :away-notify");
  acknowledge(server, server.expect("CAP REQ :"));
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  Actor client = scene.attach("ann/net", "cap-notify away-notify");
  client.ping();
  server.say(":srv CAP ann DEL :away-notify");
  CHECK(client.expect(" DEL ").find("away-notify") != std::string::npos);
  server.say(":srv CAP ann NEW :away-notify");
  acknowledge(server, server.expect("CAP REQ :away-notify"));
  CHECK(client.expect(" NEW ").find("away-notify") != std::string::npos);
  server.say(":srv 900 ann ann!a@h acct :You are now logged in as acct");
  client.expect(" 900 ann ann!a@h acct ");
  server.say(":srv 901 ann ann!a@h :You are now logged out");
  client.expect(" 901 ");
}

TEST_CASE("SASL SCRAM-SHA-256 proves the password both ways") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("sasl", "scram:ann");
  draft.settings.set("sasl-password", "pencil");
  scene.add_network("ann", "net", {}, draft);
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :sasl=PLAIN,SCRAM-SHA-256");
  acknowledge(server, server.expect("CAP REQ :sasl"));
  server.expect("AUTHENTICATE SCRAM-SHA-256");
  server.say("AUTHENTICATE +");
  const auto payload_of = [](const std::string& line) {
    return halley::irc::base64_decode(line.substr(line.rfind(' ') + 1)).value_or("");
  };
  auto proof = halley::irc::ScramServer::read_first(payload_of(server.expect("AUTHENTICATE ")));
  REQUIRE(proof);
  CHECK(proof->account() == "ann");
  const auto say = [&](const std::string& payload) {
    server.say("AUTHENTICATE " + halley::irc::base64_encode(payload));
  };
  const std::string salt(16, 's');
  const auto round_trip = [&](const std::string& password) {
    say(proof->challenge("nonce", salt, 4096));
    std::string last;
    REQUIRE(scene.turn_until([&] { return server.heard("AUTHENTICATE "); }));
    last = payload_of(server.expect("AUTHENTICATE "));
    return proof->finish(last,
                         halley::irc::scram_keys(halley::irc::scram_salted_password(password, salt, 4096)));
  };
  SECTION("both know it") {
    const auto last = round_trip("pencil");
    REQUIRE(last);
    say(*last);
    server.expect("AUTHENTICATE +");
    server.say(":srv 903 ann :SASL authentication successful");
    server.expect("CAP END");
  }
  SECTION("a network that does not is not believed") {
    CHECK_FALSE(round_trip("other"));
    server.say(":srv 903 ann :SASL authentication successful");
    server.expect_closed();
    CHECK(scene.user("ann").find_network("net")->trouble().find("prove") != std::string::npos);
  }
  SECTION("a challenge that is too cheap to answer is not answered") {
    say(proof->challenge("nonce", salt, 1));
    server.expect_closed();
  }
}

TEST_CASE("a SASL password may be longer than a line") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {}, sasl_plain("ann", std::string(1'000, 'p')));
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :sasl");
  acknowledge(server, server.expect("CAP REQ :sasl"));
  server.expect("AUTHENTICATE PLAIN");
  server.say("AUTHENTICATE +");
  halley::irc::SaslReader reader;
  while (reader.feed(server.expect("AUTHENTICATE ").substr(13)) == halley::irc::SaslReader::Result::kMore) {
  }
  CHECK(halley::irc::parse_plain(reader.payload())->password == std::string(1'000, 'p'));
}

TEST_CASE("networks are reached from the address of their user, else from the configured one") {
  Scene scene;
  scene.config.upstream.bind = "192.0.2.7";
  scene.add_user("ann");
  scene.add_network("ann", "net");
  REQUIRE(scene.turn_until([&] { return scene.dialer.count() == 1; }));
  CHECK(scene.dialer.last_target().bind_address == "192.0.2.7");
  CHECK(scene.dialer.last_target().proxy_host.empty());
  REQUIRE(scene.accounts().set_user("ann", {{"bind", "2001:db8::7"}}));
  scene.accounts().flush(nullptr);
  scene.add_network("ann", "other");
  REQUIRE(scene.turn_until([&] { return scene.dialer.count() == 2; }));
  CHECK(scene.dialer.last_target().bind_address == "2001:db8::7");
  CHECK(scene.dialer.last_target().bind_setting == "the user's setting bind");
  CHECK_FALSE(scene.accounts().set_user("ann", {{"bind", "localhost"}}));
}

TEST_CASE("a network is reached by the SOCKS proxy that there is, and says when there is none") {
  Scene scene;
  scene.config.upstream.socks = "127.0.0.1:9050";
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("via", "socks");
  scene.add_network("ann", "net", {}, draft);
  REQUIRE(scene.turn_until([&] { return scene.dialer.count() == 1; }));
  const auto& target = scene.dialer.last_target();
  CHECK((target.proxy_host == "127.0.0.1" && target.proxy_port == 9050 && target.host == "irc.test"));
  CHECK(target.proxy_user.starts_with("halley-"));
  scene.config.upstream.socks.clear();
  scene.dialer.refuse_last("no");
  scene.advance(60'000);
  CHECK(scene.user("ann").find_network("net")->trouble().contains("upstream.socks"));
  CHECK(scene.dialer.count() == 1);
  halley::Accounts::NetworkDraft direct;
  direct.settings.set("via", "direct");
  REQUIRE(scene.accounts().set_network("ann", "net", direct));
  scene.accounts().flush(nullptr);
  REQUIRE(scene.turn_until([&] { return scene.dialer.count() == 2; }));
  CHECK(scene.dialer.last_target().proxy_host.empty());
}
