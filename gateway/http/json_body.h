// A small body of JSON, or of a form, parsed; for requests, never for lines on their way out.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace halley::gateway {

// The body as a JSON object. The error is the answer: 415 when it is not sent as application/json (which no
// foreign page can send unasked), 400 when it is no JSON object.
std::expected<nlohmann::json, Response> parse_json_body(const Request& request);
// The same of an HTML form (application/x-www-form-urlencoded): its fields as strings, but `number` as a
// number.
bool is_form(const Request& request);
std::expected<nlohmann::json, Response> parse_form_body(const Request& request, std::string_view number);
// A string member of at most `most` bytes; nullopt: absent, another type, or longer.
std::optional<std::string> text_member(const nlohmann::json& object, const char* name, std::size_t most);

}  // namespace halley::gateway
