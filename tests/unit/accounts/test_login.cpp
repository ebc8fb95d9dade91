#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/accounts/login.h"
#include "bouncer/accounts/password.h"
#include "bouncer/accounts/scram_keys.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Why = Refused::Why;

namespace {

struct LoginBench : tests::AccountsBench {
  fakes::FakeLoop loop{clock};
  fakes::FakeDialer dialer{loop};
  Login login{{.loop = loop,
               .dialer = dialer,
               .random = random,
               .accounts = accounts,
               .config = config,
               .is_live = [this](UserId id) {
                 const auto* row = accounts.user(id);
                 return row != nullptr && row->enabled;
               }}};
  std::optional<std::expected<Granted, Refused>> answer;

  LoginBench() {
    REQUIRE(accounts.add_user("alice", tests::kCheapHash, false));
    REQUIRE(accounts.add_network("alice", "libera", draft()));
    accounts.flush(nullptr);
  }
  std::expected<Granted, Refused> log_in(std::string_view name, std::string_view secret,
                                         std::string_view address = "192.0.2.7", bool with_device = true) {
    answer.reset();
    login.authenticate(parse_login_name(name), secret, address, with_device,
                       [this](auto result) { answer = result; });
    loop.run_turns();
    REQUIRE(answer.has_value());
    return *answer;
  }
};

}  // namespace

TEST_CASE("A login name is user, network and device in any order") {
  const auto check = [](std::string_view text, std::string_view user, std::string_view network,
                        std::string_view device) {
    const LoginName name = parse_login_name(text);
    INFO(text);
    CHECK(name.user == user);
    CHECK(name.network == network);
    CHECK(name.device == device);
  };
  check("alice", "alice", "", "");
  check("alice/libera", "alice", "libera", "");
  check("alice@phone", "alice", "", "phone");
  check("alice/libera@phone", "alice", "libera", "phone");
  check("alice@phone/libera", "alice", "libera", "phone");
  check("alice/", "alice", "", "");
  check("", "", "", "");
  check("/libera@x", "", "libera", "x");
}

TEST_CASE("The right password is let in, with the device that the name asks for") {
  LoginBench bench;
  const auto first = bench.log_in("ALICE/Libera@phone", "secret");
  REQUIRE(first.has_value());
  CHECK(first->user == 1);
  CHECK(first->network == "Libera");
  REQUIRE(bench.accounts.find_device(1, "phone"));
  CHECK(first->device == bench.accounts.find_device(1, "phone")->id);
  CHECK(bench.log_in("alice@phone", "secret")->device == first->device);
  CHECK(bench.log_in("alice", "secret")->device != first->device);  // the device without a name
  CHECK(bench.log_in("alice", "secret", "192.0.2.7", false)->device == 0);
}

TEST_CASE("A wrong password and an unknown user are told the same, after the same work") {
  LoginBench bench;
  const auto wrong = bench.log_in("alice", "sesame");
  REQUIRE_FALSE(wrong.has_value());
  const auto unknown = bench.log_in("nobody", "secret");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(wrong.error().why == Why::kWrong);
  CHECK(unknown.error().why == Why::kWrong);
  CHECK(wrong.error().message == unknown.error().message);

  bench.loop.hold_work(true);
  bench.answer.reset();
  bench.login.authenticate({"nobody", "", ""}, "x", "192.0.2.8", true,
                           [&](auto result) { bench.answer = result; });
  bench.loop.run_turns();
  CHECK_FALSE(bench.answer.has_value());  // it waits for a slow hash as any other
}

TEST_CASE("An unknown network is told only to who has the password") {
  LoginBench bench;
  const auto refused = bench.log_in("alice/efnet", "secret");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().why == Why::kUnknownNetwork);
  CHECK_THAT(refused.error().message, Catch::Contains("libera"));
  CHECK(bench.log_in("alice/efnet", "wrong").error().why == Why::kWrong);
}

TEST_CASE("A disabled account is told so only to who has the password") {
  LoginBench bench;
  REQUIRE(bench.accounts.set_enabled("alice", false));
  CHECK(bench.log_in("alice", "secret").error().why == Why::kDisabled);
  CHECK(bench.log_in("alice", "wrong").error().why == Why::kWrong);
}

