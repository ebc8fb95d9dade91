// `halley init`: a commented halley.toml and the first administrator. Blocking. Thread: the program's only
// one.
#pragma once

#include <filesystem>
#include <string>

#include "bouncer/cli/command_result.h"

namespace halley::cli {

struct InitRequest {
  std::filesystem::path file;  // halley.toml, which must not be there yet
  std::filesystem::path data_dir;
  std::string hostname;
  std::string admin, password;
};
// All or nothing: when the administrator cannot be made, the file goes again.
CommandResult run_init(const InitRequest& request);

// Every key with its help and its default as a comment, but for what is set here.
std::string commented_config(const InitRequest& request);

}  // namespace halley::cli
