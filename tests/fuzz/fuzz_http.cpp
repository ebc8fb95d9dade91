// Whatever bytes come to the HTTP side, the gateway keeps its promises:
//  - the requests of a connection, and the refusal that ends it, are the same however the bytes were split;
//  - what is taken lies within its bounds and holds no byte that the filter refuses;
//  - queries, cookies, cursors and preferences of any bytes do no harm;
//  - JSON of any bytes is valid UTF-8 JSON, and so is what is made safe for HTML.
// An input is a byte that seeds the splits, and a stream.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/client_info.h"
#include "gateway/events/cursor.h"
#include "gateway/http/assets.h"
#include "gateway/http/cookies.h"
#include "gateway/http/json_writer.h"
#include "gateway/http/query.h"
#include "gateway/http/request_parser.h"
#include "tests/fuzz/check.h"

using namespace halley;
using namespace halley::gateway;

namespace {

struct Seen {
  std::vector<std::string> requests;
  int refused = 0;
  bool operator==(const Seen&) const = default;
};

std::string describe(const Request& request) {
  FUZZ_CHECK(request.head.size() <= kMaxRequestHead && request.body.size() <= kMaxRequestBody);
  FUZZ_CHECK(request.headers.size() <= kMaxHeaders && !request.path.empty());
  std::string text;
  for (const auto& part : {request.method_name, request.path, request.query}) (text += part) += '\n';
  for (const Header& header : request.headers) {
    FUZZ_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    ((text += header.name) += ':') += header.value;
    text += '\n';
  }
  FUZZ_CHECK(!request.http11 || !request.header("host").empty());  // HTTP/1.0 needs none
  return text + request.body + (request.keep_alive ? "+" : "-");
}

// In pieces of random sizes; seed 0: all at once.
Seen parse(std::string_view stream, std::uint32_t seed) {
  RequestParser parser;
  Seen seen;
  while (!stream.empty() && seen.refused == 0) {
    if (seed != 0) seed = seed * 1664525U + 1013904223U;
    const std::string chunk(stream.substr(0, seed == 0 ? stream.size() : 1 + (seed >> 24U) % 60));
    std::size_t taken = 0;
    const RequestParser::Result result = parser.feed(chunk, taken);
    FUZZ_CHECK(taken <= chunk.size() &&
               (taken == chunk.size() || result != RequestParser::Result::kNeedMore));
    stream.remove_prefix(taken);
    if (result == RequestParser::Result::kRefused) seen.refused = parser.refusal().status;
    if (result != RequestParser::Result::kRequest) continue;
    seen.requests.push_back(describe(parser.request()));
    parser.reset();
  }
  return seen;
}

void check_json(std::string_view bytes) {
  std::string out;
  append_json_string(out, bytes);
  const auto value = nlohmann::json::parse(out, nullptr, false);
  FUZZ_CHECK(value.is_string());
  FUZZ_CHECK(
      out ==
      nlohmann::json(std::string(bytes)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  escape_for_html(out, 0);
  FUZZ_CHECK(out.find_first_of("<>&") == std::string::npos);
  FUZZ_CHECK(nlohmann::json::parse(out, nullptr, false) == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = parse(stream, 0);
  FUZZ_CHECK(parse(stream, data[0] + 1U) == whole);
  FUZZ_CHECK(parse(stream, data[0] * 7919U + 1U) == whole);
  check_json(stream);
  if (const auto query = Query::parse(stream)) FUZZ_CHECK(query->get("a").size() <= stream.size());
  if (const auto cursor = parse_cursor(stream)) FUZZ_CHECK(cursor->epoch.size() < stream.size());
  FUZZ_CHECK(find_cookie(stream, "halley").size() <= stream.size());
  choose_coding(stream, true, true);
  tag_matches(stream, "\"tag\"");
  return 0;
}
