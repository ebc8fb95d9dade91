#include "bouncer/irc/multiline.h"

#include <algorithm>
#include <charconv>

#include "bouncer/irc/message.h"
#include "bouncer/irc/text.h"

namespace halley::irc {
namespace {

constexpr std::size_t kMark = kLineBreak.size();

// Without the two characters, and so that none comes about of what stood around one.
std::string clean_line(std::string_view line) {
  std::string out;
  while (true) {
    const std::size_t end = end_of_line(line);
    out += line.substr(0, end);
    if (end == line.size()) return out;
    out += ' ';
    line.remove_prefix(end + kMark);
  }
}

// In parts of at most `room` bytes that make the line again, each but the last with the space it ends at.
std::vector<std::string_view> joined_parts(std::string_view line, std::size_t room) {
  if (line.size() <= room) return {line};
  std::vector<std::string_view> parts = split_text(line, room - 1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char* const end = i + 1 < parts.size() ? parts[i + 1].data() : line.data() + line.size();
    parts[i] = {parts[i].data(), static_cast<std::size_t>(end - parts[i].data())};
  }
  return parts;
}

}  // namespace

MultilineLimits parse_multiline_limits(std::string_view value) {
  MultilineLimits limits{0, kMostMultilineLines};
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    const std::size_t eq = token.find('=');
    if (eq == std::string_view::npos) continue;
    const std::string_view number = token.substr(eq + 1);
    std::size_t found = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), found);
    if (error != std::errc() || end != number.data() + number.size()) continue;
    if (token.substr(0, eq) == "max-bytes") limits.bytes = std::min(found, kMostMultilineBytes);
    if (token.substr(0, eq) == "max-lines") limits.lines = std::min(found, kMostMultilineLines);
  }
  return limits;
}

MultilineLimits multiline_size(std::string_view text) {
  MultilineLimits size;
  for_each_line(text, [&](std::string_view line, bool joined) {
    size.bytes += line.size() + (size.lines > 0 && !joined ? 1 : 0);
    ++size.lines;
  });
  return size;
}

std::size_t wire_lines(std::string_view text, std::size_t room) {
  std::size_t lines = 0;
  for_each_line(text, [&](std::string_view line, bool) { lines += joined_parts(line, room).size(); });
  return lines;
}

MultilineText::Added MultilineText::add(std::string_view line, bool joined) {
  const std::string clean = clean_line(line);
  const bool first = size_.lines == 0;
  const MultilineLimits size{size_.bytes + clean.size() + (first || joined ? 0 : 1), size_.lines + 1};
  if (size.lines > limits_.lines) return Added::kTooManyLines;
  if (size.bytes > limits_.bytes) return Added::kTooManyBytes;
  size_ = size;
  if (!first) text_ += joined ? kLineJoin : kLineBreak;
  text_ += clean;
  blank_ = blank_ && clean.empty();
  return Added::kTaken;
}

std::size_t end_of_line(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(kLineBreak[0], at)) != std::string_view::npos; ++at) {
    const std::string_view mark = text.substr(at, kMark);
    if (mark == kLineBreak || mark == kLineJoin) return at;
  }
  return text.size();
}

std::vector<std::string_view> single_lines(std::string_view text, std::size_t room) {
  std::vector<std::string_view> lines;
  for_each_line(text, [&](std::string_view line, bool) {
    if (line.empty()) return;
    const auto parts = split_text(line, room);
    lines.insert(lines.end(), parts.begin(), parts.end());
  });
  return lines;
}

std::string on_one_line(std::string_view text) {
  std::string out;
  bool first = true;
  for_each_line(text, [&](std::string_view line, bool joined) {
    if (!std::exchange(first, false) && !joined) out += " / ";
    out += line;
  });
  return out;
}

std::vector<std::string> multiline_batch(const MultilineParts& parts) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view tags, std::string_view command,
                       std::initializer_list<std::string_view> params, bool colon) {
    append_line(lines.emplace_back(), {.tags = tags,
                                       .source = parts.source,
                                       .command = command,
                                       .params = {params.begin(), params.size()},
                                       .colon = colon});
  };
  const std::string reference(parts.reference);
  add(parts.tags, "BATCH", {"+" + reference, "draft/multiline", parts.target}, false);
  const std::string inside = "batch=" + reference, joins = inside + ";draft/multiline-concat";
  for_each_line(parts.text, [&](std::string_view line, bool joined) {
    for (const std::string_view part : joined_parts(line, parts.room)) {
      add(joined ? joins : inside, parts.command, {parts.target, part}, true);
      joined = true;
    }
  });
  add({}, "BATCH", {"-" + reference}, false);
  return lines;
}

}  // namespace halley::irc
