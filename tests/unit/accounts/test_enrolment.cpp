// Codes for those who have no login: what they let in, how often, and how they end.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "bouncer/accounts/enrolment.h"
#include "bouncer/accounts/password.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using Why = Refused::Why;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

struct EnrolmentBench : tests::AccountsBench {
  fakes::FakeLoop loop{clock};
  fakes::FakeDialer dialer{loop};
  Login login{{.loop = loop,
               .dialer = dialer,
               .random = random,
               .accounts = accounts,
               .config = config,
               .is_live = [](UserId) { return true; }}};
  Enrolment enrolment{{.loop = loop, .random = random, .accounts = accounts, .login = login}};
  using Answer = std::optional<std::expected<UserId, Refused>>;

  EnrolmentBench() {
    REQUIRE(accounts.add_user("alice", tests::kCheapHash, false));
    accounts.flush(nullptr);
    ear.take();
  }
  std::int64_t in_hours(int hours) const { return clock.wall_us() / 1000 + hours * kHourMs; }
  std::string reset_code(int hours = 1) {
    const auto made = accounts.add_reset("alice", in_hours(hours));
    REQUIRE(made);
    accounts.flush(nullptr);
    return made->code;
  }
  std::string invitation(std::uint32_t uses = 1) {
    const auto made = accounts.add_invitation({.uses = uses, .until_ms = in_hours(1), .note = "n"});
    REQUIRE(made);
    accounts.flush(nullptr);
    return made->code;
  }
  std::expected<UserId, Refused> reset(const std::string& code, const std::string& password = "a new one",
                                       std::string_view address = "192.0.2.7") {
    Answer answer;
    enrolment.reset_password({.code = code, .password = password}, address,
                             [&](auto result) { answer = result; });
    loop.run_turns();
    REQUIRE(answer.has_value());
    return *answer;
  }
  std::expected<UserId, Refused> enter(const std::string& code, const std::string& name,
                                       const std::string& password = "a new one") {
    Answer answer;
    enrolment.register_user({.code = code, .name = name, .password = password}, "192.0.2.7",
                            [&](auto result) { answer = result; });
    loop.run_turns();
    REQUIRE(answer.has_value());
    return *answer;
  }
  bool has_password(std::string_view name, std::string_view password) const {
    return verify_password(accounts.find_user(name)->password_hash, password);
  }
};

}  // namespace

TEST_CASE("A reset sets the password once, and ends what the old one opened") {
  EnrolmentBench bench;
  const std::string code = bench.reset_code();
  const std::string cookie = bench.accounts.open_session(1, "agent", "addr");
  CHECK(bench.store.last<storage::PutTicket>().row.code_hash != code);
  REQUIRE(bench.reset(code).value_or(0) == 1);
  CHECK(bench.has_password("alice", "a new one"));
  CHECK(bench.accounts.find_session(cookie) == nullptr);
  CHECK(std::ranges::find(bench.ear.heard, "password of 1") != bench.ear.heard.end());
  CHECK(bench.store.count<storage::RemoveTicket>() == 1);
  CHECK(bench.reset(code, "another").error().why == Why::kBadCode);
  CHECK(bench.has_password("alice", "a new one"));
}

TEST_CASE("A reset and a registration stand among the changes of the account, once they are done") {
  EnrolmentBench bench;
  const std::string code = bench.reset_code(), invited = bench.invitation();
  const std::uint64_t number = bench.accounts.find_ticket(invited)->id;
  CHECK_FALSE(bench.reset(code, "short"));
  CHECK_FALSE(bench.enter(invited, "Alice"));
  CHECK(bench.audited.empty());
  REQUIRE(bench.reset(code));
  REQUIRE(bench.enter(invited, "bob"));
  REQUIRE(bench.audited.size() == 2);
  CHECK(bench.audited[0].kind == AuditEntry::What::kChange);
  CHECK(bench.audited[0].who == "alice");
  CHECK(bench.audited[0].from == "192.0.2.7");
  CHECK(bench.audited[0].what == "password set by a reset link");
  CHECK(bench.audited[1].kind == AuditEntry::What::kChange);
  CHECK(bench.audited[1].who == "bob");
  CHECK(bench.audited[1].from == "192.0.2.7");
  CHECK(bench.audited[1].what == "registered by invitation " + std::to_string(number));
}

