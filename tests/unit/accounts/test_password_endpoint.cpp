// Passwords that another program checks: what it is asked, what its answers mean, and what is remembered.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bouncer/accounts/login.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Why = Refused::Why;
using Answer = std::optional<std::expected<Granted, Refused>>;

namespace {

struct EndpointBench : tests::AccountsBench {
  fakes::FakeLoop loop{clock};
  fakes::FakeDialer dialer{loop};
  std::vector<std::string> log;
  Accounts own{{.store = store,
                .clock = clock,
                .random = random,
                .sealer = sealer,
                .config = config,
                .audit = Audit([this](Audit::Level, const std::string& line) { log.push_back(line); })},
               {}};
  Login login{{.loop = loop,
               .dialer = dialer,
               .random = random,
               .accounts = own,
               .config = config,
               .is_live = [this](UserId id) { return own.user(id) != nullptr && own.user(id)->enabled; }}};

  EndpointBench() {
    config.auth.http = "https://auth.example:8443/check?of=irc";
    REQUIRE(own.add_user("alice", tests::kCheapHash, false));
    own.flush(nullptr);
  }
  std::shared_ptr<Answer> begin(std::string_view name, std::string_view password,
                                std::string_view address = "192.0.2.7") {
    auto answer = std::make_shared<Answer>();
    login.authenticate(parse_login_name(name), password, address, true,
                       [answer](auto result) { *answer = std::move(result); });
    loop.run_turns();
    return answer;
  }
  // What the endpoint is sent; it answers with this.
  std::string answer_dial(std::size_t at, std::string_view status) {
    auto peer = dialer.accept(at);
    loop.run_turns();
    peer->send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n");
    loop.run_turns();
    return std::string(peer->received());
  }
  std::expected<Granted, Refused> log_in(std::string_view name, std::string_view password,
                                         std::string_view status, std::string_view address = "192.0.2.7") {
    const std::size_t before = dialer.count();
    const auto answer = begin(name, password, address);
    REQUIRE(dialer.count() == before + 1);
    CHECK_FALSE(answer->has_value());
    answer_dial(before, status);
    REQUIRE(answer->has_value());
    return **answer;
  }
};

}  // namespace

