// Which handler serves which path. A table; pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"

namespace halley::gateway {

class Api;
struct Call;

enum class Access {
  kAnyone,
  kUser,   // a cookie of ours from our own page, or a device's token
  kGuest,  // the same, or whom a trusted proxy has logged in
  kAdmin,  // the same of an administrator
};

// A command of the command table, as a resource gives it.
struct ResourceCommand {
  std::string_view words;           // "network add"
  std::string_view arguments = {};  // members of the body that are the command's arguments, in order
  std::string_view options = {};    // further words that are always said
  int done = 200;                   // the status when it has been done
};

struct Route {
  Method method;          // kGet serves HEAD too
  std::string_view path;  // a segment in capitals stands for any one
  Access access;
  std::string_view type = {};  // of the answer; empty: the handler looks at Accept itself
  void (Api::*handle)(const Call& call);
  ResourceCommand command = {};
};

struct RouteMatch {
  const Route* route = nullptr;    // null: no such path, or not with this method
  std::string allow;               // the methods that the path has; empty: there is no such path
  std::vector<std::string> names;  // what stands for the segments in capitals, decoded
};
// REQUIRES: `path` is a request's, and begins with '/'.
RouteMatch find_route(std::span<const Route> routes, Method method, std::string_view path);

}  // namespace halley::gateway