TEST_CASE("A device token is valid wherever the password is, for its own user, until it is revoked") {
  LoginBench bench;
  const std::string token = *bench.accounts.add_device("alice", "bot");
  REQUIRE(bench.accounts.add_user("bob", tests::kCheapHash, false));
  const DeviceId device = bench.accounts.find_device(1, "bot")->id;
  CHECK(bench.log_in("alice@phone", token)->device == device);
  CHECK(bench.log_in("bob", token).error().why == Why::kWrong);
  CHECK(bench.login.by_token(token, "192.0.2.7")->device == device);
  REQUIRE(bench.accounts.revoke_device("alice", "bot"));
  CHECK(bench.login.by_token(token, "192.0.2.7").error().why == Why::kWrong);
  CHECK(bench.log_in("alice", token).error().why == Why::kWrong);
}

TEST_CASE("An address that fails too often waits ten minutes; others do not") {
  LoginBench bench;
  const auto& limit = bench.config.limits.login_attempts;
  for (std::uint32_t i = 0; i < limit; ++i) CHECK(bench.log_in("alice", "no").error().why == Why::kWrong);
  const auto refused = bench.log_in("alice", "secret");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().why == Why::kThrottled);
  CHECK(refused.error().retry_after_s == 600);
  CHECK(bench.login.by_token("x", "192.0.2.7").error().why == Why::kThrottled);
  CHECK(bench.log_in("alice", "secret", "192.0.2.8").has_value());

  bench.clock.advance_ms(599'000);
  CHECK(bench.log_in("alice", "secret").error().retry_after_s == 1);
  bench.clock.advance_ms(1'000);
  CHECK(bench.log_in("alice", "secret").has_value());
}

TEST_CASE("Guesses at one account from ever new addresses are slowed, and its owner is not locked out") {
  LoginBench bench;
  const std::string token = *bench.accounts.add_device("alice", "bot");
  REQUIRE(bench.log_in("alice", "secret", "198.51.100.1").has_value());  // at home
  const std::uint32_t limit = bench.config.limits.login_attempts * LoginAttempts::kMostAccountFactor;
  std::size_t tried = 0;
  for (int i = 0; i < 200; ++i)
    tried +=
        bench.log_in("alice", "guess", "203.0.113." + std::to_string(i)).error().why == Why::kWrong ? 1 : 0;
  CHECK(tried == limit);
  const auto refused = bench.log_in("alice", "secret", "192.0.2.1");
  CHECK(refused.error().why == Why::kThrottled);
  CHECK_THAT(refused.error().message, Catch::Contains("this account") && Catch::Contains("token"));

  CHECK(bench.log_in("alice", "secret", "198.51.100.1").has_value());
  CHECK(bench.log_in("alice", token, "192.0.2.1").has_value());
  CHECK(bench.login.by_token(token, "192.0.2.1").has_value());
  // A name of nobody is told the same.
  tried = 0;
  for (int i = 0; i < 200; ++i)
    tried +=
        bench.log_in("nobody", "guess", "198.18.0." + std::to_string(i)).error().why == Why::kWrong ? 1 : 0;
  CHECK(tried == limit);

  bench.clock.advance_ms(LoginAttempts::kWindowMs);
  CHECK(bench.log_in("alice", "secret", "192.0.2.1").has_value());
}

TEST_CASE("Others' failures at one's own address keep nobody out, and one's own do") {
  LoginBench bench;
  const std::string token = *bench.accounts.add_device("alice", "bot");
  REQUIRE(bench.accounts.add_user("bob", tests::kCheapHash, false));
  REQUIRE(bench.log_in("alice", "secret").has_value());
  for (int i = 0; i < 20; ++i) bench.log_in("bob", "guess");
  CHECK(bench.log_in("bob", "secret").error().why == Why::kThrottled);
  CHECK(bench.log_in("alice", "secret").has_value());
  CHECK(bench.login.by_token("forged", "192.0.2.7").error().why == Why::kThrottled);
  CHECK(bench.login.by_token(token, "192.0.2.7").has_value());
  for (int i = 0; i < 20; ++i) bench.log_in("alice", "guess");
  CHECK(bench.log_in("alice", "secret").error().why == Why::kThrottled);
  CHECK(bench.log_in("alice", token).has_value());
}

TEST_CASE("A lockout can be lifted for an address, an account, or all") {
  LoginBench bench;
  const auto lock = [&] {
    for (int i = 0; i < 20; ++i) bench.log_in("alice", "guess", "2001:db8::1");
    CHECK(bench.log_in("alice", "secret", "2001:db8::2").error().why == Why::kThrottled);
  };
  lock();
  CHECK_THAT(*bench.login.unlock("2001:db8::3"), Catch::Contains("2001:db8::/64"));
  CHECK(bench.log_in("alice", "secret", "2001:db8::2").has_value());
  lock();  // at home now
  CHECK_THAT(*bench.login.unlock("ALICE"), Catch::Contains("alice"));
  CHECK(bench.log_in("alice", "secret", "2001:db8::2").has_value());
  lock();
  CHECK(bench.login.unlock("") == "1 lockout lifted");
  CHECK(bench.log_in("alice", "secret", "2001:db8::2").has_value());
  CHECK_FALSE(bench.login.unlock("nobody"));
}

TEST_CASE("A login by the password is marked as one; its digest is kept for the next start") {
  LoginBench bench;
  const std::string token = *bench.accounts.add_device("alice", "bot");
  CHECK(bench.log_in("alice", "secret")->by_password);
  CHECK_FALSE(bench.log_in("alice", token)->by_password);
  const std::string digest = bench.accounts.password_digest(1);
  CHECK(verify_quick(bench.accounts.password_key(), digest, tests::kCheapHash, "secret"));
  CHECK(bench.store.last<storage::PutUser>().row.settings == bench.accounts.user(1)->settings);
}

TEST_CASE("Loopback is not exempt, and an IPv6 host is its /64") {
  LoginBench bench;
  bench.config.limits.login_attempts = 2;
  for (int i = 0; i < 2; ++i) bench.log_in("alice", "no", "127.0.0.1");
  CHECK(bench.log_in("alice", "secret", "127.0.0.1").error().why == Why::kThrottled);
  CHECK(bench.log_in("alice", "secret", "::ffff:127.0.0.1").error().why == Why::kThrottled);
  bench.log_in("alice", "no", "2001:db8:0:1::1");
  bench.log_in("alice", "no", "2001:db8:0:1:ffff::2");
  CHECK(bench.log_in("alice", "secret", "2001:db8:0:1::3").error().why == Why::kThrottled);
  CHECK(bench.log_in("alice", "secret", "2001:db8:0:2::1").has_value());
}

TEST_CASE("Guesses made at the same time count before they are answered") {
  LoginBench bench;
  bench.config.limits.login_attempts = 3;
  std::vector<Why> answers;
  bench.loop.hold_work(true);
  for (int i = 0; i < 20; ++i) {
    const std::string guess = i == 19 ? "secret" : "guess " + std::to_string(i);
    bench.login.authenticate({"alice", "", ""}, guess, "192.0.2.7", true, [&](auto result) {
      answers.push_back(result ? Why::kTooMany : result.error().why);
    });
  }
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  REQUIRE(answers.size() == 20);
  CHECK(std::ranges::count(answers, Why::kWrong) == 3);
  CHECK(std::ranges::count(answers, Why::kThrottled) == 17);  // the right one too
}

TEST_CASE("The memory of addresses is bounded") {
  LoginBench bench;
  for (int i = 0; i < 25'000; ++i) {
    bench.clock.advance_ms(1);
    CHECK_FALSE(bench.login.by_token("x", std::to_string(i)).has_value());
  }
  bench.config.limits.login_attempts = 1;
  CHECK(bench.login.by_token("x", "24999").error().why == Why::kThrottled);
  CHECK(bench.login.by_token("x", "0").error().why == Why::kWrong);  // forgotten
}

TEST_CASE("A user removed while the password is verified is not let in") {
  LoginBench bench;
  bench.loop.hold_work(true);
  bench.login.authenticate({"alice", "", ""}, "secret", "192.0.2.7", true,
                           [&](auto result) { bench.answer = result; });
  REQUIRE(bench.accounts.remove_user("alice"));
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  REQUIRE(bench.answer.has_value());
  CHECK(bench.answer->error().why == Why::kWrong);
}

TEST_CASE("A web login lasts until it is revoked or its user disabled") {
  LoginBench bench;
  const std::string cookie = bench.accounts.open_session(1, "Browser/1", "192.0.2.7");
  REQUIRE(bench.login.by_session(cookie).has_value());
  const auto id = bench.login.by_session(cookie)->id;
  CHECK_FALSE(bench.login.by_session("forged").has_value());
  REQUIRE(bench.accounts.set_enabled("alice", false));
  CHECK(bench.login.by_session(cookie).error().why == Why::kDisabled);
  REQUIRE(bench.accounts.set_enabled("alice", true));
  REQUIRE(bench.accounts.revoke_session(1, id));
  CHECK(bench.login.by_session(cookie).error().why == Why::kWrong);
}

TEST_CASE("Who comes from another bouncer logs in by its hash, once: then it is one of ours") {
  LoginBench bench;
  REQUIRE(bench.accounts.add_user(
      "kit", "$znc-sha256$salt!;1$2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6", false));
  bench.accounts.flush(nullptr);
  CHECK_FALSE(bench.log_in("kit", "wrong word"));
  CHECK(bench.accounts.find_user("kit")->password_hash.starts_with("$znc"));
  // Two clients come back at once.
  std::vector<bool> both;
  bench.loop.hold_work(true);
  for (int i = 0; i < 2; ++i)
    bench.login.authenticate({"kit", "", ""}, "secret word", "192.0.2.7", true,
                             [&](auto result) { both.push_back(result.has_value()); });
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(both == std::vector<bool>{true, true});
  const std::string hash = bench.accounts.find_user("kit")->password_hash;
  CHECK(hash.starts_with("$argon2id$"));
  CHECK(bench.store.last<storage::PutUser>().row.password_hash == hash);
  CHECK(verify_quick(bench.accounts.password_key(), bench.accounts.password_digest(2), hash, "secret word"));
  REQUIRE(bench.log_in("kit", "secret word"));
  CHECK_FALSE(bench.log_in("kit", "wrong word"));
  CHECK(bench.accounts.find_user("kit")->password_hash == hash);
}

namespace {

// What a client says with that token; our answer to its proof.
std::expected<Login::Proven, Refused> prove(LoginBench& bench, std::string_view name,
                                            std::string_view token) {
  irc::ScramClient client(name, "clientnonce");
  auto server = irc::ScramServer::read_first(client.first());
  REQUIRE(server);
  const auto challenge = client.challenge(bench.login.challenge(*server));
  REQUIRE(challenge);
  CHECK(challenge->rounds == kTokenScramRounds);
  const std::string answer =
      client.answer(irc::scram_salted_password(token, challenge->salt, challenge->rounds));
  auto proven = bench.login.by_proof(*server, answer, "192.0.2.7");
  if (proven) CHECK(client.check(proven->signature));
  return proven;
}

std::string salt_of(LoginBench& bench, std::string_view name) {
  irc::ScramClient client(name, "clientnonce");
  auto server = irc::ScramServer::read_first(client.first());
  REQUIRE(server);
  return client.challenge(bench.login.challenge(*server))->salt;
}

std::string add_with_keys(LoginBench& bench, std::string_view name) {
  auto made = Accounts::make_token(bench.accounts.scram_salt("alice"), bench.random);
  const auto token = bench.accounts.add_device("alice", name, std::move(made));
  bench.accounts.flush(nullptr);
  return *token;
}

}  // namespace

TEST_CASE("A token is proven by SCRAM, whichever device it is of") {
  LoginBench bench;
  const std::string phone = add_with_keys(bench, "phone"), laptop = add_with_keys(bench, "laptop");
  const auto first = prove(bench, "alice/libera", phone);
  REQUIRE(first);
  CHECK(first->granted.device == bench.accounts.find_device(1, "phone")->id);
  CHECK(first->granted.network == "libera");
  CHECK_FALSE(first->granted.by_password);
  const auto second = prove(bench, "ALICE@laptop", laptop);
  REQUIRE(second);
  CHECK(second->granted.device == bench.accounts.find_device(1, "laptop")->id);
  CHECK_FALSE(prove(bench, "alice@phone", laptop));  // another's
  CHECK_FALSE(prove(bench, "alice", "secret"));      // passwords have no keys
  CHECK_FALSE(prove(bench, "nobody", phone));
  // Clients that try SCRAM with the password lock nobody out.
  for (int i = 0; i < 100; ++i) CHECK_FALSE(prove(bench, "alice", "secret"));
  CHECK(bench.log_in("alice", "secret"));
  REQUIRE(bench.accounts.set_enabled("alice", false));
  CHECK(prove(bench, "alice", phone).error().why == Why::kDisabled);
}

TEST_CASE("Salts of SCRAM tell nobody who there is, and stay when a user gets another name") {
  LoginBench bench;
  const std::string salt = salt_of(bench, "alice");
  CHECK(salt.size() == 16);
  CHECK(salt_of(bench, "nobody").size() == 16);
  CHECK(salt_of(bench, "nobody") == salt_of(bench, "NOBODY@phone"));
  CHECK(salt_of(bench, "nobody") != salt);
  const std::string token = add_with_keys(bench, "phone");
  CHECK(salt_of(bench, "Alice/libera") == salt);
  REQUIRE(bench.accounts.rename_user("alice", "anna"));
  CHECK(salt_of(bench, "anna") == salt);
  CHECK(prove(bench, "anna", token));
  const std::string other = *bench.accounts.add_device(
      "anna", "bot", Accounts::make_token(bench.accounts.scram_salt("anna"), bench.random));
  CHECK(prove(bench, "anna", other));
  CHECK(prove(bench, "anna", token));
}

TEST_CASE("A token from before SCRAM gets its keys when it is used, and keeps them") {
  LoginBench bench;
  const std::string token = *bench.accounts.add_device("alice", "old");
  bench.accounts.flush(nullptr);
  CHECK_FALSE(prove(bench, "alice", token));
  CHECK(bench.log_in("alice", token));
  bench.loop.run_turns();
  CHECK(prove(bench, "alice", token));
  CHECK_FALSE(bench.store.last<storage::PutDevice>().row.scram_keys.empty());
}

TEST_CASE("A certificate lets its device in, of whichever user it is meant to be") {
  LoginBench bench;
  const std::string mine(64, 'a'), shared(64, 'b');
  REQUIRE(bench.accounts.add_user("bob", tests::kCheapHash, false));
  REQUIRE(bench.accounts.add_certificate("alice", "phone", "AA:" + std::string(62, 'A')));
  REQUIRE(bench.accounts.add_certificate("alice", "tablet", shared));
  REQUIRE(bench.accounts.add_certificate("bob", "phone", shared));
  bench.accounts.flush(nullptr);
  const auto come = [&](std::string_view name, const std::string& certificate) {
    return bench.login.by_certificate(parse_login_name(name),
                                      {.address = "192.0.2.7", .cert_fingerprint = certificate});
  };
  const auto in = come("", mine);
  REQUIRE(in);
  CHECK((in->user == 1 && in->device == bench.accounts.find_device(1, "phone")->id && !in->by_password));
  CHECK(come("alice/libera@phone", mine)->network == "libera");
  CHECK_FALSE(come("bob", mine));
  CHECK_FALSE(come("alice@tablet", mine));
  CHECK_FALSE(come("", std::string(64, 'c')));
  CHECK_FALSE(come("", shared));  // of two users
  CHECK(come("bob", shared)->user == 2);
  CHECK(come("alice", shared)->user == 1);

  CHECK_FALSE(bench.accounts.add_certificate("alice", "third", mine));
  CHECK_FALSE(bench.accounts.add_certificate("alice", "phone", std::string(64, 'd')));
  CHECK_FALSE(bench.accounts.add_certificate("alice", "third", "12:34"));
  bench.accounts.rollback();
  CHECK(bench.accounts.find_device(1, "third") == nullptr);
  CHECK(bench.accounts.find_certificate(mine).size() == 1);
  CHECK(bench.accounts.add_device("alice", "phone"));  // and a token beside it
  REQUIRE(bench.accounts.revoke_device("alice", "phone"));
  bench.accounts.flush(nullptr);
  CHECK_FALSE(come("", mine));
  // A new password that ends tokens ends certificates.
  REQUIRE(bench.accounts.set_password_hash("bob", tests::kCheapHash, Accounts::Tokens::kRevoke));
  CHECK_FALSE(come("bob", shared));
}

TEST_CASE("A certificate is known by either of its fingerprints") {
  LoginBench bench;
  const std::string sha256(64, 'a'), sha512(128, 'b');
  REQUIRE(bench.accounts.add_user("bob", tests::kCheapHash, false));
  const auto come = [&](std::string_view name) {
    return bench.login.by_certificate(
        parse_login_name(name), {.address = "192.0.2.7", .cert_fingerprint = sha256, .cert_sha512 = sha512});
  };
  REQUIRE(bench.accounts.add_certificate("alice", "phone", std::string(128, 'B')));
  CHECK(bench.accounts.find_certificate(sha512).size() == 1);
  CHECK(come("")->device == bench.accounts.find_device(1, "phone")->id);
  // By one user in one form, by another in the other.
  REQUIRE(bench.accounts.add_certificate("bob", "laptop", sha256));
  CHECK(bench.accounts.find_certificate(sha256, sha512).size() == 2);
  CHECK_FALSE(come(""));
  CHECK(come("alice")->user == 1);
  CHECK(come("bob")->user == 2);
  REQUIRE(bench.accounts.revoke_device("bob", "laptop"));
  // By one user in both: nobody could know.
  REQUIRE(bench.accounts.add_certificate("alice", "tablet", sha256));
  CHECK(come("")->device == bench.accounts.find_device(1, "tablet")->id);
  CHECK(come("alice@phone")->device == bench.accounts.find_device(1, "phone")->id);
  bench.accounts.flush(nullptr);
}
