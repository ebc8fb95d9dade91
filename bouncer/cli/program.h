// The program `halley`: its options, `serve` and `config check`, and every other command by way of the daemon
// or the files. Thread: the program's first; Serve makes it the loop's.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bouncer/config/config_file.h"

namespace halley::cli {

// Runs the daemon until it is told to stop; the exit status. `source` is for reading the configuration again.
using Serve = std::function<int(const LoadedConfig& loaded, const ConfigSource& source)>;

// `args` without the program's name. Exit status: 0 done; 1 refused; 2 usage.
int run_program(std::vector<std::string> args, const Serve& serve);

}  // namespace halley::cli
