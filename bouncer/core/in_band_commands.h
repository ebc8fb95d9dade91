// What `/msg *halley ...` and the resources of HTTP reach: the command table of bouncer/cli, given by the
// composition root.
//
// Thread: the loop's. Owner: the composition root; outlives the users.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace halley {

class User;

// Whom people say their commands to, and who speaks to them.
inline constexpr std::string_view kServiceName = "*halley";

// How it is known that the user asks. A web login is a cookie and a device's token a line in a file: who
// found one must not come by the account with it, on whatever way, so that kToken changes nobody's own
// password.
enum class ProvenBy {
  kToken,     // a cookie, a token or a certificate
  kPassword,  // the password was proven: at this client's login, or just now
};

// What a command answers a program.
struct CommandAnswer {
  int status = 0;    // 0: done; 1: refused; 2: not what the command takes
  std::string json;  // when done: a value, as --json prints it
  std::string text;  // for a person: the answer, or why it was refused
};

class InBandCommands {
 public:
  virtual ~InBandCommands() = default;
  // `reply` is called once, on the loop's thread, now or later, with lines separated by '\n'; never when the
  // user has been removed.
  virtual void run(User& user, std::string_view line, ProvenBy proven_by,
                   std::function<void(std::string text)> reply) = 0;
  // The same for a program on the web. `done` is called once, also when the user has been removed.
  virtual void run_line(User& user, std::string_view line,
                        std::function<void(CommandAnswer answer)> done) = 0;
  // The same of a line taken apart.
  virtual void run_words(User& user, const std::vector<std::string>& words, ProvenBy proven_by,
                         std::function<void(CommandAnswer answer)> done) = 0;
};

}  // namespace halley
