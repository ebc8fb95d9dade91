#include "gateway/http/cookies.h"

namespace halley::gateway {
namespace {
// 90 days from the last visit: the page asks /api/me at each start, which gives the cookie anew.
constexpr std::string_view kMaxAge = "7776000";
constexpr std::string_view kBrowserMaxAge = "300";  // as long as a passkey is waited for

std::string set(std::string_view name, std::string_view token, std::string_view max_age, bool https) {
  std::string out(name);
  out += '=';
  out += token;
  out += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=";
  out += token.empty() ? "0" : max_age;
  if (https) out += "; Secure";
  return out;
}

}  // namespace

std::string_view cookie_name(bool https) {
  return https ? "__Host-halley" : "halley";
}

std::string_view browser_cookie_name(bool https) {
  return https ? "__Host-halley-browser" : "halley-browser";
}

std::string_view find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

std::string_view find_cookie(const Request& request, std::string_view name) {
  for (const Header& header : request.headers) {
    if (!equal_without_case(header.name, "cookie")) continue;
    if (const std::string_view value = find_cookie(header.value, name); !value.empty()) return value;
  }
  return {};
}

std::string set_cookie(std::string_view token, bool https) {
  return set(cookie_name(https), token, kMaxAge, https);
}

std::string set_browser_cookie(std::string_view token, bool https) {
  return set(browser_cookie_name(https), token, kBrowserMaxAge, https);
}

}  // namespace halley::gateway
