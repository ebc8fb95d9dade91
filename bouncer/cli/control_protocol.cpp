#include "bouncer/cli/control_protocol.h"

namespace halley::cli {

using nlohmann::json;

std::expected<std::string, std::string> format_request(const ControlRequest& request) {
  try {
    json all{{"args", request.args}, {"input", request.input}};
    if (request.progress) all["progress"] = true;
    return all.dump() + "\n";
  } catch (const json::exception&) {
    return std::unexpected("the command or its input is not UTF-8 text");
  }
}

std::string format_reply(const CommandResult& result) {
  const json reply{
      {"status", result.status}, {"text", result.text}, {"json", result.json}, {"error", result.error}};
  // Names that networks gave may be of any encoding.
  return reply.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string format_piece(const json& piece) {
  return json{{"more", piece}}.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<json> parse_piece(std::string_view line) {
  json piece = json::parse(line, nullptr, false);
  if (!piece.is_object() || !piece.contains("more") || !piece["more"].is_object()) return std::nullopt;
  return std::move(piece["more"]);
}

std::string format_progress(const storage::WorkProgress& progress) {
  const json told{{"what", progress.what}, {"done", progress.done}, {"of", progress.of}};
  return json{{"progress", told}}.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<storage::WorkProgress> parse_progress(std::string_view line) {
  const json all = json::parse(line, nullptr, false);
  if (!all.is_object() || !all.contains("progress")) return std::nullopt;
  try {
    const json& told = all.at("progress");
    return storage::WorkProgress{.what = told.at("what").get<std::string>(),
                                 .done = told.at("done").get<std::uint64_t>(),
                                 .of = told.at("of").get<std::uint64_t>()};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::expected<ControlRequest, std::string> parse_request(std::string_view line) {
  try {
    const json request = json::parse(line);
    return ControlRequest{request.at("args").get<std::vector<std::string>>(),
                          request.value("input", std::string()), request.value("progress", false)};
  } catch (const json::exception&) {
    return std::unexpected("a request is a JSON object {\"args\":[...],\"input\":\"...\"} on one line");
  }
}

std::expected<CommandResult, std::string> parse_reply(std::string_view line) {
  try {
    const json reply = json::parse(line);
    CommandResult result;
    result.status = reply.at("status").get<int>();
    result.text = reply.at("text").get<std::string>();
    result.json = reply.at("json");
    result.error = reply.at("error").get<std::string>();
    return result;
  } catch (const json::exception&) {
    return std::unexpected("the daemon answered something else than a reply; is it of the same version?");
  }
}

}  // namespace halley::cli
