#include "gateway/api/router.h"

#include <algorithm>
#include <optional>

#include "gateway/http/query.h"

namespace halley::gateway {
namespace {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kPost:
      return "POST";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kGet:
    case Method::kHead:
    case Method::kOther:
      break;
  }
  return "GET, HEAD";
}

bool is_placeholder(std::string_view segment) {
  return !segment.empty() && std::ranges::all_of(segment, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// In a path a plus is a plus.
std::optional<std::string> decode_segment(std::string_view segment) {
  std::string text;
  for (const char c : segment) c == '+' ? text += "%2B" : text += c;
  return decode_component(text);
}

// The first segment, which `path` loses with the slash behind it.
std::string_view take_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

// The names that stand in `path` where `pattern` has capitals; nullopt: it is another path.
std::optional<std::vector<std::string>> names_in(std::string_view pattern, std::string_view path) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  std::vector<std::string> names;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = take_segment(pattern), segment = take_segment(path);
    if (!is_placeholder(wanted)) {
      if (wanted != segment) return std::nullopt;
      continue;
    }
    auto name = decode_segment(segment);
    if (!name || name->empty()) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace

RouteMatch find_route(std::span<const Route> routes, Method method, std::string_view path) {
  RouteMatch match;
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  for (const Route& route : routes) {
    auto names = names_in(route.path, path);
    if (!names) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += name_of(route.method);
    if (route.method != wanted) continue;
    match.route = &route;
    match.names = std::move(*names);
  }
  return match;
}

}  // namespace halley::gateway
