#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/accounts/password.h"
#include "bouncer/accounts/password_queue.h"
#include "bouncer/accounts/password_verifier.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Verdict = PasswordVerifier::Verdict;

namespace {

struct VerifierBench {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  fakes::FakeRandom random;
  Sealer::Key key{7};
  std::unique_ptr<PasswordVerifier> verifier = std::make_unique<PasswordVerifier>(loop, random, key);
  std::vector<Verdict> verdicts;
  std::string digest;  // the last one that was to be kept

  void verify(std::string_view password, UserId user = 1, std::string who = "192.0.2.1") {
    verifier->verify({.user = user,
                      .who = std::move(who),
                      .hash = tests::kCheapHash,
                      .digest = digest,
                      .password = std::string(password),
                      .still_wanted = nullptr},
                     [this](const PasswordVerifier::Verification& answer) {
                       verdicts.push_back(answer.verdict);
                       if (!answer.digest.empty()) digest = answer.digest;
                     });
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

TEST_CASE("Beyond 1,024 different passwords of one address the answer is busy; others are served in turn") {
  VerifierBench bench;
  bench.loop.hold_work(true);
  for (int i = 0; i < 1026; ++i) bench.verify("guess " + std::to_string(i));  // two of them run
  CHECK(bench.take().empty());
  bench.verify("one more");
  CHECK(bench.take() == std::vector{Verdict::kBusy});
  bench.verify("secret", 2, "192.0.2.2");
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  const auto verdicts = bench.take();
  REQUIRE(verdicts.size() == 1027);
  const auto right = std::ranges::find(verdicts, Verdict::kRight);
  CHECK(right - verdicts.begin() < 6);  // behind those that ran and one turn of the other
}

TEST_CASE("After a restart a kept digest stands for the slow hash, and only for it") {
  VerifierBench bench;
  bench.verify("secret");
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kRight});
  const std::string kept = bench.digest;
  REQUIRE(verify_quick(bench.key, kept, tests::kCheapHash, "secret"));

  bench.verifier = std::make_unique<PasswordVerifier>(bench.loop, bench.random, bench.key);
  bench.verify("secret");
  bench.verify("Secret");
  bench.loop.run_turns();
  CHECK(bench.take() == std::vector{Verdict::kRight, Verdict::kWrong});
  CHECK(bench.digest == kept);  // nothing new to be kept
}

TEST_CASE("What nobody waits for any more is not hashed") {
  VerifierBench bench;
  bench.loop.hold_work(true);
  bool wanted = true;
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 4; ++i) {
    bench.verifier->verify(
        {.user = 1,
         .who = "a",
         .hash = tests::kCheapHash,
         .digest = {},
         .password = "guess " + std::to_string(i),
         .still_wanted = [&] { return wanted; }},
        [&](const PasswordVerifier::Verification& answer) { verdicts.push_back(answer.verdict); });
  }
  wanted = false;
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  REQUIRE(verdicts.size() == 4);
  CHECK(std::ranges::count(verdicts, Verdict::kWrong) == 2);  // these ran already
  CHECK(std::ranges::count(verdicts, Verdict::kNotWanted) == 2);
}

TEST_CASE("A verifier that is destroyed calls nobody") {
  VerifierBench bench;
  bench.verify("secret");
  bench.verifier.reset();
  bench.loop.run_turns();
  CHECK(bench.take().empty());
}

TEST_CASE("Beyond 4,096 callers that wait the answer is busy, whoever asks") {
  VerifierBench bench;
  bench.loop.hold_work(true);
  // Most of them ask the same, and share a hash.
  for (int i = 0; i < 4096; ++i) bench.verify("the same");
  CHECK(bench.take().empty());
  bench.verify("secret", 2, "192.0.2.2");
  CHECK(bench.take() == std::vector{Verdict::kBusy});
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(bench.take().size() == 4096);
}

TEST_CASE("4,096 passwords wait to be hashed, and no more, of however many") {
  std::vector<std::function<void()>> held;
  PasswordQueue queue([&](auto job, auto done) { held.push_back([=] { job(), done(); }); }, 2);
  std::size_t added = 0;
  for (int who = 0; who < 5000; ++who) {
    added += queue.add(
        {.who = std::to_string(who), .still_wanted = nullptr, .run = [] {}, .finished = [](bool) {}}, 4);
  }
  CHECK(held.size() == 2);  // the others wait
  CHECK(added == PasswordQueue::kMostWaitingJobs + 2);
  while (!held.empty()) std::exchange(held, {}).front()();
}
