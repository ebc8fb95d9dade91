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

namespace halley {

class Audit {
 public:
  enum class Level : std::uint8_t { kInfo, kWarn };
  using Sink = std::function<void(Level level, const std::string& line)>;
  Audit() = default;  // says nothing
  explicit Audit(Sink sink) : sink_(std::move(sink)) {}

  void info(const std::string& line) const {
    if (sink_) sink_(Level::kInfo, line);
  }
  void warn(const std::string& line) const {
    if (sink_) sink_(Level::kWarn, line);
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
};

}  // namespace halley
