#include <array>
#include <catch2/catch.hpp>

#include "gateway/http/assets.h"

using namespace halley::gateway;

namespace {

constexpr std::array kFiles = {
    Asset{.path = "/",
          .type = "text/html; charset=utf-8",
          .tag = "t0",
          .immutable = false,
          .plain = "<p>",
          .brotli = "B",
          .gzip = "G"},
    Asset{.path = "/app.1.js",
          .type = "text/javascript",
          .tag = "t1",
          .immutable = true,
          .plain = "js",
          .brotli = {},
          .gzip = "G"},
    Asset{.path = "/f.woff2",
          .type = "font/woff2",
          .tag = "t2",
          .immutable = true,
          .plain = "font",
          .brotli = {},
          .gzip = {}},
};

Response serve(std::string_view path, std::vector<Header> headers = {}) {
  const Assets assets(kFiles);
  const Asset* asset = assets.find(path);
  REQUIRE(asset != nullptr);
  Request request;
  request.headers = std::move(headers);
  return Assets::serve(*asset, request);
}

bool has(const Response& response, std::string_view line) {
  return response.headers.find(std::string(line) + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the coding that the browser takes") {
  CHECK(choose_coding("gzip, deflate, br, zstd", true, true) == Coding::kBrotli);
  CHECK(choose_coding("br;q=0.1, gzip;q=1.0", true, true) == Coding::kBrotli);
  CHECK(choose_coding("gzip", true, true) == Coding::kGzip);
  CHECK(choose_coding("GZIP", true, true) == Coding::kGzip);
  CHECK(choose_coding("br;q=0, gzip", true, true) == Coding::kGzip);
  CHECK(choose_coding("br; q=0.000, gzip;q=0", true, true) == Coding::kPlain);
  CHECK(choose_coding("*", true, true) == Coding::kBrotli);
  CHECK(choose_coding("*;q=0", true, true) == Coding::kPlain);
  CHECK(choose_coding("br;q=0, *", true, true) == Coding::kGzip);
  CHECK(choose_coding("br", false, true) == Coding::kPlain);
  CHECK(choose_coding("identity", true, true) == Coding::kPlain);
  CHECK(choose_coding("", true, true) == Coding::kPlain);
  CHECK(choose_coding(",,;,brr,xgzip", true, true) == Coding::kPlain);
}

TEST_CASE("files are served in the chosen coding with a tag of their own") {
  const Response brotli = serve("/", {{"Accept-Encoding", "br, gzip"}});
  CHECK(brotli.status == 200);
  CHECK(brotli.content() == "B");
  CHECK(has(brotli, "Content-Encoding: br"));
  CHECK(has(brotli, "ETag: \"t0-br\""));
  CHECK(has(brotli, "Vary: Accept-Encoding"));
  CHECK(has(brotli, "Cache-Control: no-cache"));
  CHECK(brotli.page);
  const Response plain = serve("/");
  CHECK(plain.content() == "<p>");
  CHECK(has(plain, "ETag: \"t0\""));
  CHECK(plain.headers.find("Content-Encoding") == std::string::npos);
  const Response script = serve("/app.1.js", {{"Accept-Encoding", "br, gzip"}});
  CHECK(script.content() == "G");
  CHECK(has(script, "Cache-Control: public, max-age=31536000, immutable"));
  CHECK_FALSE(script.page);
  CHECK(serve("/f.woff2", {{"Accept-Encoding", "br, gzip"}}).headers.find("Vary") == std::string::npos);
}

TEST_CASE("a browser that has the file is told so") {
  const Response same = serve("/", {{"If-None-Match", "\"t0\""}});
  CHECK(same.status == 304);
  CHECK(same.content().empty());
  CHECK(has(same, "ETag: \"t0\""));
  CHECK(serve("/", {{"If-None-Match", "\"x\", W/\"t0\""}}).status == 304);
  CHECK(serve("/", {{"If-None-Match", "*"}}).status == 304);
  CHECK(serve("/", {{"If-None-Match", "\"t0-br\""}}).status == 200);  // it has the other coding
  CHECK(serve("/", {{"If-None-Match", "\"t0-br\""}, {"Accept-Encoding", "br"}}).status == 304);
  CHECK(serve("/", {{"If-None-Match", "t0"}}).status == 200);
}

TEST_CASE("only known paths are files") {
  const Assets assets(kFiles);
  for (const auto* path : {"", "/app.1.jsx", "/app", "/../", "/%2e", "//", "/F.woff2"})
    CHECK(assets.find(path) == nullptr);
}
