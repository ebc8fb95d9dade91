// Whatever bytes a peer sends, the protocol library keeps its promises:
//  - lines are the same however the bytes were split on their way;
//  - a parsed line, written again, parses to the same;
//  - whatever the fields, the serialiser writes one line that parses, and no CR, LF or NUL;
//  - texts, tags, times and SASL payloads survive their round trips.
// An input is a byte that seeds the splits, and a stream.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/caps.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/isupport.h"
#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/modes.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"
#include "tests/fuzz/check.h"
#include "tests/unit/irc/most_parts.h"

using namespace halley::irc;

namespace {

constexpr std::size_t kLimit = 64;  // short, so that a fuzzer reaches it

struct Seen {
  std::vector<std::string> lines;
  bool operator==(const Seen&) const = default;
};

void drain(LineBuffer& buffer, Seen& seen) {
  std::string_view line;
  for (auto result = buffer.next(line); result != LineBuffer::Result::kNeedMore; result = buffer.next(line)) {
    if (result == LineBuffer::Result::kTooLong)
      line = "\n";  // no line can be that
    else
      FUZZ_CHECK(!line.empty() && line.size() <= kLimit && line.find('\n') == std::string_view::npos);
    seen.lines.emplace_back(line);
  }
}

Seen split_whole(std::string_view stream) {
  LineBuffer buffer(kLimit);
  Seen seen;
  buffer.feed(stream);
  drain(buffer, seen);
  return seen;
}

Seen split_at_random(std::string_view stream, std::uint32_t seed) {
  LineBuffer buffer(kLimit);
  Seen seen;
  while (!stream.empty()) {
    seed = seed * 1664525U + 1013904223U;
    const std::string chunk(stream.substr(0, (seed >> 24U) % 40));  // dies at the end of the turn
    stream.remove_prefix(chunk.size());
    buffer.feed(chunk);
    if ((seed >> 16U & 3U) == 0)
      buffer.save();
    else
      drain(buffer, seen);
  }
  drain(buffer, seen);
  return seen;
}

void check_same(const Message& a, const Message& b) {
  FUZZ_CHECK(a.source == b.source && a.command == b.command && a.param_count == b.param_count);
  for (std::size_t i = 0; i < a.param_count; ++i) FUZZ_CHECK(a.param(i) == b.param(i));
}

// Fields as no parser gave them: cut out of the stream at its separators.
void check_serialiser(std::string_view stream) {
  std::vector<std::string_view> fields;
  while (!stream.empty() && fields.size() < 24) {
    const std::size_t end = stream.find('|');
    fields.push_back(stream.substr(0, end));
    stream.remove_prefix(end == std::string_view::npos ? stream.size() : end + 1);
  }
  if (fields.size() < 3) return;
  std::string line;
  append_line(line, {.tags = fields[0],
                     .source = fields[1],
                     .command = fields[2],
                     .params = std::span(fields).subspan(3),
                     .colon = fields[0].size() % 2 == 1});
  FUZZ_CHECK(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  const auto parsed = parse(line);
  // The command stands as a '*' where it was none; a line that is too long is its caller's to prevent.
  if (!parsed)
    FUZZ_CHECK(parsed.error() == ParseError::kBadCommand || parsed.error() == ParseError::kTooLong ||
               parsed.error() == ParseError::kLongSource);
  else
    FUZZ_CHECK(parsed->param_count == std::min(fields.size() - 3, kMaxParams));
}

void check_text(std::string_view text, std::size_t limit) {
  std::size_t total = 0;
  const auto parts = split_text(text, limit);
  for (const std::string_view part : parts) {
    FUZZ_CHECK(part.size() <= std::max<std::size_t>(limit, 4));
    total += part.size();
  }
  FUZZ_CHECK(parts.size() <= halley::tests::most_parts(text.size(), limit));
  FUZZ_CHECK(total <= text.size() && total + parts.size() >= text.size());
  FUZZ_CHECK(text.starts_with(clip_utf8(text, limit)));
  std::string escaped;
  append_escaped_tag_value(escaped, text);
  FUZZ_CHECK(escaped.find_first_of(std::string_view("\r\n\0 ;", 5)) == std::string::npos);
  if (text.find('\0') == std::string_view::npos) FUZZ_CHECK(unescape_tag_value(escaped) == text);
  if (const auto ctcp = parse_ctcp(text)) FUZZ_CHECK(!ctcp->command.empty());
  if (const auto decoded = base64_decode(text)) FUZZ_CHECK(base64_encode(*decoded) == text);
  if (const auto ms = parse_time(text)) {
    std::string time;
    append_time(time, *ms);
    FUZZ_CHECK(parse_time(time) == ms);
  }
}

void check_sasl(std::string_view payload) {
  SaslReader reader;
  auto result = SaslReader::Result::kMore;
  for (const std::string& chunk : sasl_chunks(payload)) {
    FUZZ_CHECK(result == SaslReader::Result::kMore);
    result = reader.feed(chunk);
  }
  FUZZ_CHECK(result == SaslReader::Result::kDone && reader.payload() == payload);
  if (const auto plain = parse_plain(payload)) FUZZ_CHECK(!plain->authcid.empty());
}

// Values of a server's own making are read; what they lead to must only be safe.
void read_state(const Message& message, Isupport& isupport, ChannelModes& modes) {
  isupport.apply(message.parameters());
  FUZZ_CHECK(isupport.tokens().size() <= 200);
  FUZZ_CHECK(isupport.prefix_modes().size() == isupport.prefix_symbols().size());
  for (const ModeChange& change : parse_modes(isupport, message.parameters())) modes.apply(change);
  FUZZ_CHECK(modes.text().starts_with('+'));
  for_each_cap(message.last(), [](std::string_view name, std::string_view, bool) {
    FUZZ_CHECK(!name.empty());
    if (const auto cap = find_cap(name)) FUZZ_CHECK(halley::irc::name(*cap) == name);
  });
  for_each_tag(message.tags, [&](std::string_view key, std::string_view) {
    FUZZ_CHECK(find_tag(message.tags, key).has_value());
  });
  FUZZ_CHECK(parse_prefix(message.source).nick.size() <= message.source.size());
}

void check_line(std::string_view line, Isupport& isupport, ChannelModes& modes) {
  check_text(line, line.size() / 2);
  const auto message = parse(line);
  if (!message) return;
  std::string written;
  append_body(written, *message);
  const auto again = parse(written);
  FUZZ_CHECK(again.has_value());
  check_same(*message, *again);
  read_state(*message, isupport, modes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen seen = split_whole(stream);
  FUZZ_CHECK(seen == split_at_random(stream, data[0]));
  Isupport isupport;
  ChannelModes modes;
  for (const std::string& line : seen.lines) check_line(line, isupport, modes);
  check_line(stream, isupport, modes);  // with whatever bytes lines never hold
  check_serialiser(stream);
  check_sasl(stream);
  return 0;
}
