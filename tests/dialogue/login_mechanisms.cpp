// SASL with ordinary clients: SCRAM-SHA-256 with a device's token, EXTERNAL with its certificate.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/accounts/scram_keys.h"
#include "bouncer/irc/sasl.h"
#include "tests/dialogue/attached.h"

using halley::Accounts;
using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

const std::string kCertificate(64, 'a');

std::string payload_of(const std::string& line) {
  return halley::irc::base64_decode(line.substr(line.find(' ') + 1)).value();
}

void authenticate(Actor& client, std::string_view payload) {
  for (const std::string& chunk : halley::irc::sasl_chunks(payload)) client.say("AUTHENTICATE " + chunk);
}

void begin_negotiation(Actor& client, std::string_view mechanism) {
  client.say("CAP LS 302");
  client.expect("sasl=");
  client.say("NICK ann");
  client.say("USER ann/net 0 * :Ann");
  client.say("CAP REQ :sasl");
  client.expect(" ACK ");
  client.say(fmt::format("AUTHENTICATE {}", mechanism));
}

std::string token_with_keys(Attached& at, std::string_view device) {
  auto& accounts = at.scene.accounts();
  const auto token =
      accounts.add_device("ann", device, Accounts::make_token(accounts.scram_salt("ann"), at.scene.random));
  REQUIRE(token);
  accounts.flush(nullptr);
  return *token;
}

}  // namespace

TEST_CASE("a device logs in by SCRAM with its token, and hears that we know it") {
  Attached at;
  const std::string token = token_with_keys(at, "phone");
  Actor client = at.scene.connect_client();
  begin_negotiation(client, "SCRAM-SHA-256");
  client.expect("AUTHENTICATE +");
  halley::irc::ScramClient scram("ann/net", "0123456789abcdef");
  authenticate(client, scram.first());
  const auto challenge = scram.challenge(payload_of(client.expect("AUTHENTICATE ")));
  REQUIRE(challenge);
  authenticate(client,
               scram.answer(halley::irc::scram_salted_password(token, challenge->salt, challenge->rounds)));
  CHECK(scram.check(payload_of(client.expect("AUTHENTICATE "))));
  CHECK_FALSE(client.hears(" 903 "));  // not before the client is content
  client.say("AUTHENTICATE +");
  client.expect(" 900 ");
  client.expect(" 903 ");
  client.say("CAP END");
  client.expect(" 001 ann");
  CHECK(at.scene.user("ann").clients().front()->device() ==
        at.scene.accounts().find_device(at.scene.user("ann").id(), "phone")->id);
}

TEST_CASE("SCRAM with a wrong token, an unknown name, nonsense or an end in the middle lets nobody in") {
  Attached at;
  const std::string token = token_with_keys(at, "phone");
  Actor client = at.scene.connect_client();
  begin_negotiation(client, "scram-sha-256");
  client.expect("AUTHENTICATE +");
  const auto prove = [&](std::string_view name, std::string_view secret) {
    halley::irc::ScramClient scram(name, "0123456789abcdef");
    authenticate(client, scram.first());
    const auto challenge = scram.challenge(payload_of(client.expect("AUTHENTICATE ")));
    REQUIRE(challenge);
    authenticate(
        client, scram.answer(halley::irc::scram_salted_password(secret, challenge->salt, challenge->rounds)));
  };
  const auto again = [&] {
    client.say("AUTHENTICATE SCRAM-SHA-256");
    client.expect("AUTHENTICATE +");
  };
  prove("ann", "halley_wrong");
  client.expect(" 904 ");
  again();
  prove("nobody", token);
  client.expect(" 904 ");
  again();
  authenticate(client, "p=tls-unique,,n=ann,r=abc");
  client.expect(" 904 ");
  again();
  client.say("AUTHENTICATE *");
  client.expect(" 906 ");
  again();
  // The proof was good, and the client then thinks better of it.
  prove("ann/net", token);
  client.expect("AUTHENTICATE ");
  client.say("AUTHENTICATE *");
  client.expect(" 906 ");
  client.say("CAP END");
  client.expect(" 464 ");
  client.expect_closed();
}

TEST_CASE("a device logs in by EXTERNAL with its certificate, which is offered to nobody else") {
  Attached at;
  auto& accounts = at.scene.accounts();
  REQUIRE(accounts.add_certificate("ann", "phone", kCertificate));
  accounts.flush(nullptr);
  Actor without = at.scene.connect_client();
  without.say("CAP LS 302");
  CHECK(without.expect("sasl=").contains("sasl=PLAIN,SCRAM-SHA-256 "));
  without.say("AUTHENTICATE EXTERNAL");
  without.expect(" 908 * PLAIN,SCRAM-SHA-256 ");
  without.expect(" 904 ");

  Actor stranger = at.scene.connect_client({}, {.sha256 = std::string(64, 'b')});
  begin_negotiation(stranger, "EXTERNAL");
  stranger.expect("AUTHENTICATE +");
  stranger.say("AUTHENTICATE +");
  stranger.expect(" 904 ");

  Actor client = at.scene.connect_client({}, {.sha256 = kCertificate});
  client.say("CAP LS 302");
  CHECK(client.expect("sasl=").contains("sasl=PLAIN,EXTERNAL,SCRAM-SHA-256 "));
  begin_negotiation(client, "EXTERNAL");  // the network is that of USER
  client.expect("AUTHENTICATE +");
  client.say("AUTHENTICATE +");
  client.expect(" 903 ");
  client.say("CAP END");
  client.expect(" 001 ann");
  client.expect(" 366 ann #c");

  Actor named = at.scene.connect_client({}, {.sha256 = kCertificate});
  begin_negotiation(named, "EXTERNAL");
  named.expect("AUTHENTICATE +");
  authenticate(named, "ann/elsewhere");
  named.expect(" 904 ");
  named.say("AUTHENTICATE EXTERNAL");
  authenticate(named, "ann");
  named.expect(" 903 ");

  // Who names an account is let in to no other's, whoever has added the certificate there.
  at.scene.add_user("mallory");
  REQUIRE(accounts.add_certificate("mallory", "trap", std::string(64, 'c')));
  accounts.flush(nullptr);
  Actor victim = at.scene.connect_client({}, {.sha256 = std::string(64, 'c')});
  begin_negotiation(victim, "EXTERNAL");  // USER names ann
  victim.expect("AUTHENTICATE +");
  victim.say("AUTHENTICATE +");
  victim.expect(" 904 ");

  REQUIRE(accounts.revoke_device("ann", "phone"));
  accounts.flush(nullptr);
  client.expect_closed();
  named.expect_closed();
}