TEST_CASE("The endpoint is asked by POST with Basic, over TLS, and what is right here does not count") {
  EndpointBench bench;
  const auto answer = bench.begin("ALICE@phone", "s3cret:\xc3\xa4");
  REQUIRE(bench.dialer.count() == 1);
  CHECK(bench.dialer.last_target().host == "auth.example");
  CHECK(bench.dialer.last_target().port == 8443);
  CHECK(bench.dialer.last_target().tls);
  CHECK(bench.dialer.last_target().allow_private_hosts);
  CHECK(bench.answer_dial(0, "204 No Content") ==
        "POST /check?of=irc HTTP/1.1\r\nHost: auth.example:8443\r\nAuthorization: Basic "
        "YWxpY2U6czNjcmV0OsOk\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  REQUIRE(answer->has_value());
  REQUIRE((*answer)->has_value());
  CHECK((*answer)->value().user == 1);
  CHECK((*answer)->value().by_password);
  CHECK(bench.own.find_device(1, "phone") != nullptr);
  CHECK(bench.log_in("alice", "secret", "401 Unauthorized").error().why == Why::kWrong);
  CHECK(bench.log_in("alice", "secret", "403 Forbidden").error().why == Why::kWrong);
}

TEST_CASE("An empty password is wrong, whatever the endpoint would make of it") {
  EndpointBench bench;
  for (const char* name : {"alice", "nobody"}) {
    const auto answer = bench.begin(name, "");
    REQUIRE(answer->has_value());
    CHECK((*answer)->error().why == Why::kWrong);
  }
  CHECK(bench.dialer.count() == 0);
  for (std::uint32_t i = 1; i < bench.config.limits.login_attempts; ++i) bench.begin("alice", "");
  CHECK(bench.begin("alice", "")->value().error().why == Why::kThrottled);
}

TEST_CASE("To this machine it may be asked in the clear") {
  EndpointBench bench;
  bench.config.auth.http = "http://127.0.0.1:80";
  const auto answer = bench.begin("alice", "s3cret");
  CHECK_FALSE(bench.dialer.last_target().tls);
  CHECK(bench.answer_dial(0, "200 OK").starts_with("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
  CHECK((*answer)->has_value());
}

TEST_CASE("No answer is no wrong password: it is told as what it is, counts against nobody, and is logged") {
  EndpointBench bench;
  for (std::uint32_t i = 0; i < 2 * bench.config.limits.login_attempts; ++i) {
    const auto refused = bench.log_in("alice", "s3cret", "500 Oops");
    CHECK(refused.error().why == Why::kBusy);
    CHECK(refused.error().retry_after_s == 5);
    CHECK_THAT(refused.error().message, Catch::Contains("cannot be checked just now"));
  }
  CHECK_THAT(bench.log.back(),
             Catch::Contains("status 500") && Catch::Contains("alice") && !Catch::Contains("s3cret"));
  const auto silent = bench.begin("alice", "s3cret");
  auto peer = bench.dialer.accept_last();
  bench.loop.run_turns();
  bench.clock.advance_ms(9'999);
  bench.loop.run_turns();
  CHECK_FALSE(silent->has_value());
  bench.loop.advance(1);
  CHECK(silent->value().error().why == Why::kBusy);
  CHECK_THAT(bench.log.back(), Catch::Contains("no answer within 10 s"));
  const auto away = bench.begin("alice", "s3cret");
  bench.dialer.refuse_last("auth.example has no address");
  bench.loop.run_turns();
  CHECK(away->value().error().why == Why::kBusy);
  CHECK(bench.log_in("alice", "s3cret", "302 Found").error().why == Why::kBusy);
  CHECK(bench.log_in("alice", "s3cret", "200 OK").has_value());
}

TEST_CASE("What was right is so for five minutes without a question; many clients cost one") {
  EndpointBench bench;
  std::vector<std::shared_ptr<Answer>> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(bench.begin("alice", "s3cret", "192.0.2." + std::to_string(i)));
  REQUIRE(bench.dialer.count() == 1);
  bench.answer_dial(0, "200 OK");
  for (const auto& client : clients) CHECK((client->has_value() && client->value().has_value()));
  CHECK(bench.begin("alice", "s3cret")->value().has_value());
  CHECK(bench.dialer.count() == 1);
  // Another password is asked for, and does not take the place of the right one.
  CHECK(bench.log_in("alice", "guess", "401 No").error().why == Why::kWrong);
  CHECK(bench.begin("alice", "s3cret")->value().has_value());
  CHECK(bench.dialer.count() == 2);
  bench.clock.advance_ms(PasswordEndpoint::kMaxVerifiedMs);
  CHECK(bench.log_in("alice", "s3cret", "403 Forbidden").error().why == Why::kWrong);
  CHECK(bench.log_in("alice", "s3cret", "403 Forbidden").error().why == Why::kWrong);
}

TEST_CASE("Another address of the configuration is asked anew") {
  EndpointBench bench;
  CHECK(bench.log_in("alice", "s3cret", "200 OK").has_value());
  bench.config.auth.http = "https://other.example/";
  CHECK(bench.log_in("alice", "s3cret", "401 No").error().why == Why::kWrong);
  bench.config.auth.http.clear();
  CHECK(bench.begin("alice", "secret")->value().has_value());  // ours counts again
}

TEST_CASE("Guesses are slowed as ever, and are not asked for then; tokens need nobody's word") {
  EndpointBench bench;
  const std::string token = *bench.own.add_device("alice", "bot");
  bench.own.flush(nullptr);
  for (std::uint32_t i = 0; i < bench.config.limits.login_attempts; ++i)
    CHECK(bench.log_in("alice", "guess", "401 No").error().why == Why::kWrong);
  const std::size_t asked = bench.dialer.count();
  CHECK(bench.begin("alice", "s3cret")->value().error().why == Why::kThrottled);
  CHECK(bench.begin("alice", token)->value().has_value());
  CHECK(bench.dialer.count() == asked);
  // What cannot be right is not sent, and counts.
  CHECK(bench.begin("alice", std::string(513, 'x'), "192.0.2.9")->value().error().why == Why::kWrong);
  CHECK(bench.begin("a:b", "s3cret", "192.0.2.9")->value().error().why == Why::kWrong);
  CHECK(bench.dialer.count() == asked);
}

TEST_CASE("Whom the endpoint alone knows becomes a user with auth.create, and else hears why not") {
  EndpointBench bench;
  const auto refused = bench.log_in("bob", "s3cret", "200 OK");
  CHECK(refused.error().why == Why::kDisabled);
  CHECK_THAT(refused.error().message, Catch::Contains("no account here"));
  CHECK(bench.log_in("carl", "guess", "401 No").error().message ==
        bench.log_in("alice", "guess", "401 No").error().message);
  bench.config.auth.create = true;
  bench.store.full = true;
  CHECK(bench.begin("bob", "s3cret")->value().error().why == Why::kBusy);
  CHECK(bench.own.find_user("bob") == nullptr);
  bench.store.full = false;
  const auto granted = bench.begin("bob", "s3cret");
  REQUIRE(granted->value().has_value());
  REQUIRE(bench.own.find_user("bob") != nullptr);
  CHECK(granted->value()->user == bench.own.find_user("bob")->id);
  CHECK(bench.own.find_user("bob")->password_hash.empty());
  CHECK_FALSE(bench.own.find_user("bob")->admin);
  CHECK(std::ranges::any_of(bench.log, [](const auto& line) {
    return line == "user bob added at the first login, by the word of auth.http";
  }));
  REQUIRE(bench.own.set_enabled("bob", false));
  bench.own.flush(nullptr);
  CHECK(bench.begin("bob", "s3cret")->value().error().why == Why::kDisabled);
}

TEST_CASE("Of questions eight are under way, of one address sixty-four wait, and the rest is busy") {
  EndpointBench bench;
  std::vector<std::shared_ptr<Answer>> answers;
  const auto busy = [&] {
    return std::ranges::count_if(answers, [](const auto& answer) {
      return answer->has_value() && !answer->value().has_value() && answer->value().error().why == Why::kBusy;
    });
  };
  for (int i = 0; i < 80; ++i) answers.push_back(bench.begin("alice", "guess" + std::to_string(i)));
  CHECK(bench.dialer.count() == 8);
  CHECK(busy() == 80 - 8 - 64);
  // Another address has its turn before the rest of them.
  answers.push_back(bench.begin("alice", "s3cret", "192.0.2.8"));
  bench.answer_dial(0, "401 No");
  bench.answer_dial(1, "401 No");
  CHECK(bench.dialer.count() == 10);
  const auto sent = bench.answer_dial(8, "401 No") + bench.answer_dial(9, "200 OK");
  CHECK_THAT(sent, Catch::Contains("YWxpY2U6czNjcmV0"));
  CHECK(answers.back()->has_value());

  // Callers in all.
  for (int i = 0; i < 4200; ++i)
    bench.login.authenticate(parse_login_name("alice"), "again", "192.0.2.9", true, [](const auto&) {});
  answers.push_back(bench.begin("alice", "again", "192.0.2.9"));
  CHECK(answers.back()->value().error().why == Why::kBusy);
}

TEST_CASE("Ten thousand names are remembered; then all are asked for anew") {
  EndpointBench bench;
  PasswordEndpoint endpoint(
      {.loop = bench.loop, .dialer = bench.dialer, .random = bench.random, .config = bench.config.auth});
  std::size_t yes = 0;
  const auto ask = [&](const std::string& name) {
    endpoint.ask({.name = name, .password = "s3cret", .who = "a", .still_wanted = nullptr},
                 [&](const auto& answer) { yes += answer.word == PasswordEndpoint::Word::kYes ? 1 : 0; });
  };
  const auto teach = [&](const std::string& name) {
    ask(name);
    bench.answer_dial(bench.dialer.count() - 1, "200 OK");
  };
  for (std::size_t i = 0; i < PasswordEndpoint::kMostVerified; ++i) teach("user" + std::to_string(i));
  const std::size_t dials = bench.dialer.count();
  ask("user0");
  CHECK(bench.dialer.count() == dials);
  teach("one more");
  ask("user0");
  CHECK(bench.dialer.count() == dials + 2);
  CHECK(yes == PasswordEndpoint::kMostVerified + 2);
}
