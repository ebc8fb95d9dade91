#include "bouncer/push/vapid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "bouncer/push/base64url.h"

namespace halley::push {
namespace {

// A token may be valid for 24 hours at most (RFC 8292 section 2); services' clocks are off.
constexpr std::int64_t kValidS = 12 * 3600;
constexpr std::int64_t kRenewS = 6 * 3600;

P256Key key_from(const Sealer& sealer) {
  // The first of these is one of the curve's, but once in 2^32 times.
  for (int i = 1; i <= 8; ++i) {
    if (auto key = P256Key::from_scalar(sealer.derive(fmt::format("web push, VAPID key {}", i)))) return *key;
  }
  std::abort();
}

}  // namespace

Vapid::Vapid(const Sealer& sealer) : key_(key_from(sealer)), public_key_(base64url_encode(key_.point())) {}

std::string Vapid::authorization(const std::string& audience, std::string_view contact, std::int64_t now_s) {
  const auto known = tokens_.find(audience);
  const bool fresh = known != tokens_.end() && known->second.contact == contact &&
                     now_s >= known->second.made_s && now_s - known->second.made_s < kRenewS;
  if (!fresh) {
    if (known == tokens_.end() && tokens_.size() >= kMostTokens) {
      tokens_.erase(
          std::ranges::min_element(tokens_, {}, [](const auto& entry) { return entry.second.made_s; }));
    }
    const std::string head = base64url_encode(R"({"typ":"JWT","alg":"ES256"})");
    const std::string claims = base64url_encode(
        fmt::format(R"({{"aud":"{}","exp":{},"sub":"{}"}})", audience, now_s + kValidS, contact));
    std::string text = head + '.' + claims;
    text += '.' + base64url_encode(key_.sign(text));
    tokens_[audience] = {std::move(text), std::string(contact), now_s};
  }
  return fmt::format("vapid t={}, k={}", tokens_[audience].text, public_key_);
}

}  // namespace halley::push
