#include "gateway/api/router.h"

namespace halley::gateway {

Match find_route(std::span<const Route> routes, Method method, std::string_view path) {
  Match match;
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  for (const Route& route : routes) {
    if (route.path != path) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == Method::kPost ? "POST" : "GET, HEAD";
    if (route.method == wanted) match.route = &route;
  }
  return match;
}

}  // namespace halley::gateway
