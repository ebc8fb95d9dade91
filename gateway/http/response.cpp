#include "gateway/http/response.h"

#include <fmt/chrono.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

// Nothing of the page comes from elsewhere, nothing may frame it, and no form leaves it.
constexpr std::string_view kPagePolicy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";
// A worker takes its policy from its own script's answer, not from the page's.
constexpr std::string_view kScriptPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";
// The iframe transport is a document of scripts in a frame of our own page.
constexpr std::string_view kFramePolicy =
    "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'self'";

void append_line(std::string& out, std::string_view name, std::string_view value) {
  // CR or LF in a header would be a second header: a bug of ours, never let out.
  if (value.find_first_of("\r\n") != std::string_view::npos) std::abort();
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

Response& Response::header(std::string_view name, std::string_view value) & {
  append_line(headers, name, value);
  return *this;
}

Response&& Response::header(std::string_view name, std::string_view value) && {
  append_line(headers, name, value);
  return std::move(*this);
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  response.header("Cache-Control", "no-store");
  return response;
}

Response json_response(int status, std::string body) {
  Response response = empty_response(status);
  response.header("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

Response error_response(int status, std::string_view error, std::string_view message,
                        std::string_view extra) {
  std::string body = "{\"error\":";
  append_json_string(body, error);
  body += ",\"message\":";
  append_json_string(body, message);
  body += extra;
  body += "}\n";
  return json_response(status, std::move(body));
}

Response error_response(const Refusal& refusal) {
  return error_response(refusal.status, refusal.error, refusal.message);
}

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 26> kPhrases{{
      {100, "Continue"},
      {200, "OK"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  }};
  for (const auto& [code, phrase] : kPhrases)
    if (code == status) return phrase;
  return "Unknown";
}

std::string http_date(std::int64_t wall_us) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(static_cast<std::time_t>(wall_us / 1'000'000)));
}

void append_head(std::string& out, const Response& response, Framing framing, std::string_view date,
                 bool keep_alive) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  append_line(out, "Date", date);
  append_line(out, "Content-Security-Policy",
              response.page            ? kPagePolicy
              : response.script        ? kScriptPolicy
              : response.inline_script ? kFramePolicy
                                       : kDataPolicy);
  out +=
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n";
  out += response.headers;
  // 204 and 304 have no body and say no length (RFC 9110 section 8.6).
  if (framing == Framing::kLength && response.status != 204 && response.status != 304) {
    out += "Content-Length: ";
    append_number(out, response.content().size());
    out += "\r\n";
  }
  if (framing == Framing::kChunked) out += "Transfer-Encoding: chunked\r\n";
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace halley::gateway