TEST_CASE("A reset ends with its time, with another one, and with a new password") {
  EnrolmentBench bench;
  const std::string late = bench.reset_code();
  bench.clock.advance_ms(kHourMs);
  CHECK(bench.reset(late).error().why == Why::kBadCode);
  const std::string first = bench.reset_code(), second = bench.reset_code();
  CHECK(bench.reset(first).error().why == Why::kBadCode);
  REQUIRE(bench.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kKeep));
  bench.accounts.flush(nullptr);
  CHECK(bench.reset(second).error().why == Why::kBadCode);
  CHECK(bench.has_password("alice", "secret"));
}

TEST_CASE("What is refused leaves the code as it was") {
  EnrolmentBench bench;
  const std::string code = bench.reset_code(), invited = bench.invitation();
  CHECK(bench.reset(code, "short").error().why == Why::kUnfit);
  CHECK(bench.reset(invited).error().why == Why::kBadCode);
  CHECK(bench.enter(code, "bob").error().why == Why::kBadCode);
  CHECK(bench.enter(invited, "Alice").error().why == Why::kUnfit);
  CHECK(bench.enter(invited, "a b").error().why == Why::kUnfit);
  CHECK(bench.enter(invited, "bob", "short").error().why == Why::kUnfit);
  REQUIRE(bench.accounts.set_enabled("alice", false));
  bench.accounts.flush(nullptr);
  CHECK(bench.reset(code).error().why == Why::kDisabled);
  REQUIRE(bench.accounts.set_enabled("alice", true));
  bench.accounts.flush(nullptr);
  bench.store.full = true;
  CHECK(bench.reset(code).error().why == Why::kBusy);
  CHECK(bench.has_password("alice", "secret"));
  bench.store.full = false;
  CHECK(bench.reset(code).value_or(0) == 1);
  CHECK(bench.enter(invited, "bob").has_value());
}

TEST_CASE("An invitation lets in as many as it says, at one time too, and no more") {
  EnrolmentBench bench;
  const std::string code = bench.invitation(2);
  std::size_t in = 0, out = 0;
  for (const char* name : {"bob", "carl", "dora"}) {
    bench.enrolment.register_user({.code = code, .name = name, .password = "a new one"}, "192.0.2.7",
                                  [&](const auto& result) { ++(result ? in : out); });
  }
  bench.loop.run_turns();
  CHECK(in == 2);
  CHECK(out == 1);
  CHECK(bench.accounts.users().size() == 3);
  CHECK_FALSE(bench.accounts.find_user("bob")->admin);
  CHECK(bench.accounts.invitations().empty());
  CHECK(bench.has_password("bob", "a new one"));
}

TEST_CASE("Of two who want the same name at one time one gets it, and one place is taken") {
  EnrolmentBench bench;
  const std::string code = bench.invitation(2);
  std::size_t in = 0, out = 0;
  for (int i = 0; i < 2; ++i) {
    bench.enrolment.register_user({.code = code, .name = "bob", .password = "a new one"}, "192.0.2.7",
                                  [&](const auto& result) { ++(result ? in : out); });
  }
  bench.loop.run_turns();
  CHECK((in == 1 && out == 1));
  REQUIRE(bench.accounts.invitations().size() == 1);
  CHECK(bench.accounts.invitations()[0]->uses == 1);
}

