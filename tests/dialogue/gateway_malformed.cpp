// Hundreds of malformed and smuggling requests (tests/requests/malformed.json, which tests/real sends through
// proxies too), each with the answer that it must have, and nothing else.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

constexpr std::size_t kLeastCases = 300;
constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: halley.test\r\n\r\n";

// In the table a character is a byte, and <TEXT*N> stands for TEXT, N times.
std::string bytes_of(const std::string& text) {
  std::string latin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    latin += c < 0x80 ? text[i] : static_cast<char>((c & 3U) << 6 | (text[++i] & 0x3F));
  }
  static const std::regex kRepeated("<([^<>]*)\\*([0-9]+)>");
  std::smatch match;
  if (!std::regex_search(latin, match, kRepeated)) return latin;
  std::string all = match.prefix();
  for (int i = std::stoi(match[2]); i > 0; --i) all += match[1];
  return all + match.suffix().str();
}

// The answers to a request and one behind it: statuses, with "closed" at the end.
std::string answers(Scene& scene, Web& web, const std::string& request) {
  Browser browser = web.connect();
  browser.send(request);
  browser.send(kNext);
  std::string all;
  std::string bytes;
  scene.loop.run_turns();
  bytes = browser.peer().take();
  for (std::size_t at = bytes.find("HTTP/1.1 "); at != std::string::npos;
       at = bytes.find("HTTP/1.1 ", at + 1))
    if (bytes.compare(at + 9, 3, "100") != 0) all += bytes.substr(at + 9, 3) + ' ';
  return all + (browser.peer().closed() ? "closed" : "open");
}

}  // namespace

TEST_CASE(
    "malformed and smuggling requests are refused and closed, or answered rightly, in at least 300 cases") {
  Scene scene(GENERATE(1U, 2U, 3U));
  scene.config.http.access_log = true;
  Web web(scene);
  std::string log;
  web.server().log_answers([&](std::string_view line) { log += std::string(line) + '\n'; });
  const json table = json::parse(std::ifstream(HALLEY_SOURCE_DIR "/tests/requests/malformed.json"));
  for (const json& row : table) {
    INFO(row["name"].get<std::string>());
    const std::string status = std::to_string(row["status"].get<int>());
    // One that is whole leaves the connection to the next; behind one that is not, nothing is a request.
    const std::string wanted = row.value("stays", false) ? status + " 404 open" : status + " closed";
    CHECK(answers(scene, web, bytes_of(row["bytes"])) == wanted);
  }
  CHECK(log.find("/smuggled") == std::string::npos);
  REQUIRE(table.size() >= kLeastCases);
}
