// What a browser says of a passkey: what is taken, and each thing for which it is not.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/accounts/webauthn.h"
#include "tests/fakes/accounts/soft_authenticator.h"

using namespace halley;
using Catch::Contains;
using fakes::SoftAuthenticator;

namespace {

WebAuthnQuestion question(WebAuthnQuestion::What what) {
  return {.what = what, .challenge = "Zm9v", .origin = "https://chat.test", .host = "chat.test"};
}

const WebAuthnQuestion kCreate = question(WebAuthnQuestion::What::kCreate);
const WebAuthnQuestion kGet = question(WebAuthnQuestion::What::kGet);

std::string trouble(const WebAuthnQuestion& asked, const SoftAuthenticator::Answer& answer) {
  const auto data = check_answer(asked, answer.client_data, answer.authenticator_data);
  return data ? "" : data.error();
}

}  // namespace

TEST_CASE("webauthn: a passkey of each algorithm is taken, and what it signs") {
  const auto algorithm = GENERATE(CoseAlgorithm::kEs256, CoseAlgorithm::kEdDsa, CoseAlgorithm::kRs256);
  SoftAuthenticator device(algorithm, std::string("id\0\xff", 4));
  const auto made = device.create("Zm9v");
  const auto data = check_answer(kCreate, made.client_data, made.authenticator_data);
  REQUIRE(data);
  CHECK(data->credential_id == device.credential_id);
  const std::string key = device.public_key();
  CHECK(check_public_key(device.algorithm(), key).empty());
  device.counter = 0x01020303;
  device.counts = true;
  const auto answer = device.get("Zm9v");
  const auto got = check_answer(kGet, answer.client_data, answer.authenticator_data);
  REQUIRE(got);
  CHECK(got->counter == 0x01020304);
  const auto is_good = [&](const std::string& signed_data, const std::string& client,
                           const std::string& signature) {
    return is_signed(device.algorithm(), key, signed_data, client, signature);
  };
  CHECK(is_good(answer.authenticator_data, answer.client_data, answer.signature));
  CHECK_FALSE(is_good(answer.authenticator_data + "x", answer.client_data, answer.signature));
  CHECK_FALSE(is_good(answer.authenticator_data, answer.client_data + " ", answer.signature));
  CHECK_FALSE(is_good(answer.authenticator_data, answer.client_data, answer.signature.substr(1)));
  CHECK_FALSE(is_good(answer.authenticator_data, answer.client_data, ""));
  CHECK_FALSE(is_good(answer.authenticator_data, answer.client_data, std::string(kMostSignature + 1, 'x')));
  SoftAuthenticator other(algorithm);
  CHECK_FALSE(is_signed(device.algorithm(), other.public_key(), answer.authenticator_data, answer.client_data,
                        answer.signature));
}

TEST_CASE("webauthn: an answer to another question, of another page or site is refused") {
  SoftAuthenticator device;
  CHECK(trouble(kGet, device.get("Zm9v")).empty());
  CHECK_THAT(trouble(kGet, device.create("Zm9v")), Contains("another kind"));
  CHECK_THAT(trouble(kCreate, device.get("Zm9v")), Contains("another kind"));
  CHECK_THAT(trouble(kGet, device.get("Zm9w")), Contains("another question"));
  CHECK(challenge_of(device.get("Zm9w").client_data) == "Zm9w");
  CHECK(challenge_of("[]").empty());
  device.more_client_data = R"(,"crossOrigin":false,"later":[1])";
  CHECK(trouble(kGet, device.get("Zm9v")).empty());
  device.more_client_data = R"(,"crossOrigin":true)";
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("within another site"));
  device.more_client_data = R"(,"topOrigin":"https://evil.test")";
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("within another site"));
  device.more_client_data = {};
  device.origin = "https://chat.test.evil.test";
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("another page"));
  device.origin = "https://chat.test";
  device.host = "evil.test";
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("another site"));
}

TEST_CASE("webauthn: a user who is not there, or not verified, is refused") {
  SoftAuthenticator device;
  device.flags = 0x04;
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("nobody was at the device"));
  CHECK_THAT(trouble(kCreate, device.create("Zm9v")), Contains("nobody was at the device"));
  device.flags = 0x01;
  CHECK_THAT(trouble(kGet, device.get("Zm9v")), Contains("a PIN, a finger or a face"));
  CHECK_THAT(trouble(kCreate, device.create("Zm9v")), Contains("a PIN, a finger or a face"));
}

TEST_CASE("webauthn: what is cut, too long or none of it is refused") {
  SoftAuthenticator device;
  const auto good = device.create("Zm9v");
  const auto with = [&](std::string client, std::string data) {
    return trouble(
        kCreate, {.client_data = std::move(client), .authenticator_data = std::move(data), .signature = {}});
  };
  for (const std::size_t size : {0UL, 36UL, 54UL, 55UL, 59UL}) {
    INFO(size);
    CHECK_FALSE(with(good.client_data, good.authenticator_data.substr(0, size)).empty());
  }
  CHECK(with(good.client_data, good.authenticator_data.substr(0, 60)).empty());
  CHECK_THAT(with(good.client_data, device.get("Zm9v").authenticator_data), Contains("no new passkey"));
  CHECK_THAT(with(good.client_data, good.authenticator_data + std::string(kMostAuthenticatorData, 'x')),
             Contains("cannot be read"));
  CHECK_THAT(with(good.client_data + std::string(kMostClientData, ' '), good.authenticator_data),
             Contains("client data cannot be read"));
  for (const char* none : {"", "{", "[]", "\"webauthn.create\"", "{}", "{\"type\":1}", "\xff"})
    CHECK_FALSE(with(none, good.authenticator_data).empty());
  device.credential_id = std::string(kMostCredentialId, 'i');
  CHECK(trouble(kCreate, device.create("Zm9v")).empty());
  device.credential_id += 'i';
  CHECK_THAT(trouble(kCreate, device.create("Zm9v")), Contains("id of the new passkey"));
  device.credential_id.clear();
  CHECK_THAT(trouble(kCreate, device.create("Zm9v")), Contains("id of the new passkey"));
}

TEST_CASE("webauthn: a public key is of its algorithm, and neither weak nor long") {
  const SoftAuthenticator ec(CoseAlgorithm::kEs256), ed(CoseAlgorithm::kEdDsa);
  CHECK_THAT(check_public_key(-7, ed.public_key()), Contains("P-256"));
  CHECK_THAT(check_public_key(-8, ec.public_key()), Contains("Ed25519"));
  CHECK_THAT(check_public_key(-257, ec.public_key()), Contains("RSA"));
  CHECK_THAT(check_public_key(-35, ec.public_key()), Contains("none of ES256"));
  CHECK_THAT(check_public_key(-7, ""), Contains("cannot be read"));
  CHECK_THAT(check_public_key(-7, ec.public_key() + "x"), Contains("cannot be read"));
  CHECK_THAT(check_public_key(-7, std::string(kMostPublicKey + 1, '0')), Contains("cannot be read"));
  const auto der_of = [](EVP_PKEY* key) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> owned(key, &EVP_PKEY_free);
    std::string out(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)), '\0');
    auto* at = reinterpret_cast<unsigned char*>(out.data());
    i2d_PUBKEY(key, &at);
    return out;
  };
  CHECK_THAT(check_public_key(-7, der_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"))),
             Contains("P-256"));
  CHECK_THAT(check_public_key(-257, der_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024}))),
             Contains("2048"));
}
