#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gateway/http/request_parser.h"
#include "tests/fakes/net/fake_random.h"

using namespace halley;
using gateway::Method;
using gateway::RequestParser;

namespace {

struct Outcome {
  RequestParser::Result result = RequestParser::Result::kNeedMore;
  std::size_t taken = 0;
};

// Feeds `bytes` in pieces whose sizes `piece` gives, up to the end of the first request.
template <typename Piece>
Outcome feed(RequestParser& parser, std::string_view bytes, Piece&& piece) {
  Outcome outcome;
  while (outcome.taken < bytes.size() && outcome.result == RequestParser::Result::kNeedMore) {
    std::size_t taken = 0;
    const std::string copy(
        bytes.substr(outcome.taken, piece()));  // so that a view kept by mistake is seen by ASan
    outcome.result = parser.feed(copy, taken);
    outcome.taken += taken;
  }
  return outcome;
}

Outcome feed_whole(RequestParser& parser, std::string_view bytes) {
  return feed(parser, bytes, [&] { return bytes.size(); });
}

struct BadRequest {
  std::string name, bytes;
  int status;
};

std::string get(std::string_view headers) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}
std::string post(std::string_view headers) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(headers);
}

std::vector<BadRequest> bad_request_lines() {
  using namespace std::string_literals;
  return {
      {"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
      {"bare LF everywhere", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"bare CR in the request line", "GET /\rx HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a raw byte in the target", "GET /\xc3\xbc HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"lower-case protocol", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 501},
      {"an unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another host in the target", "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another port in the target", "GET http://h:81/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another scheme in the target", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a user in the target", "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a target without a path", "GET index.html HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a fragment", "GET /#x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an asterisk", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"an endless target", "GET /" + std::string(20'000, 'a'), 414},
  };
}

std::vector<BadRequest> bad_heads() {
  using namespace std::string_literals;
  std::string many;
  for (int i = 0; i < 120; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  return {
      {"no Host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", 400},
      {"two Hosts", get("Host: h\r\n"), 400},
      {"two Hosts in other spelling", get("hOST: evil\r\n"), 400},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
      {"a Host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
      {"a Host with two ports", "GET / HTTP/1.1\r\nHost: h:1:2\r\n\r\n", 400},
      {"a Host with a large port", "GET / HTTP/1.1\r\nHost: h:65536\r\n\r\n", 400},
      {"a Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a folded header", get("X-A: 1\r\n 2\r\n"), 400},
      {"a folded header by tab", get("X-A: 1\r\n\t2\r\n"), 400},
      {"white space before the first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a space before the colon", get("Content-Length : 5\r\n"), 400},
      {"no colon", get("Nonsense\r\n"), 400},
      {"no name", get(": 1\r\n"), 400},
      {"a bad name", get("X(A): 1\r\n"), 400},
      {"NUL in a value", get("X-A: a\0b\r\n"s), 400},
      {"bare CR in a value", get("X-A: a\rContent-Length: 5\r\n"), 400},
      {"CR CR LF", get("X-A: a\r\r\n"), 400},
      {"an escape sequence", get("X-A: \x1b[1m\r\n"), 400},
      {"DEL", get("X-A: \x7f\r\n"), 400},
      {"bare LF at the end of the head", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
      {"too many headers", get(many), 431},
      {"a head too large", get("X-A: " + std::string(17'000, 'a') + "\r\n"), 431},
      {"two Origins", get("Origin: http://h\r\nOrigin: http://evil\r\n"), 400},
      {"two Authorizations", get("Authorization: a\r\nAuthorization: b\r\n"), 400},
      {"expecting something else", post("Expect: tea\r\nContent-Length: 1\r\n\r\nx"), 417},
  };
}

std::vector<BadRequest> bad_bodies() {
  const auto chunked = [](std::string_view body) {
    return post("Transfer-Encoding: chunked\r\n\r\n") + std::string(body);
  };
  return {
      {"CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
      {"TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400},
      {"TE and CL 0", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"), 400},
      {"two CLs", post("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), 400},
      {"two equal CLs", post("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400},
      {"a CL list", post("Content-Length: 5, 5\r\n\r\nhello"), 400},
      {"a signed CL", post("Content-Length: +5\r\n\r\nhello"), 400},
      {"a negative CL", post("Content-Length: -5\r\n\r\nhello"), 400},
      {"a hexadecimal CL", post("Content-Length: 0x5\r\n\r\nhello"), 400},
      {"an empty CL", post("Content-Length: \r\n\r\n"), 400},
      {"an overflowing CL", post("Content-Length: 18446744073709551617\r\n\r\n"), 400},
      {"a large CL", post("Content-Length: 65537\r\n\r\n"), 413},
      {"a huge CL", post("Content-Length: 18446744073709551615\r\n\r\n"), 413},
      {"another coding", post("Transfer-Encoding: gzip\r\n\r\n"), 400},
      {"chunked, but not last", post("Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), 400},
      {"chunked twice in one", post("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), 400},
      {"chunked first and last", post("Transfer-Encoding: chunked , gzip, chunked\r\n\r\n0\r\n\r\n"), 400},
      {"no coding", post("Transfer-Encoding:\r\n\r\n"), 400},
      {"identity", post("Transfer-Encoding: identity\r\n\r\n"), 400},
      {"an empty last coding", post("Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"), 400},
      {"chunked and another", post("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501},
      {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       400},
      {"chunked with a tail", post("Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), 400},
      {"a vertical tab before chunked",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n\r\n0\r\n\r\n"),
       400},
      {"TE in 1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a chunk size with a sign", chunked("-1\r\n\r\n"), 400},
      {"a chunk size with 0x", chunked("0x1\r\na\r\n0\r\n\r\n"), 400},
      {"no chunk size", chunked("\r\n\r\n"), 400},
      {"a space before the chunk size", chunked(" 1\r\na\r\n0\r\n\r\n"), 400},
      {"bare LF behind a chunk size", chunked("1\na\r\n0\r\n\r\n"), 400},
      {"a chunk longer than it says", chunked("1\r\nab\r\n0\r\n\r\n"), 400},
      {"bare LF behind a chunk", chunked("1\r\na\n0\r\n\r\n"), 400},
      {"a trailer", chunked("0\r\nX-A: 1\r\n\r\n"), 400},
      {"a long extension", chunked("1;" + std::string(100, 'x') + "\r\na\r\n0\r\n\r\n"), 400},
      {"an overflowing chunk size", chunked("fffffffffffffffff\r\n"), 400},
      {"a large chunk", chunked("10001\r\n"), 413},
  };
}

void check_refused(const std::vector<BadRequest>& table) {
  fakes::FakeRandom random(3);
  for (const BadRequest& bad : table) {
    INFO(bad.name);
    RequestParser whole;
    REQUIRE(feed_whole(whole, bad.bytes).result == RequestParser::Result::kRefused);
    CHECK(whole.refusal().status == bad.status);
    CHECK_FALSE(whole.refusal().message.empty());
    for (int round = 0; round < 20; ++round) {
      RequestParser split;
      const std::size_t most = bad.bytes.size() > 1000 ? 500 : 9;
      REQUIRE(feed(split, bad.bytes, [&] { return random.between(1, most); }).result ==
              RequestParser::Result::kRefused);
      CHECK(split.refusal().status == bad.status);
    }
  }
}

}  // namespace

TEST_CASE("bad request lines are refused, however they are split") {
  check_refused(bad_request_lines());
}
TEST_CASE("bad heads are refused, however they are split") {
  check_refused(bad_heads());
}
TEST_CASE("bad bodies are refused, however they are split") {
  check_refused(bad_bodies());
}

TEST_CASE("a request is taken apart") {
  RequestParser parser;
  const std::string bytes =
      "POST /api/commands?a=1&b=%20 HTTP/1.1\r\nHost: example.org:8067\r\nX-Empty:\r\nX-Blank:   \r\n"
      "content-TYPE:  application/json \t\r\nContent-Length: 11\r\n\r\n{\"seq\": 12}GET /next";
  const Outcome outcome = feed_whole(parser, bytes);
  REQUIRE(outcome.result == RequestParser::Result::kRequest);
  CHECK(bytes.substr(outcome.taken) == "GET /next");
  const gateway::Request& request = parser.request();
  CHECK(request.method == Method::kPost);
  CHECK(request.path == "/api/commands");
  CHECK(request.query == "a=1&b=%20");
  CHECK(request.header("Content-Type") == "application/json");
  CHECK(request.header("x-empty").empty());
  CHECK(request.header("x-blank").empty());
  CHECK(request.headers.size() == 5);
  CHECK(request.body == "{\"seq\": 12}");
  CHECK(request.http11);
  CHECK(request.keep_alive);
}

TEST_CASE("forms of the target") {
  struct Row {
    std::string target, path, query;
  };
  const std::vector<Row> rows = {
      {"/", "/", ""},
      {"/a?b=c?d", "/a", "b=c?d"},
      {"/?", "/", ""},
      {"http://h/x?y", "/x", "y"},
      {"http://h", "/", ""},
      {"http://H?q", "/", "q"},
      {"http://h:80/x", "/x", ""},
      {"HTTP://h/x", "/x", ""},
      {"/x://y", "/x://y", ""},
      {"*", "*", ""},
  };
  for (const Row& row : rows) {
    INFO(row.target);
    RequestParser parser;
    const std::string method = row.target == "*" ? "OPTIONS" : "GET";
    REQUIRE(feed_whole(parser, method + " " + row.target + " HTTP/1.1\r\nHost: h\r\n\r\n").result ==
            RequestParser::Result::kRequest);
    CHECK(parser.request().path == row.path);
    CHECK(parser.request().query == row.query);
  }
}

TEST_CASE("HTTP/1.0 need not name a host") {
  RequestParser parser;
  REQUIRE(feed_whole(parser, "OPTIONS /x HTTP/1.0\r\n\r\n").result == RequestParser::Result::kRequest);
  CHECK(parser.request().path == "/x");
  CHECK_FALSE(parser.request().http11);
}

TEST_CASE("whether the connection stays") {
  const auto stays = [](const std::string& bytes) {
    RequestParser parser;
    REQUIRE(feed_whole(parser, bytes).result == RequestParser::Result::kRequest);
    return parser.request().keep_alive;
  };
  CHECK(stays("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK_FALSE(stays("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(stays("GET / HTTP/1.0\r\nHost: h\r\n\r\n"));
  CHECK(stays("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("an upgrade that nobody takes is an ordinary request") {
  RequestParser parser;
  const std::string bytes =
      "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
      "x\r\n\r\n";
  const Outcome outcome = feed_whole(parser, bytes + bytes);
  REQUIRE(outcome.result == RequestParser::Result::kRequest);
  CHECK(outcome.taken == bytes.size());
  parser.reset();
  CHECK(feed_whole(parser, bytes).result == RequestParser::Result::kRequest);
}

TEST_CASE("requests follow one another, split at random") {
  const std::vector<std::string> requests = {
      "GET /0 HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      "\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "Chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n",
      "POST /4 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
      "HEAD /5 HTTP/1.1\r\nHost: h\r\nCookie: a=b; halley=xyz\r\n\r\n",
  };
  const std::vector<std::string> bodies = {"", "hello", "", "abc0123456789", "", ""};
  std::string all;
  for (const std::string& request : requests) all += request;
  fakes::FakeRandom random(11);
  for (int round = 0; round < 200; ++round) {
    RequestParser parser;
    std::string_view rest = all;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Outcome outcome = feed(parser, rest, [&] { return random.between(1, 60); });
      REQUIRE(outcome.result == RequestParser::Result::kRequest);
      rest.remove_prefix(outcome.taken);
      CHECK(parser.request().path == "/" + std::to_string(i));
      CHECK(parser.request().body == bodies[i]);
      parser.reset();
      CHECK_FALSE(parser.started());
    }
    CHECK(rest.empty());
  }
}

TEST_CASE("who waits for 100 Continue is told once") {
  RequestParser parser;
  feed_whole(parser, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(parser.in_body());
  CHECK(parser.take_expectation());
  CHECK_FALSE(parser.take_expectation());
  CHECK(feed_whole(parser, "ok").result == RequestParser::Result::kRequest);
}

TEST_CASE("the largest request that is allowed is taken") {
  RequestParser parser;
  const std::string body(gateway::kMaxRequestBody, 'b');
  std::string bytes = "POST /" + std::string(gateway::kMaxRequestTarget - 1, 'a') +
                      " HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\nX-A: ";
  bytes += std::string(gateway::kMaxRequestHead - bytes.size() - 4, 'x') + "\r\n\r\n" + body;
  REQUIRE(feed_whole(parser, bytes).result == RequestParser::Result::kRequest);
  CHECK(parser.request().body == body);
}

TEST_CASE("a body that goes elsewhere comes piece by piece, however long it is") {
  const auto streams = [](const gateway::Request& request) { return request.path == "/upload"; };
  const std::string all(200'000, 'x');
  const bool chunked = GENERATE(false, true);
  std::string bytes = "POST /upload HTTP/1.1\r\nHost: h\r\n";
  if (chunked) {
    bytes += "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < all.size(); at += 50'000)
      bytes += "c350\r\n" + all.substr(at, 50'000) + "\r\n";
    bytes += "0\r\n\r\n";
  } else {
    bytes += "Content-Length: 200000\r\n\r\n" + all;
  }
  bytes += "GET / HTTP/1.1\r\n";
  RequestParser parser(streams);
  std::string body, rest = bytes;
  int heads = 0;
  RequestParser::Result result = RequestParser::Result::kNeedMore;
  while (result != RequestParser::Result::kRequest) {
    std::size_t taken = 0;
    result = parser.feed(std::string_view(rest).substr(0, 777), taken);
    REQUIRE(result != RequestParser::Result::kRefused);
    REQUIRE(taken > 0);
    rest.erase(0, taken);
    if (result == RequestParser::Result::kBody) ++heads;
    CHECK(parser.request().body.size() <= 777);
    body += std::exchange(parser.request().body, {});
  }
  CHECK(heads == 1);
  CHECK(body == all);
  CHECK(parser.announced() == (chunked ? 0U : 200'000U));
  CHECK(rest == "GET / HTTP/1.1\r\n");
  // Elsewhere it is too long.
  RequestParser other(streams);
  std::size_t taken = 0;
  CHECK(other.feed("POST /uploads HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n", taken) ==
        RequestParser::Result::kRefused);
  CHECK(other.refusal().status == 413);
}
