#include "bouncer/push/subscription.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/net/address.h"
#include "bouncer/net/origin.h"
#include "bouncer/push/base64url.h"
#include "bouncer/push/encryption.h"

namespace halley::push {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kVersion = "1";

enum Flag : unsigned { kByPassword = 1, kMarkread = 2, kTags = 4, kTime = 8 };

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// The next word of a state; empty at its end.
std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <typename Number>
bool read(std::string_view word, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view url) {
  if (!url.starts_with(kScheme) || url.size() > kMaxEndpoint || !is_visible_ascii(url)) return std::nullopt;
  const auto origin = net::Origin::parse(url);
  if (!origin) return std::nullopt;
  std::string_view rest = url.substr(kScheme.size());
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  Endpoint endpoint{
      .host = origin->host, .target = std::string(rest.substr(path)), .port = origin->port, .origin = {}};
  if (!endpoint.target.starts_with('/')) endpoint.target.insert(0, "/");
  endpoint.origin = std::string(kScheme) + net::host_and_port(endpoint.host, endpoint.port);
  if (endpoint.port == 443) endpoint.origin.resize(endpoint.origin.rfind(':'));
  return endpoint;
}

std::expected<Subscription, std::string> make_subscription(std::string_view endpoint, std::string_view p256dh,
                                                           std::string_view auth) {
  if (!parse_endpoint(endpoint))
    return std::unexpected(
        fmt::format("The endpoint is to be an https URL of at most {} bytes", kMaxEndpoint));
  const auto point = base64url_decode(p256dh), secret = base64url_decode(auth);
  if (!point || !is_point(*point))
    return std::unexpected("p256dh is to be a public key on P-256, uncompressed, in base64url");
  if (!secret || secret->size() != kAuthBytes)
    return std::unexpected(fmt::format("auth is to be {} bytes in base64url", kAuthBytes));
  Subscription made;
  made.endpoint = endpoint;
  made.point = *point;
  made.auth = *secret;
  return made;
}

std::string format_state(const Subscription& s) {
  const unsigned flags = (s.by_password ? kByPassword : 0U) | (s.markread ? kMarkread : 0U) |
                         (s.tags ? kTags : 0U) | (s.time ? kTime : 0U);
  return fmt::format("{} {} {} {} {} {} {}", kVersion, s.session, flags, s.created_ms,
                     base64url_encode(s.point), base64url_encode(s.auth), s.endpoint);
}

bool parse_state(std::string_view text, Subscription& s) {
  if (next_word(text) != kVersion) return false;
  unsigned flags = 0;
  if (!read(next_word(text), s.session) || !read(next_word(text), flags) ||
      !read(next_word(text), s.created_ms))
    return false;
  const std::string_view point = next_word(text), auth = next_word(text);
  const auto made = make_subscription(text, point, auth);
  if (!made) return false;
  s.by_password = (flags & kByPassword) != 0;
  s.markread = (flags & kMarkread) != 0;
  s.tags = (flags & kTags) != 0;
  s.time = (flags & kTime) != 0;
  s.endpoint = made->endpoint;
  s.point = made->point;
  s.auth = made->auth;
  return true;
}

}  // namespace halley::push
