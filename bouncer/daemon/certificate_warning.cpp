#include "bouncer/daemon/certificate_warning.h"

#include <fmt/format.h>

#include "bouncer/cli/text_table.h"

namespace halley {
namespace {

constexpr std::int64_t kRenewS = 14 * 86'400;

}  // namespace

std::string certificate_warning(const net::CertificateFacts& facts, const std::string& file,
                                std::int64_t now_s) {
  const auto time = [](std::int64_t seconds) { return cli::format_time(seconds * 1000); };
  if (now_s < facts.from_s) {
    return fmt::format(
        "the certificate {} is valid from {} on: clients refuse it until then; look at the clock", file,
        time(facts.from_s));
  }
  if (now_s >= facts.until_s) {
    return fmt::format("the certificate {} expired at {}: clients refuse it; renew it, then: halley reload",
                       file, time(facts.until_s));
  }
  if (facts.until_s - now_s >= kRenewS) return {};
  return fmt::format("the certificate {} expires at {}: renew it, then: halley reload", file,
                     time(facts.until_s));
}

}  // namespace halley
