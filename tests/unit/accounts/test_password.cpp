#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "bouncer/accounts/password.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Verdict = PasswordVerifier::Verdict;

TEST_CASE("A password verifies against its own hash only") {
  fakes::FakeRandom random;
  const std::string hash = hash_password("correct horse", random);
  CHECK(hash.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"));
  CHECK(check_password_hash(hash).empty());
  CHECK(verify_password(hash, "correct horse"));
  CHECK_FALSE(verify_password(hash, "correct horsf"));
  CHECK_FALSE(verify_password(hash, ""));
  CHECK(hash_password("correct horse", random) != hash);
}

TEST_CASE("Hashes of other programs are taken within bounds, and nothing else is") {
  CHECK(verify_password(tests::kCheapHash, "secret"));
  CHECK(check_password_hash("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG")
            .empty());
  const char* wrong[] = {
      "",
      "secret",
      "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
      "$argon2id$",
      "$argon2id$v=19$m=8,t=1,p=1$",
      "$argon2id$v=18$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQ*LpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=8,t=21,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs",
      "$argon2id$v=19$m=99999999999,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+"
      "fs"};
  for (const char* hash : wrong) {
    INFO(hash);
    CHECK_FALSE(check_password_hash(hash).empty());
    CHECK_FALSE(verify_password(hash, "secret"));
  }
}

namespace {

struct VerifierBench {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  fakes::FakeRandom random;
  std::unique_ptr<PasswordVerifier> verifier = std::make_unique<PasswordVerifier>(loop, random);
  std::vector<Verdict> verdicts;

  void verify(std::string_view password, UserId user = 1) {
    verifier->verify(user, tests::kCheapHash, password,
                     [this](Verdict verdict) { verdicts.push_back(verdict); });
  }
  std::vector<Verdict> take() { return std::exchange(verdicts, {}); }
};

}  // namespace

TEST_CASE("A password verified once is remembered; a wrong one never is") {
  VerifierBench bench;
  bench.verify("secret");
  CHECK(bench.take().empty());  // a worker thread has it
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kRight});

  bench.verify("secret");
  CHECK(bench.take() == std::vector{Verdict::kRight});  // at once
  bench.verify("Secret");
  CHECK(bench.take().empty());
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kWrong});
  bench.verify("secret", 2);  // another user's memory is not this one's
  CHECK(bench.take().empty());
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kRight});

  bench.verifier->forget(1);
  bench.verify("secret");
  CHECK(bench.take().empty());
}

TEST_CASE("Clients of one user that come at once share one slow hash") {
  VerifierBench bench;
  bench.loop.hold_work(true);
  for (int i = 0; i < 1000; ++i) bench.verify("secret");
  CHECK(bench.take().empty());
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector(1000, Verdict::kRight));
}

TEST_CASE("Beyond 256 different waiting passwords the answer is busy") {
  VerifierBench bench;
  bench.loop.hold_work(true);
  for (int i = 0; i < 256; ++i) bench.verify("guess " + std::to_string(i));
  CHECK(bench.take().empty());
  bench.verify("one more");
  CHECK(bench.take() == std::vector{Verdict::kBusy});
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector(256, Verdict::kWrong));
  bench.verify("one more");
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kWrong});
}

TEST_CASE("A verifier that is destroyed calls nobody") {
  VerifierBench bench;
  bench.verify("secret");
  bench.verifier.reset();
  bench.loop.run_turns();
  CHECK(bench.take().empty());
}
