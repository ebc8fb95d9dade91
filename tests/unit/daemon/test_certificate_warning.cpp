#include <catch2/catch.hpp>
#include <string>

#include "bouncer/daemon/certificate_warning.h"

using halley::certificate_warning;

TEST_CASE("a certificate that is over, or soon will be, or is not yet valid, is warned of") {
  constexpr std::int64_t kDay = 86'400, kFrom = 1'700'000'000, kUntil = kFrom + 90 * kDay;
  halley::net::CertificateFacts facts;
  facts.from_s = kFrom;
  facts.until_s = kUntil;
  const auto at = [&facts](std::int64_t now_s) { return certificate_warning(facts, "/etc/x.pem", now_s); };
  CHECK_THAT(at(kFrom - 1), Catch::Contains("/etc/x.pem is valid from 2023-11-14 22:13:20Z on"));
  CHECK(at(kFrom).empty());
  CHECK(at(kUntil - 14 * kDay).empty());
  CHECK_THAT(at(kUntil - 14 * kDay + 1), Catch::Contains("expires at 2024-02-12 22:13:20Z: renew it"));
  CHECK_THAT(at(kUntil), Catch::Contains("expired at 2024-02-12 22:13:20Z: clients refuse it"));
}
