// Which handler serves which path. A table; pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/http/request.h"

namespace halley::gateway {

class Api;
struct Call;

enum class Access {
  kAnyone,
  kUser,  // a cookie of ours from our own page, or a device's token
};

struct Route {
  Method method;  // kGet serves HEAD too
  std::string_view path;
  Access access;
  std::string_view type;  // of the answer; empty: the handler looks at Accept itself
  void (Api::*handle)(const Call& call);
};

struct Match {
  const Route* route = nullptr;  // null: no such path, or not with this method
  std::string allow;             // the methods that the path has; empty: there is no such path
};
Match find_route(std::span<const Route> routes, Method method, std::string_view path);

}  // namespace halley::gateway
