// What goes over the control socket, one JSON object a line: a request {"args":[...],"input":"..."} and its
// reply {"status":0,"text":"...","json":...,"error":"..."}, before which a command that goes on has pieces
// {"more":{...}}, until its connection is closed, and one that takes long, if the request has
// "progress":true, says how far it has got: {"progress":{"what":"...","done":1,"of":2}}. Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command_result.h"
#include "storage/api/store.h"

namespace halley::cli {

// A batch of a hundred thousand lines, or ten thousand users with networks, fits.
inline constexpr std::size_t kMostRequest = std::size_t{16} << 20;

struct ControlRequest {
  std::vector<std::string> args;
  std::string input;
  bool progress = false;
};

// With the final newline. The request's error: something in it is not UTF-8.
std::expected<std::string, std::string> format_request(const ControlRequest& request);
std::string format_reply(const CommandResult& result);
std::string format_piece(const nlohmann::json& piece);
std::string format_progress(const storage::WorkProgress& progress);
// Without it.
std::expected<ControlRequest, std::string> parse_request(std::string_view line);
std::expected<CommandResult, std::string> parse_reply(std::string_view line);
// nullopt (both): it is something else.
std::optional<nlohmann::json> parse_piece(std::string_view line);
std::optional<storage::WorkProgress> parse_progress(std::string_view line);

}  // namespace halley::cli
