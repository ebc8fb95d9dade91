#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/push/base64url.h"
#include "bouncer/push/encryption.h"
#include "tests/fakes/net/fake_random.h"

namespace halley::push {
namespace {

std::string bytes(std::string_view base64url) {
  auto decoded = base64url_decode(base64url);
  REQUIRE(decoded);
  return *decoded;
}

Salt salt_of(std::string_view base64url) {
  Salt salt{};
  std::ranges::copy(bytes(base64url), salt.begin());
  return salt;
}

P256Key key_of(std::string_view base64url) {
  P256Key::Scalar scalar{};
  std::ranges::copy(bytes(base64url), scalar.begin());
  auto key = P256Key::from_scalar(scalar);
  REQUIRE(key.has_value());
  return *key;
}

}  // namespace

TEST_CASE("base64url is read with and without padding, and nothing else is") {
  CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
  CHECK(base64url_encode("a") == "YQ");
  CHECK(base64url_decode("-__-") == "\xfb\xff\xfe");
  CHECK(base64url_decode("YQ") == "a");
  CHECK(base64url_decode("YQ==") == "a");
  CHECK_FALSE(base64url_decode("+//+"));
  CHECK_FALSE(base64url_decode("Y"));
  CHECK_FALSE(base64url_decode("Y Q"));
  CHECK(base64url_decode("")->empty());
}

TEST_CASE("a record is encrypted as RFC 8188 section 3.1 has it") {
  const Salt salt = salt_of("I1BsxtFttlv3u_Oo94xnmw");
  const RecordKeys keys = record_keys(salt, bytes("yqdlZ-tYemfogSmv7Ws5PQ"));
  CHECK(base64url_encode({reinterpret_cast<const char*>(keys.key.data()), keys.key.size()}) ==
        "_wniytB-ofscZDh4tbSjHw");
  CHECK(base64url_encode({reinterpret_cast<const char*>(keys.nonce.data()), keys.nonce.size()}) ==
        "Bcs8gkIRKLI8GeI8");
  const std::string header = std::string(salt.begin(), salt.end()) + std::string("\x00\x00\x10\x00\x00", 5);
  CHECK(base64url_encode(header + seal_record(keys, "I am the walrus")) ==
        "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg");
}

TEST_CASE("a push is encrypted as RFC 8291 section 5 has it") {
  const P256Key sender = key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
  const std::string point =
      bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
  const std::string auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
  CHECK(base64url_encode(sender.point()) ==
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
  const auto body = encrypt("When I grow up, I want to be a watermelon", {point, auth}, sender,
                            salt_of("DGv6ra1nlYgDCS1FRnbzlw"));
  REQUIRE(body);
  CHECK(base64url_encode(*body) ==
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
}

TEST_CASE("the longest text makes a body of 4096 bytes") {
  fakes::FakeRandom random;
  const P256Key sender = P256Key::make(random), reader = P256Key::make(random);
  const auto body =
      encrypt(std::string(kMaxPushText, 'x'), {reader.point(), std::string(kAuthBytes, 'a')}, sender, Salt{});
  REQUIRE(body);
  CHECK(body->size() == kMaxPushBody);
}

TEST_CASE("a key that is none of the curve's is refused") {
  fakes::FakeRandom random;
  const P256Key key = P256Key::make(random);
  CHECK(is_point(key.point()));
  CHECK_FALSE(is_point(""));
  CHECK_FALSE(is_point(key.point().substr(1)));
  std::string off = key.point();
  off.back() = static_cast<char>(off.back() ^ 1);
  CHECK_FALSE(is_point(off));
  CHECK_FALSE(is_point(std::string(P256Key::kPointBytes, '\0')));
  CHECK_FALSE(encrypt("x", {off, std::string(kAuthBytes, 'a')}, key, Salt{}).has_value());
  CHECK_FALSE(P256Key::from_scalar(P256Key::Scalar{}).has_value());
  P256Key::Scalar large{};
  large.fill(0xff);
  CHECK_FALSE(P256Key::from_scalar(large).has_value());
}

}  // namespace halley::push
