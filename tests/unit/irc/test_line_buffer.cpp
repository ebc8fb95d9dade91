#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "bouncer/irc/line_buffer.h"

using namespace halley::irc;

namespace {

using Result = LineBuffer::Result;

// What a reader sees until more bytes are needed; "<too long>" stands for a line that was.
void drain(LineBuffer& buffer, std::vector<std::string>& seen) {
  std::string_view line;
  for (Result result = buffer.next(line); result != Result::kNeedMore; result = buffer.next(line))
    seen.push_back(result == Result::kLine ? std::string(line) : "<too long>");
}

std::vector<std::string> lines_of(std::vector<std::string_view> chunks, std::size_t limit = 10) {
  LineBuffer buffer(limit);
  std::vector<std::string> seen;
  for (const std::string_view chunk : chunks) {
    buffer.feed(chunk);
    drain(buffer, seen);
  }
  return seen;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("bytes become lines") {
  CHECK(lines_of({"a\r\nb\nc"}) == Lines{"a", "b"});
  CHECK(lines_of({"a", "b\r", "\nc", "\n"}) == Lines{"ab", "c"});
  CHECK(lines_of({"\r\n\n\r\na\n\n"}) == Lines{"a"});  // empty lines are passed over
  CHECK(lines_of({"\r", "\n", "a\n"}) == Lines{"a"});
  CHECK(lines_of({"a\rb\n"}) == Lines{"a\rb"});  // a lone CR ends nothing
  CHECK(lines_of({"a\r\r\nb\r", "\r", "\r\n\r\r\nc\n"}) == Lines{"a", "b", "c"});
  CHECK(lines_of({""}).empty());
  CHECK(lines_of({"", "a", "", "\n"}) == Lines{"a"});
}

TEST_CASE("a line that is too long is reported once and skipped to its end") {
  CHECK(lines_of({"0123456789\r\n"}) == Lines{"0123456789"});
  CHECK(lines_of({"0123456789", "\r", "\n"}) == Lines{"0123456789"});
  CHECK(lines_of({"0123456789\r\r\n"}) == Lines{"0123456789"});
  CHECK(lines_of({"0123456789\r", "\r", "\n"}) == Lines{"0123456789"});
  CHECK(lines_of({"0123456789\r\r\r\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"0123456789\r\r", "\r", "\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"0123456789x\r\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"0123456789x", "\r\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"0123456789\rx", "\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"01234567890123", "456789", "more\nok\n"}) == Lines{"<too long>", "ok"});
  CHECK(lines_of({"01234567890123\n", "0123456789", "01234", "\nok\n"}) ==
        Lines{"<too long>", "<too long>", "ok"});
}

TEST_CASE("of a line that is too long its beginning is told") {
  for (const std::vector<std::string_view>& pieces :
       std::vector<std::vector<std::string_view>>{{"0123456789abcdef\n"},
                                                  {"0123456789abcdef"},
                                                  {"01234", "56789abc"},
                                                  {"ok\n01234567", "89abcdef\n"}}) {
    LineBuffer buffer(10);
    std::string_view line;
    std::size_t told = 0;
    for (const std::string_view piece : pieces) {
      buffer.feed(piece);
      for (Result result = buffer.next(line); result != Result::kNeedMore; result = buffer.next(line)) {
        if (result == Result::kTooLong) CHECK(line == "0123456789");
        told += result == Result::kTooLong;
      }
    }
    CHECK(told == 1);
    CHECK(buffer.pending() == 0);
  }
}

TEST_CASE("a line whole inside the fed bytes is not copied") {
  LineBuffer buffer(100);
  const std::string_view bytes = "one\r\ntwo\r\n";
  std::string_view line;
  buffer.feed(bytes);
  REQUIRE(buffer.next(line) == Result::kLine);
  CHECK(line.data() == bytes.data());
  REQUIRE(buffer.next(line) == Result::kLine);
  CHECK(line.data() == bytes.data() + 5);
}

TEST_CASE("a reader may stop in the middle of a chunk and go on later") {
  LineBuffer buffer(100);
  std::string_view line;
  std::vector<std::string> seen;
  {
    std::string bytes = "one\ntwo\nthree\nfo";
    buffer.feed(bytes);
    REQUIRE(buffer.next(line) == Result::kLine);
    CHECK(buffer.pending() == 12);
    buffer.save();
    CHECK(buffer.pending() == 12);
    bytes.assign(bytes.size(), '#');  // the fed bytes may go
  }
  REQUIRE(buffer.next(line) == Result::kLine);
  CHECK(line == "two");
  buffer.save();  // nothing fed: nothing changes
  buffer.feed("ur\nfive");
  drain(buffer, seen);
  CHECK(seen == Lines{"three", "four"});
  CHECK(buffer.pending() == 4);
  buffer.feed("\n");
  drain(buffer, seen);
  CHECK(seen.back() == "five");
  CHECK(buffer.pending() == 0);
}

TEST_CASE("saving inside a line that is skipped keeps skipping it") {
  LineBuffer buffer(4);
  std::string_view line;
  buffer.feed("123456789");
  CHECK(buffer.next(line) == Result::kTooLong);
  CHECK(buffer.next(line) == Result::kNeedMore);
  CHECK(buffer.pending() == 0);
  buffer.feed("still\nok\n");
  buffer.save();
  REQUIRE(buffer.next(line) == Result::kLine);
  CHECK(line == "ok");
  CHECK(buffer.next(line) == Result::kNeedMore);
}

TEST_CASE("an endless line holds no memory") {
  LineBuffer buffer(512);
  const std::string bytes(4096, 'x');
  std::size_t reports = 0;
  std::string_view line;
  for (int i = 0; i < 100; ++i) {
    buffer.feed(bytes);
    while (buffer.next(line) == Result::kTooLong) ++reports;
    CHECK(buffer.pending() == 0);
  }
  CHECK(reports == 1);
}

TEST_CASE("splits and pauses do not matter") {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> length(0, 14), piece(0, 9), dice(0, 3);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (int i = 0; i < 12; ++i) bytes += std::string(length(random), 'x') + (dice(random) ? "\r\n" : "\n");
    const Lines whole = lines_of({bytes});
    LineBuffer buffer(10);
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::string chunk = bytes.substr(at, piece(random));  // dies at the end of the turn
      at += chunk.size();
      buffer.feed(chunk);
      if (dice(random) == 0)
        buffer.save();
      else
        drain(buffer, seen);
    }
    drain(buffer, seen);
    REQUIRE(seen == whole);
  }
}
