#include "gateway/http/json_body.h"

#include <nlohmann/json.hpp>

namespace halley::gateway {

std::expected<nlohmann::json, Response> parse_json_body(const Request& request) {
  const std::string_view type = request.header("content-type");
  std::string_view media = type.substr(0, type.find(';'));
  while (media.ends_with(' ')) media.remove_suffix(1);
  if (!equal_without_case(media, "application/json"))
    return std::unexpected(
        error_response(415, "not_json", "Send the body as Content-Type: application/json."));
  const std::string_view coding = request.header("content-encoding");
  if (!coding.empty() && !equal_without_case(coding, "identity"))
    return std::unexpected(error_response(415, "compressed", "Send the body as it is, not compressed.")
                               .header("Accept-Encoding", "identity"));
  nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_object())
    return std::unexpected(error_response(400, "bad_json", "The body is not a JSON object."));
  return body;
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* name, std::size_t most) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > most) return std::nullopt;
  return text;
}

}  // namespace halley::gateway
