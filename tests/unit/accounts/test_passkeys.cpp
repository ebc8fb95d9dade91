// Passkeys: how they are made and let in, once for each question, and what counts as a failed login.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "bouncer/accounts/passkeys.h"
#include "tests/fakes/accounts/soft_authenticator.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Catch::Contains;
using fakes::SoftAuthenticator;
using Why = Refused::Why;

namespace {

struct PasskeyBench : tests::AccountsBench {
  explicit PasskeyBench(storage::Loaded loaded = {}) : AccountsBench(std::move(loaded)) {
    if (accounts.find_user("alice") != nullptr) return;
    REQUIRE(accounts.add_user("alice", tests::kCheapHash, false));
    REQUIRE(accounts.add_user("bob", tests::kCheapHash, false));
    accounts.flush(nullptr);
  }
  fakes::FakeLoop loop{clock};
  fakes::FakeDialer dialer{loop};
  Login login{{.loop = loop,
               .dialer = dialer,
               .random = random,
               .accounts = accounts,
               .config = config,
               .is_live = [](UserId) { return true; }}};
  Passkeys passkeys{{.clock = clock, .random = random, .accounts = accounts, .login = login}};
  Passkeys::Visit visit{
      .origin = "https://chat.test", .host = "chat.test", .browser = "one", .address = "192.0.2.7"};

  std::expected<std::uint64_t, Refused> finish(UserId user, const SoftAuthenticator& device,
                                               std::string_view challenge, std::string name = "phone") {
    const auto made = device.create(challenge);
    std::optional<std::expected<std::uint64_t, Refused>> answer;
    passkeys.finish_creation(user, visit,
                             {.name = std::move(name),
                              .client_data = made.client_data,
                              .authenticator_data = made.authenticator_data,
                              .public_key = device.public_key(),
                              .algorithm = device.algorithm()},
                             [&](auto result) { answer = result; });
    REQUIRE(answer.has_value());
    return *answer;
  }
  std::expected<std::uint64_t, Refused> make(UserId user, const SoftAuthenticator& device,
                                             std::string name = "phone") {
    return finish(user, device, passkeys.begin_creation(user, visit).challenge, std::move(name));
  }
  Passkeys::Assertion assertion(SoftAuthenticator& device, std::string_view challenge) {
    const auto answer = device.get(challenge);
    return {.credential_id = device.credential_id,
            .handle = {},
            .client_data = answer.client_data,
            .authenticator_data = answer.authenticator_data,
            .signature = answer.signature};
  }
  std::expected<UserId, Refused> enter(SoftAuthenticator& device) {
    return passkeys.finish_login(visit, assertion(device, passkeys.begin_login(visit)));
  }
  std::string refusal(SoftAuthenticator& device) {
    const auto result = enter(device);
    return result ? "let in" : result.error().message;
  }
};

}  // namespace

TEST_CASE("passkeys: one that was made lets its user in, each question once") {
  PasskeyBench t;
  SoftAuthenticator device;
  const auto creation = t.passkeys.begin_creation(1, t.visit);
  CHECK((creation.known.empty() && creation.handle.size() == 32 && creation.challenge.size() == 43));
  REQUIRE(t.finish(1, device, creation.challenge) == 1U);
  REQUIRE(t.accounts.passkeys(1).size() == 1);
  const storage::PasskeyRow& row = *t.accounts.passkeys(1).front();
  CHECK((row.name == "phone" && row.host == "chat.test" && row.handle == creation.handle));
  CHECK((row.used_ms == 0 && row.created_ms == t.clock.wall_us() / 1000));
  CHECK_FALSE(t.finish(1, device, creation.challenge));
  auto said = t.assertion(device, t.passkeys.begin_login(t.visit));
  said.handle = creation.handle;
  CHECK(t.passkeys.finish_login(t.visit, said) == UserId{1});
  CHECK(t.accounts.passkeys(1).front()->used_ms > 0);
  CHECK(t.accounts.was_in_from(1, "192.0.2.7"));
  CHECK(t.audited.back().what == "a passkey");
  const auto again = t.passkeys.finish_login(t.visit, said);
  REQUIRE_FALSE(again);
  CHECK((again.error().why == Why::kWrong &&
         again.error().message.find("answered before") != std::string::npos));
  // The same device knows the user by the same handle, and has one passkey.
  const auto next = t.passkeys.begin_creation(1, t.visit);
  CHECK((next.handle == creation.handle && next.known == std::vector<std::string>{"an id"}));
  CHECK(t.passkeys.begin_creation(2, t.visit).handle != creation.handle);
}

