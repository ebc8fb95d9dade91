#include <catch2/catch.hpp>
#include <string>

#include "bouncer/irc/sasl.h"

using namespace halley::irc;
using namespace std::string_view_literals;

TEST_CASE("base64 by the vectors of RFC 4648 section 10") {
  const auto [bytes, text] = GENERATE(table<std::string_view, std::string_view>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+"},
      {"\0\0"sv, "AAA="},
  }));
  CAPTURE(text);
  CHECK(base64_encode(bytes) == text);
  CHECK(base64_decode(text) == bytes);
}

TEST_CASE("base64 that is not") {
  const auto text = GENERATE(as<std::string_view>{}, "A", "AB", "ABC", "=", "====", "A===", "AB=C",
                             "AB==AB==", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_", "Zh==", "Zm9=", "*");
  CAPTURE(text);
  CHECK(base64_decode(text) == std::nullopt);
}

TEST_CASE("payloads go in chunks of 400, and a multiple of 400 is closed by a plus") {
  // 3 bytes are 4 of base64: 300 bytes fill one chunk.
  const auto [bytes, chunks, last] = GENERATE(table<std::size_t, std::size_t, std::size_t>({
      {0, 1, 1},
      {1, 1, 4},
      {299, 2, 1},  // padded to 400
      {300, 2, 1},
      {301, 2, 4},
      {597, 2, 396},
      {600, 3, 1},
      {900, 4, 1},
      {901, 4, 4},
  }));
  CAPTURE(bytes);
  std::string payload;
  for (std::size_t i = 0; i < bytes; ++i) payload += static_cast<char>(i * 7);
  const auto sent = sasl_chunks(payload);
  REQUIRE(sent.size() == chunks);
  CHECK(sent.back().size() == last);
  if (last == 1) CHECK(sent.back() == "+");

  SaslReader reader;
  for (std::size_t i = 0; i + 1 < sent.size(); ++i)
    REQUIRE(reader.feed(sent[i]) == SaslReader::Result::kMore);
  REQUIRE(reader.feed(sent.back()) == SaslReader::Result::kDone);
  CHECK(reader.payload() == payload);
}

TEST_CASE("a reader refuses what is no chunk, and starts anew after it") {
  const auto chunk = GENERATE(as<std::string>{}, "", "*", "!!!!", "Zg=", "Zg==x", std::string(401, 'A'));
  SaslReader reader;
  CHECK(reader.feed(std::string(400, 'A')) == SaslReader::Result::kMore);
  CHECK(reader.feed(chunk) == SaslReader::Result::kInvalid);
  CHECK(reader.feed("Zm9v") == SaslReader::Result::kDone);
  CHECK(reader.payload() == "foo");
  CHECK(reader.feed("YmFy") == SaslReader::Result::kDone);
  CHECK(reader.payload() == "bar");
}

TEST_CASE("a reader takes at most 64 KiB") {
  SaslReader reader;
  const std::string chunk(400, 'A');
  for (int i = 0; i < 163; ++i) REQUIRE(reader.feed(chunk) == SaslReader::Result::kMore);
  CHECK(reader.feed(chunk) == SaslReader::Result::kInvalid);
}

TEST_CASE("PLAIN") {
  CHECK(base64_encode(format_plain("jilles", "sesame")) == "amlsbGVzAGppbGxlcwBzZXNhbWU=");
  const auto found = parse_plain("\0tim\0tanstaaftanstaaf"sv);
  REQUIRE(found.has_value());
  CHECK(found->authzid.empty());
  CHECK(found->authcid == "tim");
  CHECK(found->password == "tanstaaftanstaaf");
  CHECK(parse_plain("Ursel\0Kurt\0xipj3plmq"sv)->authzid == "Ursel");
  CHECK(parse_plain(format_plain("a/b@c", "p w"))->password == "p w");
  const auto bad =
      GENERATE(as<std::string_view>{}, "", "a", "a\0b"sv, "a\0b\0c\0d"sv, "a\0\0c"sv, "a\0b\0"sv, "\0\0"sv);
  CHECK_FALSE(parse_plain(bad).has_value());
}
