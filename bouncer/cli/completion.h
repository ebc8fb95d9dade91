// What a shell needs to complete `halley ...`, made from the command table. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace halley::cli {

// A script for "bash", "zsh" or "fish". The error names these.
std::expected<std::string, std::string> completion_script(std::string_view shell);

}  // namespace halley::cli