TEST_CASE("passkeys: a question is for one browser, one kind of answer, one user, and five minutes") {
  PasskeyBench t;
  SoftAuthenticator device;
  REQUIRE(t.make(1, device));
  const auto elsewhere = [&](const Passkeys::Visit& other) {
    auto said = t.assertion(device, t.passkeys.begin_login(t.visit));
    return t.passkeys.finish_login(other, said).has_value();
  };
  Passkeys::Visit other = t.visit;
  other.browser = "another";
  CHECK_FALSE(elsewhere(other));
  other.browser.clear();
  CHECK_FALSE(elsewhere(other));
  const std::string login = t.passkeys.begin_login(t.visit);
  CHECK_FALSE(t.finish(1, SoftAuthenticator(CoseAlgorithm::kEs256, "b"), login));
  const std::string creation = t.passkeys.begin_creation(1, t.visit).challenge;
  CHECK_FALSE(t.finish(2, SoftAuthenticator(CoseAlgorithm::kEs256, "c"), creation));
  std::string late = t.passkeys.begin_login(t.visit);
  t.clock.advance_ms(Passkeys::kChallengeMs - 1);
  CHECK(t.passkeys.finish_login(t.visit, t.assertion(device, late)));
  late = t.passkeys.begin_login(t.visit);
  t.clock.advance_ms(Passkeys::kChallengeMs);
  CHECK_FALSE(t.passkeys.finish_login(t.visit, t.assertion(device, late)));
}

TEST_CASE("passkeys: another page, another site, another's passkey and a wrong signature are refused") {
  PasskeyBench t;
  SoftAuthenticator device;
  REQUIRE(t.make(1, device));
  SoftAuthenticator wrong(CoseAlgorithm::kEs256, device.credential_id);
  CHECK_THAT(t.refusal(wrong), Contains("signature is wrong"));
  wrong.credential_id = "unknown";
  CHECK_THAT(t.refusal(wrong), Contains("not known here"));
  device.origin = "https://evil.test";
  CHECK_THAT(t.refusal(device), Contains("another page"));
  device.origin = "https://chat.test";
  device.host = "evil.test";
  CHECK_THAT(t.refusal(device), Contains("another site"));
  CHECK_FALSE(t.make(1, device));
  device.host = "chat.test";
  auto said = t.assertion(device, t.passkeys.begin_login(t.visit));
  said.handle = std::string(32, 'x');
  CHECK_FALSE(t.passkeys.finish_login(t.visit, said));
  said = t.assertion(device, t.passkeys.begin_login(t.visit));
  said.user_name = "bob";
  const auto named = t.passkeys.finish_login(t.visit, said);
  REQUIRE_FALSE(named);
  CHECK_THAT(named.error().message, Contains("than the one that you named"));
  t.login.unlock("");
  said = t.assertion(device, t.passkeys.begin_login(t.visit));
  said.user_name = "ALICE";
  CHECK(t.passkeys.finish_login(t.visit, said) == UserId{1});
  // At another address of ours it is no passkey of that site.
  t.visit.host = device.host = "irc.test";
  t.visit.origin = device.origin = "https://irc.test";
  CHECK_THAT(t.refusal(device), Contains("another site"));
}

TEST_CASE("passkeys: a counter that does not go on is refused and told; one that is not kept is not") {
  PasskeyBench t;
  SoftAuthenticator device;
  device.counter = 7;
  REQUIRE(t.make(1, device));
  device.counts = true;
  CHECK(t.enter(device) == UserId{1});
  CHECK(t.accounts.passkeys(1).front()->counter == 8);
  device.counter = 7;
  t.audited.clear();
  CHECK_THAT(t.refusal(device), Contains("counter went back"));
  REQUIRE(t.audited.size() == 1);
  CHECK(t.audited[0].what == "login refused as the counter of passkey 1 went back");
  device.counts = false;
  device.counter = 0;
  CHECK_THAT(t.refusal(device), Contains("counter went back"));
  device.counter = 9;
  CHECK(t.enter(device) == UserId{1});
  SoftAuthenticator without(CoseAlgorithm::kEdDsa, "b");
  REQUIRE(t.make(1, without));
  for (int i = 0; i < 3; ++i) CHECK(t.enter(without) == UserId{1});
}

