#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "gateway/http/json_writer.h"
#include "tests/fakes/net/fake_random.h"

using namespace halley;
using gateway::append_json_string;
using nlohmann::json;

namespace {

std::string written(std::string_view bytes) {
  std::string out;
  append_json_string(out, bytes);
  return out;
}

std::string by_library(std::string_view bytes) {
  return json(std::string(bytes)).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

TEST_CASE("JSON text escapes what must be escaped") {
  CHECK(written("") == R"("")");
  CHECK(written("plain text, 16 by") == R"("plain text, 16 by")");
  CHECK(written("say \"hi\" \\o/") == R"("say \"hi\" \\o/")");
  CHECK(written(std::string_view("\x01\x02\x03\x1d\x1f\0\t\r\n\b\f", 11)) ==
        R"("\u0001\u0002\u0003\u001d\u001f\u0000\t\r\n\b\f")");
  CHECK(written("\x7f") == "\"\x7f\"");
  CHECK(written("gr\u00fc\u00df \u20ac \U0001f600") == "\"gr\u00fc\u00df \u20ac \U0001f600\"");
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, one for each maximal part") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(written("\xff") == "\"" + r + "\"");
  CHECK(written("a\x80z") == "\"a" + r + "z\"");
  CHECK(written("\xc3(") == "\"" + r + "(\"");
  CHECK(written("\xc0\xaf") == "\"" + r + r + "\"");                  // overlong
  CHECK(written("\xed\xa0\x80") == "\"" + r + r + r + "\"");          // a surrogate
  CHECK(written("\xf0\x9f\x98") == "\"" + r + "\"");                  // cut off
  CHECK(written("\xf0\x9f\x98\"") == "\"" + r + "\\\"\"");            // cut off by a quote
  CHECK(written("\xf4\x90\x80\x80") == "\"" + r + r + r + r + "\"");  // beyond U+10FFFF
}

TEST_CASE("JSON text agrees with the library on random bytes") {
  fakes::FakeRandom random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random.between(0, 40), '\0');
    // Half of them near UTF-8, so that the long sequences are met.
    for (char& c : bytes) {
      const std::size_t kind = random.between(0, 5);
      const std::size_t byte = kind == 0   ? random.between(0, 255)
                               : kind == 1 ? random.between(0xC0, 0xF7)
                               : kind <= 3 ? random.between(0x80, 0xBF)
                                           : random.between(0x20, 0x7E);
      c = static_cast<char>(byte);
    }
    INFO("round " << round);
    REQUIRE(written(bytes) == by_library(bytes));
  }
}

TEST_CASE("JSON is made safe inside a script element without changing its value") {
  std::string out = "<script>";
  const std::size_t from = out.size();
  append_json_string(out, "</script><!-- & \u2028\u2029 \u2030");
  const json before = json::parse(out.substr(from));
  gateway::escape_for_html(out, from);
  CHECK(out == "<script>\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\\u2029 \u2030\"");
  CHECK(json::parse(out.substr(from)) == before);
}
