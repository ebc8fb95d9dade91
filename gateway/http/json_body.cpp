#include "gateway/http/json_body.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "gateway/http/json_writer.h"
#include "gateway/http/query.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kShownName = 100;  // bytes

bool has_media_type(const Request& request, std::string_view wanted) {
  const std::string_view type = request.header("content-type");
  std::string_view media = type.substr(0, type.find(';'));
  while (media.ends_with(' ')) media.remove_suffix(1);
  return equal_without_case(media, wanted);
}

bool is_compressed(const Request& request) {
  const std::string coding = request.list("content-encoding");
  return !coding.empty() && !equal_without_case(coding, "identity");
}

Response compressed_response() {
  return error_response(415, "compressed", "Send the body as it is, not compressed.")
      .header("Accept-Encoding", "identity");
}

bool is_plain_number(std::string_view text) {
  return !text.empty() && text.size() < 20 && (text.size() == 1 || text.front() != '0') &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_form(const Request& request) {
  return has_media_type(request, "application/x-www-form-urlencoded");
}

std::expected<nlohmann::json, Response> parse_form_body(const Request& request, std::string_view number) {
  if (is_compressed(request)) return std::unexpected(compressed_response());
  const auto form = Query::parse(request.body);
  if (!form) return std::unexpected(error_response(400, "bad_form", "The form cannot be decoded."));
  // By way of JSON text, which makes UTF-8 of whatever a browser sends.
  std::string text = "{";
  for (const auto& [name, value] : form->pairs()) {
    if (text.size() > 1) text += ',';
    append_json_string(text, name);
    text += ':';
    if (name == number && is_plain_number(value)) {
      text += value;
    } else {
      append_json_string(text, value);
    }
  }
  text += '}';
  return nlohmann::json::parse(text);
}

std::expected<nlohmann::json, Response> parse_json_body(const Request& request) {
  if (!has_media_type(request, "application/json"))
    return std::unexpected(
        error_response(415, "not_json", "Send the body as Content-Type: application/json."));
  if (is_compressed(request)) return std::unexpected(compressed_response());
  // Of two members of one name some readers take the first, and others the last.
  std::vector<std::set<std::string>> objects;
  std::optional<std::string> twice;
  const auto look = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) objects.emplace_back();
    if (event == Event::object_end) objects.pop_back();
    if (event == Event::key && !objects.back().insert(parsed.get<std::string>()).second && !twice)
      twice = parsed.get<std::string>();
    return true;
  };
  nlohmann::json body = nlohmann::json::parse(request.body, look, false);
  if (!body.is_object())
    return std::unexpected(error_response(400, "bad_json", "The body is not a JSON object."));
  if (twice)
    return std::unexpected(error_response(
        400, "bad_json", "The member \"" + twice->substr(0, kShownName) + "\" is there twice."));
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