TEST_CASE(
    "passkeys: what is wrong counts as a failed login of its address; what is right is taken all the same") {
  PasskeyBench t;
  SoftAuthenticator device, wrong;
  REQUIRE(t.make(1, device));
  std::optional<Why> why;
  for (int i = 0; i < 20 && why != Why::kThrottled; ++i) why = t.enter(wrong).error().why;
  CHECK(why == Why::kThrottled);
  std::optional<std::expected<Granted, Refused>> answer;
  t.login.authenticate({.user = "alice", .network = {}, .device = {}}, "secret", "192.0.2.8", false,
                       [&](auto result) { answer = result; });
  t.loop.run_turns();
  REQUIRE((answer && *answer));  // the account is not locked
  t.login.authenticate({.user = "bob", .network = {}, .device = {}}, "secret", t.visit.address, false,
                       [&](auto result) { answer = result; });
  t.loop.run_turns();
  REQUIRE((answer && !*answer));
  CHECK(answer->error().why == Why::kThrottled);
  CHECK(t.enter(device) == UserId{1});
}

TEST_CASE("passkeys: a disabled user is refused") {
  PasskeyBench t;
  SoftAuthenticator device;
  REQUIRE(t.make(1, device));
  REQUIRE(t.accounts.set_enabled("alice", false));
  t.accounts.flush(nullptr);
  const auto result = t.enter(device);
  REQUIRE_FALSE(result);
  CHECK(result.error().why == Why::kDisabled);
}

TEST_CASE(
    "passkeys: a user has 16 at most, each once and with a name, and they go with the user or --devices") {
  PasskeyBench t;
  const SoftAuthenticator first(CoseAlgorithm::kEs256, "0");
  REQUIRE(t.make(1, first));
  CHECK_THAT(t.make(2, first).error().message, Contains("known here already"));
  for (int i = 1; i < 16; ++i)
    REQUIRE(t.make(1, SoftAuthenticator(CoseAlgorithm::kEs256, std::to_string(i))));
  const SoftAuthenticator more(CoseAlgorithm::kEs256, "more");
  CHECK_THAT(t.make(1, more).error().message, Contains("16 passkeys already"));
  CHECK_FALSE(t.make(2, more, ""));
  CHECK_FALSE(t.make(2, more, "two\nlines"));
  CHECK_FALSE(t.make(2, more, std::string(65, 'n')));
  REQUIRE(t.make(2, more, std::string(64, 'n')));
  CHECK_FALSE(t.accounts.revoke_passkey(2, 1));  // somebody else's
  REQUIRE(t.accounts.revoke_passkey(1, 1));
  CHECK(t.accounts.find_passkey("0") == nullptr);
  t.accounts.rollback();
  CHECK(t.accounts.find_passkey("0") != nullptr);
  REQUIRE(t.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kKeep));
  CHECK(t.accounts.passkeys(1).size() == 16);
  REQUIRE(t.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kRevoke));
  CHECK(t.accounts.passkeys(1).empty());
  REQUIRE(t.accounts.remove_user("bob"));
  CHECK(t.accounts.find_passkey("more") == nullptr);
  t.accounts.rollback();
  CHECK((t.accounts.passkeys(1).size() == 16 && t.accounts.passkeys(2).size() == 1));
}

TEST_CASE("passkeys: questions of an address, and in all, have a bound: the oldest makes place") {
  PasskeyBench t;
  SoftAuthenticator device;
  REQUIRE(t.make(1, device));
  const auto good = [&](const std::string& challenge) {
    return t.passkeys.finish_login(t.visit, t.assertion(device, challenge)).has_value();
  };
  const std::string own = t.passkeys.begin_login(t.visit);
  Passkeys::Visit other = t.visit;
  other.address = "198.51.100.1";
  const std::string theirs = t.passkeys.begin_login(other);
  std::vector<std::string> many;
  for (std::size_t i = 0; i < Passkeys::kMostChallengesOfAddress; ++i)
    many.push_back(t.passkeys.begin_login(t.visit));
  CHECK_FALSE(good(own));
  CHECK(good(many.front()));
  CHECK(good(theirs));
  const std::string oldest = t.passkeys.begin_login(other);
  for (std::size_t i = 0; i < Passkeys::kMostChallenges; ++i) {
    other.address = "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
                    std::to_string(i % 256);
    t.passkeys.begin_login(other);
  }
  CHECK_FALSE(good(oldest));
}

TEST_CASE("passkeys: one that finds no disk is not promised") {
  PasskeyBench t;
  const SoftAuthenticator device;
  t.store.full = true;
  const auto result = t.make(1, device);
  REQUIRE_FALSE(result);
  CHECK(result.error().why == Why::kBusy);
  CHECK(t.accounts.passkeys(1).empty());
}
