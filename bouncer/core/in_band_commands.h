// What `/msg *halley ...` reaches: the command table of bouncer/cli, given by the composition root.
//
// Thread: the loop's. Owner: the composition root; outlives the users.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace halley {

class User;

// Whom people say their commands to, and who speaks to them.
inline constexpr std::string_view kServiceName = "*halley";

class InBandCommands {
 public:
  virtual ~InBandCommands() = default;
  // `reply` is called once, on the loop's thread, now or later, with lines separated by '\n'; never when the
  // user has been removed.
  virtual void run(User& user, std::string_view line, std::function<void(std::string text)> reply) = 0;
};

}  // namespace halley
