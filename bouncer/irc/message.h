// One IRC line, parsed and written. Source: RFC 1459 and 2812 section 2.3.1,
// https://ircv3.net/specs/extensions/message-tags, https://modern.ircdocs.horse/#message-format
//
// A Message views the caller's buffer: it owns nothing and lives no longer than that buffer. No I/O, no
// clock, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace halley::irc {

inline constexpr std::size_t kMaxParams = 15;
// Bytes of a line without its tags, CR LF included (RFC 1459 section 2.3).
inline constexpr std::size_t kMaxBody = 512;
// Bytes of the tag part, '@' and the space behind it included: 4,094 from a client, 8,191 from a server.
inline constexpr std::size_t kMaxClientTags = 4096;
inline constexpr std::size_t kMaxServerTags = 8191;
// What we accept from a peer in all; a longer line is an error, never a truncation.
inline constexpr std::size_t kMaxLine = kMaxServerTags + 4096;

// A source: more than any network's own limits make of one (a line is 512 bytes). parse() refuses a longer
// one, so that masks and the lines that are made with them are bounded wherever they go.
inline constexpr std::size_t kMaxSource = 512;

// nick!user@host, or a server name in `nick` with the others empty.
struct Prefix {
  std::string_view nick, user, host;
};
Prefix parse_prefix(std::string_view source);

struct Message {
  std::string_view tags;     // between '@' and the space, still escaped; empty when there are none
  std::string_view source;   // without ':'; empty when there is none
  std::string_view command;  // as received; compare with same_command()
  std::array<std::string_view, kMaxParams> params;
  std::size_t param_count = 0;

  std::span<const std::string_view> parameters() const { return {params.data(), param_count}; }
  // The i-th parameter, or an empty view.
  std::string_view param(std::size_t i) const { return i < param_count ? params[i] : std::string_view{}; }
  std::string_view last() const { return param_count ? params[param_count - 1] : std::string_view{}; }
};

enum class ParseError { kEmpty, kTooLong, kBadTags, kBadSource, kLongSource, kBadCommand, kForbiddenByte };
// A sentence for a person: what is wrong with the line.
std::string_view describe(ParseError error);

// `line` without CR LF. NUL, CR and LF inside are kForbiddenByte. Invalid UTF-8 is passed on as it is.
std::expected<Message, ParseError> parse(std::string_view line);

// `line` with a space in place of each NUL, CR and LF: what is left of a line that parse() refused for one. A
// network's text is worth more than the byte that cannot stand in it.
std::string without_forbidden_bytes(std::string_view line);

// Commands compare without case (RFC 2812 section 2.3); ASCII only.
bool same_command(std::string_view a, std::string_view b);

// --- Tags
// ---------------------------------------------------------------------------------------------------------
// The still-escaped value of `key` in a raw tag string; nullopt when absent, "" when it has no value.
std::optional<std::string_view> find_tag(std::string_view tags, std::string_view key);
std::string unescape_tag_value(std::string_view raw);
void append_escaped_tag_value(std::string& out, std::string_view value);
// Calls visit(key, raw_value) for each tag in order.
template <typename Visit>
void for_each_tag(std::string_view tags, Visit&& visit) {
  while (!tags.empty()) {
    const std::size_t end = tags.find(';');
    const std::string_view tag = tags.substr(0, end);
    tags = end == std::string_view::npos ? std::string_view{} : tags.substr(end + 1);
    const std::size_t eq = tag.find('=');
    if (!tag.empty())
      visit(tag.substr(0, eq), eq == std::string_view::npos ? std::string_view{} : tag.substr(eq + 1));
  }
}

// --- The one serialiser
// ------------------------------------------------------------------------------------------- Every IRC line
// that leaves Halley is made by these. CR, LF and NUL inside a field become spaces; an empty or space-bearing
// or ':'-led parameter that is not last makes the line invalid for its reader, so it is replaced by '*'.
// Appends to `out` without CR LF: "[@tags ][:source ]COMMAND params... :last". The last parameter gets its
// ':' when it needs one (empty, leading ':', a space) or always when `colon` is set.
struct LineParts {
  std::string_view tags = {}, source = {}, command = {};
  std::span<const std::string_view> params = {};
  bool colon = false;
};
void append_line(std::string& out, const LineParts& parts);
std::string format_line(std::string_view source, std::string_view command,
                        std::initializer_list<std::string_view> params);
// As above, from a parsed message with its tags.
void append_message(std::string& out, const Message& message, bool colon = false);
// As above, tags left out.
void append_body(std::string& out, const Message& message);
// The line with a tag ("key=value", escaped) before those that it has, of which the last are left off where
// there are too many for a line.
std::string with_tag(std::string_view tag, std::string_view line);
// Cuts `text` to at most `limit` bytes, never inside a UTF-8 sequence.
std::string_view clip_utf8(std::string_view text, std::size_t limit);

}  // namespace halley::irc
