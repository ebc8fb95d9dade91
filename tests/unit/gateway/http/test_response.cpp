#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "gateway/http/json_body.h"
#include "gateway/http/response.h"

using namespace halley::gateway;
using nlohmann::json;

namespace {

std::string head(const Response& response, Framing framing = Framing::kLength, bool keep_alive = true) {
  std::string out;
  append_head(out, response,
              {.framing = framing, .date = "Sun, 06 Nov 1994 08:49:37 GMT", .keep_alive = keep_alive});
  return out;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("errors are JSON") {
  const Response response = error_response(409, "hole", "say \"1\"", ",\"expected\":1");
  CHECK(json::parse(response.body) == json{{"error", "hole"}, {"message", "say \"1\""}, {"expected", 1}});
  CHECK(head(response).starts_with("HTTP/1.1 409 Conflict\r\n"));
}

TEST_CASE("every answer is guarded") {
  const std::string text = head(json_response(200, "{}"));
  CHECK(has(text, "\r\nX-Content-Type-Options: nosniff\r\n"));
  CHECK(has(text, "\r\nReferrer-Policy: no-referrer\r\n"));
  CHECK(has(text, "\r\nCross-Origin-Opener-Policy: same-origin\r\n"));
  CHECK(has(text, "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
  CHECK(has(text, "\r\nCache-Control: no-store\r\n"));
  CHECK(has(text, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  Response page;
  page.page = true;
  CHECK(has(head(page), "Content-Security-Policy: default-src 'none'; script-src 'self'; "));
  CHECK(has(head(page), "; img-src 'self' data: https:; connect-src 'self'; "));
  CHECK(has(head(page), "require-trusted-types-for 'script'"));
  CHECK(has(head(page), "\r\nPermissions-Policy: "));
  CHECK(has(head(page), "frame-ancestors 'none'; "));
  CHECK_FALSE(has(head(page), "unsafe"));
  Response script;
  script.script = true;
  CHECK(has(head(script),
            "Content-Security-Policy: default-src 'none'; connect-src 'self'; frame-ancestors 'none'\r\n"));
}

TEST_CASE("the head says how long the answer is") {
  Response response = json_response(200, "12345");
  CHECK(has(head(response), "\r\nContent-Length: 5\r\n"));
  CHECK(has(head(response), "\r\nConnection: keep-alive\r\n\r\n"));
  CHECK(has(head(response, Framing::kLength, false), "\r\nConnection: close\r\n\r\n"));
  CHECK(has(head(response, Framing::kChunked, false), "\r\nTransfer-Encoding: chunked\r\n"));
  CHECK_FALSE(has(head(response, Framing::kChunked, false), "Content-Length"));
  CHECK_FALSE(has(head(response, Framing::kUntilClose, false), "Transfer-Encoding"));
  CHECK_FALSE(has(head(empty_response(204)), "Content-Length"));
  CHECK(has(head(empty_response(200)), "Content-Length: 0\r\n"));
  response.body.clear();
  response.fixed_body = "abc";
  CHECK(has(head(response), "\r\nContent-Length: 3\r\n"));
}

TEST_CASE("dates are as HTTP writes them") {
  CHECK(http_date(784'111'777'000'000) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("bodies must be JSON objects and say so") {
  const auto status = [](std::string_view type, std::string body) {
    Request request;
    request.headers = {{"Content-Type", type}};
    request.body = std::move(body);
    const auto parsed = parse_json_body(request);
    return parsed ? 200 : parsed.error().status;
  };
  CHECK(status("application/json", "{\"a\":1}") == 200);
  CHECK(status("Application/JSON ; charset=utf-8", "{}") == 200);
  CHECK(status("text/plain", "{}") == 415);  // what a form of a foreign page could send
  CHECK(status("", "{}") == 415);
  CHECK(status("application/json", "") == 400);
  CHECK(status("application/json", "[]") == 400);
  CHECK(status("application/json", "{\"a\":\"\xff\"}") == 400);
  CHECK(status("application/json", "{\"a\":1} x") == 400);
  CHECK(status("application/json", std::string(60'000, '[')) == 400);
}

TEST_CASE("members have types and bounds") {
  const json object = {{"a", "text"}, {"n", 1}};
  CHECK(text_member(object, "a", 4) == "text");
  CHECK_FALSE(text_member(object, "a", 3));
  CHECK_FALSE(text_member(object, "n", 9));
  CHECK_FALSE(text_member(object, "x", 9));
}
