#include "bouncer/irc/message.h"

#include "bouncer/irc/bytes.h"

namespace halley::irc {
namespace {

constexpr std::size_t kNotFound = std::string_view::npos;

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

void skip_spaces(std::string_view& rest) {
  std::size_t i = 0;
  while (i < rest.size() && rest[i] == ' ') ++i;
  rest.remove_prefix(i);
}

// Takes the bytes up to the next space, and the spaces behind them.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(word.size());
  skip_spaces(rest);
  return word;
}

void take_params(std::string_view rest, Message& message) {
  while (!rest.empty()) {
    if (rest[0] == ':') {
      message.params[message.param_count++] = rest.substr(1);
      return;
    }
    // RFC 2812 section 2.3.1: after 14 parameters the rest is the last one, with or without ':'.
    if (message.param_count == kMaxParams - 1) {
      message.params[message.param_count++] = rest;
      return;
    }
    message.params[message.param_count++] = take_word(rest);
  }
}

}  // namespace

Prefix parse_prefix(std::string_view source) {
  const std::size_t bang = source.find('!');
  const std::size_t at = source.find('@', bang == kNotFound ? 0 : bang + 1);
  // An '@' before the '!' ends the nick: what follows it is a host, however odd.
  const std::size_t early_at = bang == kNotFound ? at : source.substr(0, bang).find('@');
  if (early_at != kNotFound) return {source.substr(0, early_at), {}, source.substr(early_at + 1)};
  if (bang == kNotFound) return {source, {}, {}};
  if (at == kNotFound) return {source.substr(0, bang), source.substr(bang + 1), {}};
  return {source.substr(0, bang), source.substr(bang + 1, at - bang - 1), source.substr(at + 1)};
}

std::string_view describe(ParseError error) {
  switch (error) {
    case ParseError::kEmpty:
      return "The line is empty.";
    case ParseError::kTooLong:
      return "The line or its tags are longer than IRC allows.";
    case ParseError::kBadTags:
      return "The line starts with '@' but no tags and command follow.";
    case ParseError::kBadSource:
      return "The line starts with ':' but no source and command follow.";
    case ParseError::kLongSource:
      return "The line's source is longer than a whole line of IRC.";
    case ParseError::kBadCommand:
      return "The command is not made of letters or digits.";
    case ParseError::kForbiddenByte:
      return "The line contains a NUL, CR or LF byte.";
  }
  return "The line is not valid.";
}

std::expected<Message, ParseError> parse(std::string_view line) {
  if (line.size() > kMaxLine) return std::unexpected(ParseError::kTooLong);
  if (has_forbidden_byte(line)) return std::unexpected(ParseError::kForbiddenByte);
  std::string_view rest = line;
  skip_spaces(rest);
  if (rest.empty()) return std::unexpected(ParseError::kEmpty);

  std::expected<Message, ParseError> result;
  Message& message = *result;
  if (rest[0] == '@') {
    message.tags = take_word(rest).substr(1);
    if (message.tags.size() + 2 > kMaxServerTags) return std::unexpected(ParseError::kTooLong);
    if (message.tags.empty() || rest.empty()) return std::unexpected(ParseError::kBadTags);
  }
  if (rest[0] == ':') {
    message.source = take_word(rest).substr(1);
    if (message.source.empty() || rest.empty()) return std::unexpected(ParseError::kBadSource);
    if (message.source.size() > kMaxSource) return std::unexpected(ParseError::kLongSource);
  }
  message.command = take_word(rest);
  if (!is_command(message.command)) return std::unexpected(ParseError::kBadCommand);
  take_params(rest, message);
  return result;
}

bool same_command(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

std::string_view clip_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  std::size_t cut = limit;
  // A sequence has at most three continuation bytes; more of them are not UTF-8 and may be cut anywhere.
  while (cut > 0 && limit - cut < 3 && continues(cut)) --cut;
  return text.substr(0, continues(cut) ? limit : cut);
}

}  // namespace halley::irc
