// The QR code of a client's link, below the answer of a command that has one, for whoever sits at a terminal.
//
// Thread: the program's only one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bouncer/cli/command.h"
#include "bouncer/cli/command_result.h"

namespace halley::cli {

// What rows with such a code take.
inline constexpr OptionSpec kNoQr = {
    .kind = OptionSpec::Kind::kFlag, .name = "no-qr", .help = "draw no QR code of the link at a terminal"};

// Where answers are shown.
struct Screen {
  bool terminal = false;
  bool colours = false;
  std::size_t columns = 80;
};
Screen standard_output();

// Lines to show behind `result` of the command line `args`: the code of its "url", or why there is none;
// empty when none is wanted here.
std::string link_code(const Screen& screen, const std::vector<std::string>& args,
                      const CommandResult& result);

}  // namespace halley::cli
