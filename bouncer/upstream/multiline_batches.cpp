#include "bouncer/upstream/multiline_batches.h"

#include <algorithm>

namespace halley {

namespace {

// What is put together is read again as one line: so much of it beside tags and names are breaks and the
// rest.
constexpr std::size_t kAround = 64 + irc::kLineBreak.size() * irc::kMostHeardLines;
// Clients' own tags are left out where all are longer: the text goes before them.
constexpr std::size_t kMaxTagsOfWhole = 2048;
constexpr std::size_t kLeastText = 1024;

// The opener's, but the label, which is the batch's alone.
std::string tags_of_whole(std::string_view tags, bool first, bool own = true) {
  std::string out(irc::kMultilineTag);
  irc::for_each_tag(tags, [&](std::string_view key, std::string_view value) {
    // Of a message in pieces only the first has its id.
    if (key == "label" || key == irc::kMultilineTag || (!first && key == "msgid")) return;
    if (!own && key.starts_with('+')) return;
    (out += ';') += key;
    if (!value.empty()) (out += '=') += value;
  });
  return own && out.size() > kMaxTagsOfWhole ? tags_of_whole(tags, first, false) : out;
}

}  // namespace

std::string MultilineBatches::line_of(const Open& open) {
  std::string line;
  if (open.text.blank()) return line;
  const std::string_view params[] = {open.target, open.text.text()};
  irc::append_line(
      line,
      {.tags = open.tags, .source = open.source, .command = open.command, .params = params, .colon = true});
  return line;
}

std::string MultilineBatches::batch(const irc::Message& message) {
  const std::string_view name = message.param(0);
  if (name.size() < 2) return {};
  const auto old = std::ranges::find(open_, name.substr(1), &Open::reference);
  std::string said;
  if (old != open_.end()) {
    said = line_of(*old);
    open_.erase(old);
  }
  if (name[0] != '+' || message.param(1) != "draft/multiline" || message.param_count < 3) return said;
  std::string tags = tags_of_whole(message.tags, true);
  const std::size_t taken = kAround + tags.size() + message.source.size() + message.param(2).size();
  // What leaves no room is heard line by line, as an unknown batch is.
  if (taken + kLeastText > irc::kMaxLine) return said;
  if (open_.size() == kMostOpenMultilines) {
    said = line_of(open_.front());
    open_.erase(open_.begin());
  }
  const irc::MultilineLimits limits{std::min(irc::kMostHeardBytes, irc::kMaxLine - taken),
                                    irc::kMostHeardLines};
  open_.push_back({.reference = std::string(name.substr(1)),
                   .tags = std::move(tags),
                   .source = std::string(message.source),
                   .target = std::string(message.param(2)),
                   .limits = limits,
                   .text = irc::MultilineText(limits)});
  return said;
}

bool MultilineBatches::belongs(const Open& open, const irc::Message& message, irc::CaseMapping mapping) {
  const std::string_view nick = irc::parse_prefix(message.source).nick;
  return (nick.empty() || irc::equal(mapping, nick, irc::parse_prefix(open.source).nick)) &&
         irc::equal(mapping, message.param(0), open.target) &&
         (open.command.empty() || irc::same_command(open.command, message.command));
}

bool MultilineBatches::take(const irc::Message& message, irc::CaseMapping mapping, std::string& whole) {
  if (open_.empty()) return false;
  const auto reference = irc::find_tag(message.tags, "batch");
  const auto open = reference ? std::ranges::find(open_, *reference, &Open::reference) : open_.end();
  if (open == open_.end() || !belongs(*open, message, mapping)) return false;
  const bool joined = irc::find_tag(message.tags, "draft/multiline-concat").has_value();
  if (open->command.empty()) open->command = message.command;
  if (open->text.add(message.param(1), joined) == irc::MultilineText::Added::kTaken) return true;
  whole = line_of(*open);
  open->tags = tags_of_whole(open->tags, false);
  open->text = irc::MultilineText(open->limits);
  (void)open->text.add(irc::clip_utf8(message.param(1), open->limits.bytes), false);
  return true;
}

}  // namespace halley
