// SASL with ordinary clients: PLAIN with the password or a device's token, SCRAM-SHA-256 with a token,
// EXTERNAL with the certificate of a device. Source: https://ircv3.net/specs/extensions/sasl-3.2
#include <fmt/format.h>

#include <array>

#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {

using Sasl = Downstream::Handshake::Sasl;

struct LoginMechanism {
  std::string_view name;
  Sasl begins;
};
constexpr std::array kLoginMechanisms = {LoginMechanism{"PLAIN", Sasl::kPlain},
                                         LoginMechanism{"SCRAM-SHA-256", Sasl::kScramFirst},
                                         LoginMechanism{"EXTERNAL", Sasl::kExternal}};

void login_failed(Downstream& client, std::string_view numeric, std::string_view why) {
  Downstream::Handshake& reg = client.handshake();
  reg.in_sasl = Sasl::kNone;
  reg.sasl.reset();
  reg.granted = false;
  client.reply(numeric, {why});
}

void logged_in(Downstream& client) {
  Downstream::Handshake& reg = client.handshake();
  reg.in_sasl = Sasl::kNone;
  reg.sasl.reset();
  const User* user = client.granted_user();
  if (!user) return login_failed(client, irc::kErrSaslFail, "This account has gone meanwhile");
  const std::string account = user->name();
  const std::string nick = reg.nick.empty() ? "*" : reg.nick;
  client.reply(irc::kRplLoggedIn, {fmt::format("{}!{}@{}", nick, account, client.server_name()), account,
                                   fmt::format("You are now logged in as {}", account)});
  client.reply(irc::kRplSaslSuccess, {"SASL authentication successful"});
  client.try_register();
}

void login_answered(Downstream& client, std::expected<Granted, Refused> result) {
  if (!result) return login_failed(client, irc::kErrSaslFail, result.error().message);
  client.handshake().granted = true;
  client.handshake().grant = std::move(*result);
  logged_in(client);
}

void say_payload(Downstream& client, std::string_view payload) {
  for (const std::string& chunk : irc::sasl_chunks(payload)) client.send("AUTHENTICATE " + chunk);
}

void take_plain(Downstream& client, std::string_view payload) {
  const auto plain = irc::parse_plain(payload);
  if (!plain) {
    login_failed(client, irc::kErrSaslFail, "The SASL PLAIN payload must be authzid NUL name NUL password");
    return;
  }
  client.verify(
      parse_login_name(plain->authcid), plain->password,
      [&client](std::expected<Granted, Refused> result) { login_answered(client, std::move(result)); });
}

// The certificate says who it is. A name may say whose device, and which network, and so may that of USER:
// who names an account is let in to no other's, whoever has added the same certificate.
void take_certificate(Downstream& client, std::string_view payload) {
  const std::string& username = client.handshake().username;
  LoginName name = parse_login_name(payload);
  if (payload.empty()) {
    LoginName given = parse_login_name(username);
    if (client.accounts().find_user(given.user) != nullptr) name = std::move(given);
  }
  login_answered(client, client.login().by_certificate(name, client.peer()));
}

void take_scram_first(Downstream& client, std::string_view payload) {
  auto scram = irc::ScramServer::read_first(payload);
  if (!scram) {
    login_failed(client, irc::kErrSaslFail, fmt::format("The SCRAM message is refused: {}", scram.error()));
    return;
  }
  Downstream::Handshake& reg = client.handshake();
  reg.sasl->scram = std::move(*scram);
  reg.in_sasl = Sasl::kScramProof;
  say_payload(client, client.login().challenge(*reg.sasl->scram));
}

void take_scram_proof(Downstream& client, std::string_view payload) {
  Downstream::Handshake& reg = client.handshake();
  auto proven = client.login().by_proof(*reg.sasl->scram, payload, client.peer().address);
  if (!proven) return login_failed(client, irc::kErrSaslFail, proven.error().message);
  reg.granted = true;
  reg.grant = std::move(proven->granted);
  reg.in_sasl = Sasl::kScramEnd;
  say_payload(client, proven->signature);
}

void begin_login(Downstream& client, std::string_view mechanism) {
  for (const LoginMechanism& one : kLoginMechanisms) {
    const bool given = one.begins != Sasl::kExternal || !client.peer().cert_fingerprint.empty();
    if (!given || !irc::same_command(mechanism, one.name)) continue;
    client.handshake().in_sasl = one.begins;
    client.handshake().sasl = std::make_unique<Downstream::Handshake::SaslExchange>();
    client.send("AUTHENTICATE +");
    return;
  }
  client.reply(irc::kRplSaslMechs, {sasl_mechanisms(client), "are the mechanisms that Halley takes"});
  login_failed(client, irc::kErrSaslFail, "Unknown SASL mechanism");
}

void take_payload(Downstream& client, const std::string& payload) {
  switch (client.handshake().in_sasl) {
    case Sasl::kPlain:
      return take_plain(client, payload);
    case Sasl::kExternal:
      return take_certificate(client, payload);
    case Sasl::kScramFirst:
      return take_scram_first(client, payload);
    case Sasl::kScramProof:
      return take_scram_proof(client, payload);
    case Sasl::kScramEnd:
      return logged_in(client);
    case Sasl::kNone:
      return;
  }
}

}  // namespace

std::string_view sasl_mechanisms(Downstream& client) {
  return client.peer().cert_fingerprint.empty() ? "PLAIN,SCRAM-SHA-256" : "PLAIN,EXTERNAL,SCRAM-SHA-256";
}

void handle_authenticate(Downstream& client, const irc::Message& m) {
  Downstream::Handshake& reg = client.handshake();
  if (reg.in_sasl == Sasl::kNone) {
    if (reg.granted) return client.reply(irc::kErrSaslAlready, {"You are already logged in"});
    return begin_login(client, m.param(0));
  }
  if (m.param(0) == "*") return login_failed(client, irc::kErrSaslAborted, "SASL authentication aborted");
  switch (reg.sasl->reader.feed(m.param(0))) {
    case irc::SaslReader::Result::kMore:
      return;
    case irc::SaslReader::Result::kInvalid:
      return login_failed(client, irc::kErrSaslFail, "The SASL payload cannot be read");
    case irc::SaslReader::Result::kDone:
      break;
  }
  const std::string payload = reg.sasl->reader.payload();
  reg.sasl->reader = {};
  take_payload(client, payload);
}

}  // namespace halley
