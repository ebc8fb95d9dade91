#include "bouncer/upstream/multiline_batches.h"

#include <algorithm>

namespace halley {

namespace {

// The opener's, but the label, which is the batch's alone.
std::string tags_of_whole(std::string_view tags, bool first) {
  std::string out(irc::kMultilineTag);
  irc::for_each_tag(tags, [&](std::string_view key, std::string_view value) {
    // Of a message in pieces only the first has its id.
    if (key == "label" || key == irc::kMultilineTag || (!first && key == "msgid")) return;
    (out += ';') += key;
    if (!value.empty()) (out += '=') += value;
  });
  return out;
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
    if (name[0] == '-') said = line_of(*old);
    open_.erase(old);
  }
  if (name[0] != '+' || message.param(1) != "draft/multiline" || message.param_count < 3) return said;
  if (open_.size() == kMostOpenMultilines) open_.erase(open_.begin());
  open_.push_back({.reference = std::string(name.substr(1)),
                   .tags = tags_of_whole(message.tags, true),
                   .source = std::string(message.source),
                   .target = std::string(message.param(2))});
  return said;
}

bool MultilineBatches::take(const irc::Message& message, std::string& whole) {
  if (open_.empty()) return false;
  const auto reference = irc::find_tag(message.tags, "batch");
  const auto open = reference ? std::ranges::find(open_, *reference, &Open::reference) : open_.end();
  if (open == open_.end()) return false;
  const bool joined = irc::find_tag(message.tags, "draft/multiline-concat").has_value();
  if (open->command.empty()) open->command = message.command;
  if (open->text.add(message.param(1), joined) == irc::MultilineText::Added::kTaken) return true;
  whole = line_of(*open);
  open->tags = tags_of_whole(open->tags, false);
  open->text = irc::MultilineText(irc::kHeardMultiline);
  (void)open->text.add(irc::clip_utf8(message.param(1), irc::kMostHeardBytes), false);
  return true;
}

}  // namespace halley
