#include <catch2/catch.hpp>

#include "bouncer/core/spoken_secrets.h"

using halley::SpokenSecrets;

TEST_CASE("what services repeat of passwords is left out for a minute") {
  SpokenSecrets secrets;
  CHECK_FALSE(secrets.without("hunter2", 0));
  secrets.remember("hunter2", 1'000);
  CHECK(secrets.without("Your password is now \x02hunter2\x02, hunter2.", 1'000) ==
        "Your password is now \x02****\x02, ****.");
  CHECK(secrets.without("xhunter2x", 60'999) == "x****x");
  CHECK_FALSE(secrets.without("Hunter", 60'999));
  CHECK_FALSE(secrets.without("hunter2", 61'000));

  // A short one is looked for as a word of its own.
  secrets.remember("is", 70'000);
  CHECK(secrets.without("This is it", 70'000) == "This **** it");

  // Sixteen are kept, the newest.
  for (int i = 0; i < 17; ++i) secrets.remember("password" + std::to_string(100 + i), 80'000);
  CHECK_FALSE(secrets.without("password100", 80'000));
  CHECK(secrets.without("password101 password116", 80'000) == "**** ****");
}
