#include <catch2/catch.hpp>
#include <string>

#include "bouncer/upstream/sasl_refusal.h"

using halley::sasl_refusal;

TEST_CASE("a refused SASL login is told with what the user can do about it, in band") {
  halley::storage::NetworkRow row;
  row.name = "libera";
  row.sasl_mechanism = "PLAIN";
  row.sasl_account = "ally";
  CHECK(sasl_refusal(row, "SASL authentication failed") ==
        "SASL login as ally failed: SASL authentication failed. Mend it: /msg *halley network set libera "
        "sasl-password=...");
  CHECK(sasl_refusal(row, std::string(5000, 'x')).size() < 450);
}

TEST_CASE("of a certificate that the network does not know it is told how to make it known") {
  halley::storage::NetworkRow row;
  row.name = "libera";
  row.sasl_mechanism = "EXTERNAL";
  const std::string told = sasl_refusal(row, "SASL authentication failed");
  CHECK_THAT(told, Catch::StartsWith("SASL EXTERNAL failed: SASL authentication failed. "));
  for (const char* step : {"/msg *halley network set libera sasl=none", "/msg NickServ CERT ADD",
                           "/msg *halley network set libera sasl=external"})
    CHECK_THAT(told, Catch::Contains(step));
  CHECK_THAT(told, !Catch::Contains("password"));
}
