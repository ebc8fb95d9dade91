#include "bouncer/cli/link_code.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "bouncer/cli/command_line.h"
#include "bouncer/cli/qr_text.h"

namespace halley::cli {
namespace {

bool wants_code(const std::vector<std::string>& args) {
  // What stands on standard input is another's to read: here the command alone is looked at.
  Input stand_in(std::string("x\n"));
  const auto parsed = parse_command(args, {}, &stand_in);
  return parsed && !parsed->has(kNoQr.name) &&
         std::ranges::any_of(parsed->command().options,
                             [](const OptionSpec& option) { return option.name == kNoQr.name; });
}

}  // namespace

Screen standard_output() {
  Screen screen{.terminal = ::isatty(STDOUT_FILENO) == 1};
  if (!screen.terminal) return screen;
  const char* term = std::getenv("TERM");
  screen.colours =
      std::getenv("NO_COLOR") == nullptr && (term == nullptr || std::string_view(term) != "dumb");
  winsize size{};
  // 0: a terminal that does not know its size, such as a serial line.
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) screen.columns = size.ws_col;
  return screen;
}

std::string link_code(const Screen& screen, const std::vector<std::string>& args,
                      const CommandResult& result) {
  if (!screen.terminal || result.status != 0 || !result.json.is_object() || !wants_code(args)) return {};
  const auto url = result.json.find("url");
  if (url == result.json.end() || !url->is_string()) return {};
  const auto code = qr_text(url->get<std::string>(), screen.colours);
  if (!code) return "The link is too long for a QR code.\n";
  if (code->columns > screen.columns) {
    return fmt::format("The QR code of the link needs {} columns; this terminal has {}.\n", code->columns,
                       screen.columns);
  }
  return code->lines;
}

}  // namespace halley::cli
