#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bouncer/push/base64url.h"
#include "bouncer/push/vapid.h"
#include "tests/fakes/net/fake_random.h"

namespace halley::push {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;

Sealer::Key key_of_sevens() {
  Sealer::Key key{};
  key.fill(7);
  return key;
}

struct Parts {
  nlohmann::json head, claims;
  std::string signature;
};

// Of "vapid t=HEAD.CLAIMS.SIGNATURE, k=KEY".
Parts parts_of(const std::string& value) {
  REQUIRE(value.starts_with("vapid t="));
  const std::string token = value.substr(8, value.find(',') - 8);
  const std::size_t first = token.find('.'), second = token.rfind('.');
  const auto decoded = [](const std::string& text) { return base64url_decode(text).value(); };
  return {nlohmann::json::parse(decoded(token.substr(0, first))),
          nlohmann::json::parse(decoded(token.substr(first + 1, second - first - 1))),
          decoded(token.substr(second + 1))};
}

}  // namespace

TEST_CASE("the key follows from halley.key alone, and a token says for whom and how long it is") {
  fakes::FakeRandom random;
  const Sealer sealer(key_of_sevens(), random);
  Vapid vapid(sealer);
  CHECK(vapid.public_key() == Vapid(sealer).public_key());
  CHECK(base64url_decode(vapid.public_key())->size() == P256Key::kPointBytes);

  const std::string value = vapid.authorization("https://push.example", "mailto:a@b.example", kNow);
  CHECK(value.ends_with(", k=" + vapid.public_key()));
  const Parts parts = parts_of(value);
  CHECK(parts.head == nlohmann::json{{"typ", "JWT"}, {"alg", "ES256"}});
  CHECK(parts.claims["aud"] == "https://push.example");
  CHECK(parts.claims["sub"] == "mailto:a@b.example");
  CHECK(parts.claims["exp"] == kNow + 12 * 3600);
  CHECK(parts.signature.size() == 64);
}

TEST_CASE("a token is used again for hours, and renewed before it ends") {
  fakes::FakeRandom random;
  const Sealer sealer(key_of_sevens(), random);
  Vapid vapid(sealer);
  const std::string first = vapid.authorization("https://push.example", "mailto:a@b", kNow);
  CHECK(vapid.authorization("https://push.example", "mailto:a@b", kNow + 3600) == first);
  CHECK(vapid.authorization("https://push.example", "mailto:a@b", kNow + 6 * 3600) != first);
  CHECK(vapid.authorization("https://other.example", "mailto:a@b", kNow + 3600) != first);
  CHECK(vapid.authorization("https://push.example", "mailto:c@d", kNow + 6 * 3600) != first);
}

TEST_CASE("the tokens of at most 64 services are kept") {
  fakes::FakeRandom random;
  const Sealer sealer(key_of_sevens(), random);
  Vapid vapid(sealer);
  const std::string first = vapid.authorization("https://push.example", "mailto:a@b", kNow);
  for (std::size_t i = 0; i < Vapid::kMostTokens; ++i)
    vapid.authorization("https://" + std::to_string(i), "mailto:a@b", kNow + 1);
  CHECK(vapid.authorization("https://push.example", "mailto:a@b", kNow + 2) != first);
}

}  // namespace halley::push
