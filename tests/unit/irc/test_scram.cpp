// SCRAM against dialogues that others have published (tests/unit/irc/scram, from xdg-go/scram, Apache-2.0),
// and against whoever cheats.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/sasl.h"
#include "bouncer/irc/saslprep.h"
#include "bouncer/irc/scram.h"

using namespace halley::irc;

namespace {

struct Dialogue {
  std::string name, user, password, salt, client_nonce, server_nonce;
  std::uint32_t rounds = 0;
  std::vector<std::string> steps;
};

std::vector<Dialogue> dialogues(std::string_view kind) {
  std::vector<Dialogue> found;
  for (const auto& file : std::filesystem::directory_iterator(HALLEY_SOURCE_DIR "/tests/unit/irc/scram")) {
    if (!file.path().filename().string().starts_with(kind)) continue;
    const auto json = nlohmann::json::parse(std::ifstream(file.path()));
    const auto prepared = [&](const char* key) {
      const auto text = json.at(key).get<std::string>();
      return json.at("skipSASLprep").get<bool>() ? text : saslprep(text).value();
    };
    auto salt = json.at("salt64").get<std::string>();
    std::erase(salt, '\n');
    found.push_back({.name = file.path().filename().string(),
                     .user = prepared("user"),
                     .password = prepared("pass"),
                     .salt = base64_decode(salt).value(),
                     .client_nonce = json.at("clientNonce"),
                     .server_nonce = json.at("serverNonce"),
                     .rounds = json.at("iters"),
                     .steps = json.at("steps")});
  }
  return found;
}

ScramKeys keys_of(const Dialogue& d) {
  return scram_keys(scram_salted_password(d.password, d.salt, d.rounds));
}

// A client and a server that know `theirs` and `ours`; the errors of either, "" for none.
struct Outcome {
  std::string server_error, client_error;
};
Outcome log_in(std::string_view account, std::string_view theirs, std::string_view ours) {
  const std::string salt = "0123456789abcdef";
  ScramClient client(account, "clientNONCE");
  auto server = ScramServer::read_first(client.first());
  REQUIRE(server);
  CHECK(server->account() == account);
  const auto challenge = client.challenge(server->challenge("serverNONCE", salt, kLeastScramRounds));
  REQUIRE(challenge);
  const std::string answer = client.answer(scram_salted_password(theirs, challenge->salt, challenge->rounds));
  const auto final = server->finish(answer, scram_keys(scram_salted_password(ours, salt, kLeastScramRounds)));
  if (!final) return {final.error(), ""};
  const auto checked = client.check(*final);
  return {"", checked ? "" : checked.error()};
}

}  // namespace

TEST_CASE("SCRAM says on both ends what published dialogues say") {
  const auto all = dialogues("good_");
  REQUIRE(all.size() >= 6);
  for (const Dialogue& d : all) {
    CAPTURE(d.name);
    ScramClient client(d.user, d.client_nonce);
    CHECK(client.first() == d.steps[0]);
    const auto challenge = client.challenge(d.steps[1]);
    REQUIRE(challenge);
    CHECK(challenge->salt == d.salt);
    CHECK(challenge->rounds == d.rounds);
    CHECK(client.answer(scram_salted_password(d.password, d.salt, d.rounds)) == d.steps[2]);
    CHECK(client.check(d.steps[3]).has_value());

    auto server = ScramServer::read_first(d.steps[0]);
    REQUIRE(server);
    CHECK(server->account() == d.user);
    CHECK(server->challenge(d.server_nonce, d.salt, d.rounds) == d.steps[1]);
    CHECK(server->finish(d.steps[2], keys_of(d)).value() == d.steps[3]);
  }
}

TEST_CASE("SCRAM refuses clients without the password, and servers without it") {
  for (const Dialogue& d : dialogues("bad-client_")) {
    CAPTURE(d.name);
    auto server = ScramServer::read_first(d.steps[0]);
    REQUIRE(server);
    CHECK(server->challenge(d.server_nonce, d.salt, d.rounds) == d.steps[1]);
    CHECK("e=" + server->finish(d.steps[2], keys_of(d)).error() == d.steps[3]);
  }
  for (const Dialogue& d : dialogues("bad-server_")) {
    CAPTURE(d.name);
    ScramClient client(d.user, d.client_nonce);
    REQUIRE(client.challenge(d.steps[1]));
    CHECK(client.answer(scram_salted_password(d.password, d.salt, d.rounds)) == d.steps[2]);
    CHECK(client.check(d.steps[3]).error().find("does not know the password itself") != std::string::npos);
  }
  CHECK(log_in("user", "pencil", "pencil").server_error.empty());
  CHECK(log_in("user", "pencil", "pencil").client_error.empty());
  CHECK(log_in("user", "pencil", "crayon").server_error == "invalid-proof");
}

TEST_CASE("SCRAM carries names with commas and signs of equality") {
  CHECK(ScramClient("a,b=c", "x").first() == "n,,n=a=2Cb=3Dc,r=x");
  CHECK(log_in("a,b=c", "p", "p").server_error.empty());
}

