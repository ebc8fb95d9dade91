#include <malloc.h>

#include <catch2/catch.hpp>

#include "bouncer/accounts/password.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;

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
      "$1$salt$cx8TZbr6GDVaQYNXwAGPg0",
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

TEST_CASE("A hash's memory is given back, and the allocator never sees it") {
  fakes::FakeRandom random;
  const auto held = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.arena + info.hblkhd;
  };
  const std::string first = hash_password("correct horse", random);
  const std::size_t before = held();
  for (int i = 0; i < 12; ++i) CHECK(verify_password(first, "correct horse"));
  CHECK(held() < before + (1 << 20));
}

TEST_CASE("A quick digest holds for its password, hash and key only") {
  fakes::FakeRandom random;
  const Sealer::Key key{1}, other{2};
  const std::string digest = quick_digest(key, tests::kCheapHash, "secret", random);
  CHECK(digest.starts_with("q1:"));
  CHECK_THAT(digest, !Catch::Contains("secret"));
  CHECK(verify_quick(key, digest, tests::kCheapHash, "secret"));
  CHECK_FALSE(verify_quick(key, digest, tests::kCheapHash, "Secret"));
  CHECK_FALSE(verify_quick(other, digest, tests::kCheapHash, "secret"));
  CHECK_FALSE(verify_quick(key, digest, hash_password("secret", random), "secret"));
  CHECK(quick_digest(key, tests::kCheapHash, "secret", random) != digest);
  for (const char* junk : {"", "q1:", "q1:AAAA", "q2:AAAA", "q1:*"})
    CHECK_FALSE(verify_quick(key, junk, tests::kCheapHash, ""));
}

TEST_CASE("A new password has six characters at least, whatever their bytes") {
  CHECK_FALSE(check_new_password("").empty());
  CHECK_FALSE(check_new_password("x").empty());
  CHECK_FALSE(check_new_password("\xe2\x98\x83\xe2\x98\x83").empty());  // two snowmen of three bytes each
  CHECK_FALSE(check_new_password(std::string(513, 'x')).empty());
  CHECK(check_new_password("secret").empty());
  CHECK(check_new_password("correct horse battery staple").empty());
}

TEST_CASE("A new password has 512 bytes at most") {
  CHECK(check_new_password(std::string(512, 'x')).empty());
  CHECK_FALSE(check_new_password(std::string(513, 'x')).empty());
}

namespace {

constexpr const char* kZncSha =
    "$znc-sha256$salt!;1$2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6";
constexpr const char* kZncMd5 = "$znc-md5$salt!;1$675DB2A0E5B5BFC7CF7744DB88E81789";
constexpr const char* kZncOld = "$znc-md5$$74a11ef33c5252edfa87c4eb8b566c2a";
constexpr const char* kBcrypt = "$2b$04$abcdefghijklmnopqrstuuP6/q0obcGuk6SuzN66aTZwHeRCLMzKO";

}  // namespace

TEST_CASE("Hashes of ZNC, soju and The Lounge are taken") {
  for (const std::string hash : {kZncSha, kZncMd5, kZncOld, kBcrypt}) {
    INFO(hash);
    CHECK(check_password_hash(hash).empty());
    CHECK(verify_password(hash, "secret word"));
    CHECK_FALSE(verify_password(hash, "secret wore"));
    CHECK_FALSE(verify_password(hash, ""));
    CHECK_FALSE(verify_password(hash, std::string_view("secret word\0x", 13)));
    const std::string cut = hash.substr(0, hash.size() - 1);
    CHECK_FALSE(check_password_hash(cut).empty());
    CHECK_FALSE(verify_password(cut, "secret word"));
  }
  CHECK_THAT(check_password_hash("$2b$31$abcdefghijklmnopqrstuuP6/q0obcGuk6SuzN66aTZwHeRCLMzKO"),
             Catch::Contains("cost is not from 4 to 16"));
  CHECK_FALSE(check_password_hash("$znc-sha256$nohex").empty());
  const auto salted = [](std::size_t salt) {
    return "$znc-md5$" + std::string(salt, 's') + '$' + std::string(32, 'a');
  };
  CHECK(check_password_hash(salted(256)).empty());
  CHECK_THAT(check_password_hash(salted(257)), Catch::Contains("hash of ZNC's"));
}
