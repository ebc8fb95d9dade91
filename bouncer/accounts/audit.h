// What the operator's log says of people: logins, refused logins, changes of accounts, states of networks.
// Never what they say, nor anything that they typed and that is no name of ours: it may be a password.
//
// A value. Thread: the loop's. What the sink needs outlives all that has a copy.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/accounts/ids.h"

namespace halley {

// What is kept with the account it is about (core/user_audits.h). Names only, as in the log.
struct AuditEntry {
  enum class What : std::uint8_t { kLogin, kChange } kind = What::kLogin;
  std::string who;   // the user, another one, "the operator"
  std::string from;  // an address, or the way a command came
  std::string what;  // of a login by what, of a change the command
};

class Audit {
 public:
  enum class Level : std::uint8_t { kInfo, kWarn };
  using Sink = std::function<void(Level level, const std::string& line)>;
  Audit() = default;  // says nothing
  using UserSink = std::function<void(UserId about, const AuditEntry& entry)>;
  explicit Audit(Sink sink, UserSink user_sink = nullptr)
      : sink_(std::move(sink)), user_sink_(std::move(user_sink)) {}

  void info(const std::string& line) const {
    if (sink_) sink_(Level::kInfo, line);
  }
  void warn(const std::string& line) const {
    if (sink_) sink_(Level::kWarn, line);
  }
  // Beside what is logged: for whoever looks at the account.
  void about(UserId user, const AuditEntry& entry) const {
    if (user_sink_) user_sink_(user, entry);
  }
  // Words of a network's, on one line, and not long.
  static std::string clean(std::string_view words) {
    constexpr std::size_t kMostQuotedBytes = 200;  // bytes
    std::string out(words.substr(0, kMostQuotedBytes));
    for (char& c : out) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return out;
  }

 private:
  Sink sink_;
  UserSink user_sink_;
};

}  // namespace halley
