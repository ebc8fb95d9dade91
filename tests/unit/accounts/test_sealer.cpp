#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "bouncer/accounts/sealer.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/temp_directory.h"

using halley::Sealer;
using halley::fakes::FakeRandom;

TEST_CASE("A sealed secret opens for its purpose and key, and for nothing else") {
  FakeRandom random;
  const Sealer sealer(Sealer::Key{7}, random);
  const std::string sealed = sealer.seal("sasl-password", "hunter2");
  CHECK(sealed.starts_with("v1:"));
  CHECK(sealed.find("hunter2") == std::string::npos);
  CHECK(sealer.unseal("sasl-password", sealed) == "hunter2");
  CHECK_FALSE(sealer.unseal("password", sealed));
  CHECK_FALSE(Sealer(Sealer::Key{8}, random).unseal("sasl-password", sealed));
}

TEST_CASE("The same secret never seals to the same text") {
  FakeRandom random;
  const Sealer sealer(Sealer::Key{7}, random);
  CHECK(sealer.seal("password", "x") != sealer.seal("password", "x"));
  CHECK(sealer.seal("password", "").empty());
  CHECK(sealer.unseal("password", "") == "");
}

TEST_CASE("A sealed text that was tampered with does not open") {
  FakeRandom random;
  const Sealer sealer(Sealer::Key{7}, random);
  const std::string sealed = sealer.seal("password", "a secret of some length");
  for (std::size_t at = 3; at + 2 < sealed.size(); ++at) {
    std::string bent = sealed;
    bent[at] = bent[at] == 'A' ? 'B' : 'A';
    INFO(at);
    CHECK_FALSE(sealer.unseal("password", bent));
  }
  CHECK_FALSE(sealer.unseal("password", sealed.substr(0, 20)));
  CHECK_FALSE(sealer.unseal("password", "v1:"));
  CHECK_FALSE(sealer.unseal("password", "plain text"));
}

TEST_CASE("The key file is made once, private, and read again") {
  const halley::fakes::TempDirectory directory;
  const auto file = directory.path() / "halley.key";
  FakeRandom random;
  const auto first = Sealer::open(file, random);
  REQUIRE(first);
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const std::string sealed = first->seal("password", "secret");
  const auto second = Sealer::open(file, random);
  REQUIRE(second);
  CHECK(second->unseal("password", sealed) == "secret");
}

TEST_CASE("A first start that was killed while it made the key file does not keep the next from starting") {
  const halley::fakes::TempDirectory directory;
  const auto file = directory.path() / "halley.key";
  FakeRandom random;
  // Killed before the rename: half a key under the other name.
  std::ofstream(file.string() + ".new") << "half";
  const auto first = Sealer::open(file, random);
  REQUIRE(first);
  CHECK_FALSE(std::filesystem::exists(file.string() + ".new"));
  const std::string sealed = first->seal("password", "secret");
  CHECK(Sealer::open(file, random)->unseal("password", sealed) == "secret");

  // Killed by an earlier Halley between making and writing: nothing can have been sealed with it.
  std::filesystem::resize_file(file, 0);
  const auto again = Sealer::open(file, random);
  REQUIRE(again);
  CHECK(Sealer::open(file, random)->unseal("password", again->seal("password", "x")) == "x");
}

TEST_CASE("A derived key depends on purpose and key file") {
  FakeRandom random;
  const Sealer one({1}, random), two({2}, random);
  CHECK(one.derive("a") == one.derive("a"));
  CHECK(one.derive("a") != one.derive("b"));
  CHECK(one.derive("a") != two.derive("a"));
}

TEST_CASE("A key file that others can read, or of a wrong size, is refused with what to do") {
  const halley::fakes::TempDirectory directory;
  const auto file = directory.path() / "halley.key";
  FakeRandom random;
  REQUIRE(Sealer::open(file, random));
  std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  CHECK_THAT(Sealer::open(file, random).error(), Catch::Contains("chmod 600"));
  std::filesystem::permissions(file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::remove);
  std::filesystem::resize_file(file, 31);
  CHECK_THAT(Sealer::open(file, random).error(), Catch::Contains("31 bytes"));
  CHECK_THAT(Sealer::open(directory.path() / "absent" / "halley.key", random).error(),
             Catch::Contains("cannot make"));
}
