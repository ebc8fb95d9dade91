#include <algorithm>
#include <cstring>

#include "tests/bench/session.h"

namespace bench {
namespace {

class IrcSession final : public Session {
 public:
  using Session::Session;

  std::string hello() const override {
    const std::string login = "PASS " + options_.pass + "\r\nNICK " + options_.nick + "\r\nUSER " +
                              options_.nick + " 0 * :bench\r\n";
    if (options_.caps.empty()) return login;
    return "CAP REQ :" + options_.caps + "\r\n" + login + "CAP END\r\n";
  }

  std::size_t consume(std::string_view bytes, std::uint64_t now, Tally& tally) override {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at < end) {
      const auto* const newline =
          static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
      if (newline == nullptr) break;
      const char* const stop = newline > at && newline[-1] == '\r' ? newline - 1 : newline;
      const std::string_view line(at, static_cast<std::size_t>(stop - at));
      Stamp stamp;
      if (find_stamp(line, stamp))
        check_.take(stamp, now, tally);
      else
        other(line);
      at = newline + 1;
    }
    return static_cast<std::size_t>(at - bytes.data());
  }

 private:
  void other(std::string_view line) {
    for (const char mark : {'@', ':'}) {  // tags, then the source
      if (!line.starts_with(mark)) continue;
      const std::size_t space = line.find(' ');
      line.remove_prefix(std::min(space == std::string_view::npos ? line.size() : space + 1, line.size()));
    }
    const std::string_view command = line.substr(0, line.find(' '));
    if (command == "PING") answers_ += "PONG" + std::string(line.substr(command.size())) + "\r\n";
    if (command == "ERROR" || command == "464") refusal_ = line;
    if (command == "366") ++ends_of_names_;
    if (command == "422" || command == "376") welcomed_ = true;
    if (command == "366" || command == "422" || command == "376")
      attached_ = options_.channels == 0 ? welcomed_ : ends_of_names_ >= options_.channels;
  }

  std::uint64_t ends_of_names_ = 0;
  bool welcomed_ = false;
};

}  // namespace

std::unique_ptr<Session> make_irc_session(SessionOptions options) {
  return std::make_unique<IrcSession>(std::move(options));
}

}  // namespace bench