TEST_CASE("a SCRAM client takes no challenge that is another's, too cheap, too dear, or none") {
  const auto [challenge, error] = GENERATE(table<std::string, std::string>({
      {"r=clientNONCEx,s=c2FsdA==,i=4096", ""},
      {"r=clientNONCEx,s=c2FsdA==,i=100000,x=later", ""},
      {"r=clientNONCE,s=c2FsdA==,i=4096", "for another login"},
      {"r=otherNONCEx,s=c2FsdA==,i=4096", "for another login"},
      {"r=clientNONCE x,s=c2FsdA==,i=4096", "for another login"},
      {"r=clientNONCEx,s=c2FsdA==,i=4095", "could be guessed"},
      {"r=clientNONCEx,s=c2FsdA==,i=0", "could be guessed"},
      {"r=clientNONCEx,s=c2FsdA==,i=100001", "too many rounds"},
      {"r=clientNONCEx,s=c2FsdA==,i=4294967295", "too many rounds"},
      {"r=clientNONCEx,s=c2FsdA==,i=4294967296", "cannot be read"},
      {"r=clientNONCEx,s=c2FsdA==,i=-1", "cannot be read"},
      {"r=clientNONCEx,s=c2FsdA==,i=4096x", "cannot be read"},
      {"r=clientNONCEx,s=,i=4096", "cannot be read"},
      {"r=clientNONCEx,s=***,i=4096", "cannot be read"},
      {"m=x,r=clientNONCEx,s=c2FsdA==,i=4096", "extension"},
      {"s=c2FsdA==,r=clientNONCEx,i=4096", "not SCRAM's"},
      {"r=clientNONCE" + std::string(501, 'x') + ",s=c2FsdA==,i=4096", ""},
      {"r=clientNONCE" + std::string(502, 'x') + ",s=c2FsdA==,i=4096", "for another login"},
      {"r=clientNONCEx,s=" + std::string(340, 'A') + "AA==,i=4096", ""},  // 256 bytes
      {"r=clientNONCEx,s=" + std::string(340, 'A') + "AAA=,i=4096", "cannot be read"},
      {"e=unknown-user", "refused the account"},
      {"", "not SCRAM's"},
      {",,,", "not SCRAM's"},
  }));
  CAPTURE(challenge);
  ScramClient client("user", "clientNONCE");
  const auto found = client.challenge(challenge);
  CHECK(found.has_value() == error.empty());
  if (!found) CHECK(found.error().find(error) != std::string::npos);
}

TEST_CASE("a SCRAM client believes nothing but the server's signature") {
  ScramClient client("user", "clientNONCE");
  CHECK_FALSE(client.check("v="));  // nothing was answered yet
  REQUIRE(client.challenge("r=clientNONCEx,s=c2FsdA==,i=4096"));
  client.answer(scram_salted_password("p", "salt", kLeastScramRounds));
  for (const auto final : {"", "v=", "v=AAAA", "e=invalid-proof", "x=1", "+"}) {
    CAPTURE(final);
    CHECK_FALSE(client.check(final).has_value());
  }
}

TEST_CASE("a SCRAM server takes only what has no channel binding") {
  const auto [first, error] = GENERATE(table<std::string, std::string>({
      {"n,,n=user,r=x", ""},
      {"y,,n=user,r=x", ""},
      {"n,a=user,n=user,r=x", ""},
      {"n,,n=user,r=x,ext=1", ""},
      {"p=tls-unique,,n=user,r=x", "channel-binding-not-supported"},
      {"x,,n=user,r=x", "other-error"},
      {"n,n=user,r=x", "other-error"},
      {"n,a=,n=user,r=x", "other-error"},
      {"n,b=user,n=user,r=x", "other-error"},
      {"n,,m=1,n=user,r=x", "extensions-not-supported"},
      {"n,,n=us=2Der,r=x", "invalid-username-encoding"},
      {"n,,n=,r=x", "invalid-username-encoding"},
      {"n,,n=user,r=", "other-error"},
      {"n,,n=user", "other-error"},
      {"n,,r=x,n=user", "other-error"},
      {"n,", "other-error"},
      {"n", "other-error"},
      {"", "other-error"},
  }));
  CAPTURE(first);
  const auto server = ScramServer::read_first(first);
  CHECK(server.has_value() == error.empty());
  if (!server) CHECK(server.error() == error);
}

TEST_CASE("a SCRAM server wants the header and the nonce back as they were") {
  const ScramKeys keys = scram_keys(scram_salted_password("p", "salt", kLeastScramRounds));
  const auto finish = [&](const std::string& first, const std::string& final) {
    auto server = ScramServer::read_first(first);
    REQUIRE(server);
    server->challenge("SERVER", "salt", kLeastScramRounds);
    return server->finish(final, keys).error();
  };
  const std::string proof = ",p=" + base64_encode(std::string(32, 'x'));
  CHECK(finish("n,,n=u,r=x", "c=biws,r=xSERVER" + proof) == "invalid-proof");
  CHECK(finish("y,,n=u,r=x", "c=biws,r=xSERVER" + proof) == "channel-bindings-dont-match");
  CHECK(finish("y,,n=u,r=x", "c=eSws,r=xSERVER" + proof) == "invalid-proof");
  CHECK(finish("n,a=u,n=u,r=x", "c=biws,r=xSERVER" + proof) == "channel-bindings-dont-match");
  CHECK(finish("n,,n=u,r=x", "c=biws,r=x" + proof) == "other-error");
  CHECK(finish("n,,n=u,r=x", "c=biws,r=xSERVER,p=AAAA") == "invalid-proof");
  CHECK(finish("n,,n=u,r=x", "c=biws,r=xSERVER") == "other-error");
  CHECK(finish("n,,n=u,r=x", "") == "other-error");
}

TEST_CASE("accounts that are unknown show a salt of their own, always the same") {
  const std::string salt = scram_stand_in_salt("secret", "nobody");
  CHECK(salt.size() == 16);
  CHECK(scram_stand_in_salt("secret", "nobody") == salt);
  CHECK(scram_stand_in_salt("secret", "somebody") != salt);
  CHECK(scram_stand_in_salt("other secret", "nobody") != salt);
}
