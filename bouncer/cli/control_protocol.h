// What goes over the control socket, one JSON object a line: a request {"args":[...],"input":"..."} and its
// reply {"status":0,"text":"...","json":...,"error":"..."}, before which a command that goes on has pieces
// {"more":{...}}, until its connection is closed. Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command_result.h"

namespace halley::cli {

// A batch of a hundred thousand lines, or ten thousand users with networks, fits.
inline constexpr std::size_t kMostRequest = std::size_t{16} << 20;

struct ControlRequest {
  std::vector<std::string> args;
  std::string input;
};

// With the final newline. The request's error: something in it is not UTF-8.
std::expected<std::string, std::string> format_request(const ControlRequest& request);
std::string format_reply(const CommandResult& result);
std::string format_piece(const nlohmann::json& piece);
// Without it.
std::expected<ControlRequest, std::string> parse_request(std::string_view line);
std::expected<CommandResult, std::string> parse_reply(std::string_view line);
std::optional<nlohmann::json> parse_piece(std::string_view line);  // nullopt: it is a reply

}  // namespace halley::cli
