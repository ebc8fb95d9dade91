// One subscription to Web Push: where a device is reached, and how what it gets is encrypted. Source: RFC
// 8030 section 4, RFC 8291.
//
// A value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/accounts/ids.h"

namespace halley::push {

// Of an endpoint: those of known services have 150 to 600.
inline constexpr std::size_t kMaxEndpoint = 1000;

struct Subscription {
  std::uint64_t id = 0;
  UserId user = 0;
  NetworkId network = 0;          // 0: all of them
  DeviceId device = 0;            // that made it; 0: a web login did
  std::uint64_t session = 0;      // likewise
  bool by_password = false;       // it goes when the password changes
  bool markread = true;           // hears that notices were read
  bool tags = true, time = true;  // the line's tags that its client takes: message-tags, server-time
  std::int64_t created_ms = 0;
  std::string endpoint;  // an https URL
  std::string point;     // the device's public key (p256dh), not encoded
  std::string auth;      // its authentication secret, not encoded
};

// An endpoint's parts. nullopt: it is no https URL that a push may be sent to.
struct Endpoint {
  std::string host, target;  // target: path and query
  std::uint16_t port = 443;
  std::string origin;  // "https://push.example", with the port where it is not 443
};
std::optional<Endpoint> parse_endpoint(std::string_view url);

// As clients give it, keys in base64url. The error is a sentence for a person.
std::expected<Subscription, std::string> make_subscription(std::string_view endpoint, std::string_view p256dh,
                                                           std::string_view auth);

// Its value as durable state, and back: all but user, network, device and id, which are its place there.
std::string format_state(const Subscription& subscription);
bool parse_state(std::string_view text, Subscription& subscription);

}  // namespace halley::push
