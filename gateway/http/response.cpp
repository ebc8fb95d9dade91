#include "gateway/http/response.h"

#include <fmt/chrono.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

// Nothing of the page comes from elsewhere, nothing may frame it, and no form leaves it. Images that links
// lead to come for whom wants them: for all others the page narrows this (webui/src/app/images.ts).
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data: https:; connect-src 'self'; manifest-src 'self'; media-src 'self'; "
    "worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types halley";
// What a page of ours never asks for.
constexpr std::string_view kPermissions =
    "Permissions-Policy: accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()\r\n";
// A worker takes its policy from its own script's answer, not from the page's.
constexpr std::string_view kScriptPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";
constexpr std::string_view kFilePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";

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

Response frame_document(Response response, std::string_view nonce) {
  constexpr std::string_view kJson = "Content-Type: application/json\r\n";
  if (const std::size_t at = response.headers.find(kJson); at != std::string::npos)
    response.headers.erase(at, kJson.size());
  std::string json = R"({"event":"answer","status":)";
  append_number(json, static_cast<std::uint64_t>(response.status));
  while (response.body.ends_with('\n')) response.body.pop_back();
  if (!response.body.empty()) json += ",\"body\":" + response.body;
  json += '}';
  escape_for_html(json, 0);
  // Some browsers show a page of their own in place of an error with less than half a kilobyte.
  response.body = fmt::format(
      "<!doctype html><meta charset=\"utf-8\"><title>Halley</title>{:512}\n<script nonce=\"{}\">"
      "parent.halley({})</script>\n",
      "", nonce, json);
  // A frame keeps what it shows when there is no content, and its page would wait for ever.
  if (response.status == 204) response.status = 200;
  response.header("Content-Type", "text/html; charset=utf-8");
  response.script_nonce = nonce;
  return response;
}

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 29> kPhrases{{
      {100, "Continue"},
      {101, "Switching Protocols"},
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
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
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

void append_head(std::string& out, const Response& response, const HeadFrame& frame) {
  const auto& [framing, date, keep_alive, https] = frame;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  append_line(out, "Date", date);
  // A document of scripts, each with the nonce, in a frame of our own page.
  if (!response.script_nonce.empty())
    append_line(
        out, "Content-Security-Policy",
        fmt::format("default-src 'none'; script-src 'nonce-{}'; base-uri 'none'; frame-ancestors 'self'",
                    response.script_nonce));
  else
    append_line(out, "Content-Security-Policy",
                response.page     ? kPagePolicy
                : response.script ? kScriptPolicy
                : response.file   ? kFilePolicy
                                  : kDataPolicy);
  out +=
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Cross-Origin-Resource-Policy: ";
  out += response.file ? "cross-origin\r\n" : "same-origin\r\n";
  if (response.page || !response.script_nonce.empty()) out += kPermissions;
  // A year; of no effect where the certificate is not one that browsers know (RFC 6797 section 8.1).
  if (https) out += "Strict-Transport-Security: max-age=31536000\r\n";
  out += response.headers;
  // 204 and 304 have no body and say no length (RFC 9110 section 8.6).
  if (framing == Framing::kLength && response.status != 204 && response.status != 304) {
    out += "Content-Length: ";
    append_number(out, response.length.value_or(response.content().size()));
    out += "\r\n";
  }
  if (framing == Framing::kChunked) out += "Transfer-Encoding: chunked\r\n";
  if (framing == Framing::kUpgrade) {
    out += "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    return;
  }
  // Whoever names protocols to change to says so here as well (RFC 9110 section 7.8).
  if (response.status == 426) out += "Connection: Upgrade\r\n";
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace halley::gateway
