#include <catch2/catch.hpp>

#include "bouncer/push/base64url.h"
#include "bouncer/push/encryption.h"
#include "bouncer/push/subscriptions.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/unit/core/states_bench.h"

namespace halley::push {
namespace {

Sealer sealer_of(unsigned char byte, net::Random& random) {
  Sealer::Key key{};
  key.fill(byte);
  return Sealer(key, random);
}

Subscription sample(net::Random& random, std::string_view endpoint) {
  const P256Key key = P256Key::make(random);
  auto made = make_subscription(endpoint, base64url_encode(key.point()),
                                base64url_encode(std::string(kAuthBytes, 'a')));
  REQUIRE(made.has_value());
  made->user = 7;
  made->network = 3;
  made->device = 5;
  made->by_password = true;
  made->time = false;
  made->created_ms = 1'700'000'000'000;
  return *made;
}

}  // namespace

TEST_CASE("an endpoint is an https URL, of any port") {
  const auto endpoint = parse_endpoint("https://Push.Example/a/b?c=d#e");
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->host == "push.example");
  CHECK(endpoint->port == 443);
  CHECK(endpoint->target == "/a/b?c=d");
  CHECK(endpoint->origin == "https://push.example");
  CHECK(parse_endpoint("https://push.example:8443")->target == "/");
  CHECK(parse_endpoint("https://push.example:8443")->origin == "https://push.example:8443");
  CHECK(parse_endpoint("https://push.example?a")->target == "/?a");
  CHECK(parse_endpoint("https://[2001:db8::1]/a")->host == "2001:db8::1");
  CHECK(parse_endpoint("https://[2001:db8::1]/a")->origin == "https://[2001:db8::1]");
  for (const char* url :
       {"", "http://push.example/", "https://", "https:///a", "https://a b/", "https://a/ b",
        "https://a/\r\nX: y", "https://a:b@c/", "https://a:99999/", "https://a/\xc3\xa4"})
    CHECK_FALSE(parse_endpoint(url).has_value());
  CHECK(parse_endpoint("https://a/" + std::string(kMaxEndpoint - 10, 'a')).has_value());
  CHECK_FALSE(parse_endpoint("https://a/" + std::string(kMaxEndpoint - 9, 'a')).has_value());
}

TEST_CASE("subscriptions are kept sealed, and taken back as they were") {
  fakes::FakeRandom random;
  const Sealer sealer = sealer_of(1, random);
  tests::StatesBench bench;
  Subscriptions subscriptions(bench.states, sealer);
  const Subscription made = sample(random, "https://push.example/secret");
  const auto id = subscriptions.put(made);
  REQUIRE(id);
  std::vector<storage::StateRow> rows;
  bench.put([&rows](const storage::StateRecord& record) {
    rows.push_back({.user = record.user,
                    .network = record.network,
                    .device = record.device,
                    .kind = record.kind,
                    .key = std::string(record.key),
                    .value = std::string(record.value)});
    return std::string();
  });
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].value.find("push.example") == std::string::npos);

  tests::StatesBench again(rows);
  const Subscriptions loaded(again.states, sealer);
  const Subscription* kept = loaded.find(7, *id);
  REQUIRE(kept);
  CHECK(kept->network == 3);
  CHECK(kept->device == 5);
  CHECK(kept->by_password);
  CHECK(kept->markread);
  CHECK(kept->tags);
  CHECK_FALSE(kept->time);
  CHECK(kept->created_ms == made.created_ms);
  CHECK(kept->endpoint == made.endpoint);
  CHECK(kept->point == made.point);
  CHECK(kept->auth == made.auth);

  SECTION("with another halley.key they are passed over") {
    const Sealer other = sealer_of(2, random);
    CHECK(Subscriptions(again.states, other).size() == 0);
  }
  SECTION("what was removed while the journal was full is written when there is room") {
    tests::StatesBench full(rows, 256 * 1024);
    Subscriptions removing(full.states, sealer);
    const std::string filling(5'000, 'x');
    while (full.states.has_room())
      full.states.put(StateKind::kPushSubscription, {.user = 8, .key = "9", .value = filling});
    removing.remove(
        7, [](const Subscription&) { return true; }, [](std::uint64_t) {});
    CHECK(removing.size() == 0);
    CHECK_FALSE(removing.write_removed());
    const std::uint64_t before = full.journal->head();
    full.journal->release(full.journal->consume(0, 1 << 20, [](const storage::Record&) {}));
    CHECK(removing.write_removed());
    const auto removed = [&](const storage::Record& record) {
      const auto& state = std::get<storage::StateRecord>(record);
      CHECK(state.user == 7);
      CHECK(state.key == std::to_string(*id));
      CHECK(state.value.empty());
      return true;
    };
    CHECK(full.journal->scan(before, removed).has_value());
    CHECK(full.journal->head() > before);
  }
  SECTION("what is damaged is passed over") {
    rows[0].value = sealer.seal("push-subscription", "1 0 x");
    tests::StatesBench damaged(rows);
    CHECK(Subscriptions(damaged.states, sealer).size() == 0);
  }
}

}  // namespace halley::push