TEST_CASE("Guesses at codes are slowed by address; a code that is good passes all the same") {
  EnrolmentBench bench;
  const std::string code = bench.reset_code();
  for (std::uint32_t i = 0; i < bench.config.limits.login_attempts; ++i)
    CHECK(bench.reset("guess").error().why == Why::kBadCode);
  CHECK(bench.reset("guess").error().why == Why::kThrottled);
  CHECK(bench.enter("guess", "bob").error().why == Why::kThrottled);
  CHECK(bench.reset("guess", "a new one", "192.0.2.8").error().why == Why::kBadCode);
  CHECK(bench.reset(code).value_or(0) == 1);
}

TEST_CASE("Of one address eight new passwords wait to be hashed, and no more") {
  EnrolmentBench bench;
  const std::string code = bench.invitation(100);
  bench.loop.hold_work(true);
  std::size_t busy = 0;
  const auto enter = [&](int i, std::string_view address) {
    bench.enrolment.register_user(
        {.code = code, .name = "user" + std::to_string(i), .password = "a new one"}, address,
        [&](const auto& result) { busy += !result && result.error().why == Why::kBusy ? 1 : 0; });
  };
  for (int i = 0; i < 12; ++i) enter(i, "192.0.2.7");
  CHECK(busy == 3);  // one is being hashed, eight wait
  enter(50, "192.0.2.8");
  CHECK(busy == 3);
}

TEST_CASE("Invitations are bounded in number and note, revoked by number, and kept over a restart") {
  EnrolmentBench bench;
  CHECK_FALSE(bench.accounts.add_invitation({.until_ms = bench.in_hours(1), .note = "two\nlines"}));
  CHECK_FALSE(bench.accounts.add_invitation({.until_ms = bench.in_hours(1), .note = std::string(201, 'x')}));
  bench.accounts.rollback();
  const std::string reset = bench.reset_code();
  const std::string first = bench.invitation();
  for (int i = 1; i < 256; ++i) bench.invitation();
  CHECK_THAT(bench.accounts.add_invitation({.until_ms = bench.in_hours(1)}).error(),
             Catch::Contains("256 invitations"));
  const std::uint64_t id = bench.accounts.find_ticket(first)->id;
  REQUIRE(bench.accounts.revoke_invitation(id));
  bench.accounts.rollback();
  CHECK(bench.accounts.find_ticket(first) != nullptr);
  REQUIRE(bench.accounts.revoke_invitation(id));
  bench.accounts.flush(nullptr);
  CHECK(bench.accounts.find_ticket(first) == nullptr);
  CHECK_FALSE(bench.accounts.revoke_invitation(id));
  CHECK_FALSE(bench.accounts.revoke_invitation(bench.accounts.find_ticket(reset)->id));

  storage::Loaded loaded;
  loaded.users.push_back({.id = 1, .name = "alice", .password_hash = tests::kCheapHash});
  loaded.tickets.push_back(*bench.accounts.find_ticket(reset));
  loaded.last_ticket = 900;
  const tests::AccountsBench again(std::move(loaded));
  REQUIRE(again.accounts.find_ticket(reset) != nullptr);
  CHECK(again.accounts.find_ticket(reset)->user == 1);

  // Lapsed ones make place.
  bench.clock.advance_ms(kHourMs);
  CHECK(bench.accounts.invitations().empty());
  bench.invitation();
  CHECK(bench.accounts.invitations().size() == 1);
}

TEST_CASE("A user who goes takes the reset along, and a rollback brings both back") {
  EnrolmentBench bench;
  const std::string code = bench.reset_code();
  REQUIRE(bench.accounts.remove_user("alice"));
  CHECK(bench.accounts.find_ticket(code) == nullptr);
  bench.accounts.rollback();
  CHECK(bench.accounts.find_ticket(code) != nullptr);
  REQUIRE(bench.accounts.remove_user("alice"));
  bench.accounts.flush(nullptr);
  CHECK(bench.reset(code).error().why == Why::kBadCode);
}
