#include "bouncer/irc/modes.h"

#include <algorithm>

namespace halley::irc {
namespace {

constexpr std::size_t kMaxChanges = 100;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// https://modern.ircdocs.horse/#chanmodes-parameter: lists (A) may come without an argument, then they are
// asked for.
bool takes_argument(char group, bool add) {
  return group == 'A' || group == 'B' || group == 'P' || (group == 'C' && add);
}

}  // namespace

std::vector<ModeChange> parse_modes(const Isupport& isupport, std::span<const std::string_view> params) {
  std::vector<ModeChange> changes;
  if (params.empty()) return changes;
  bool add = true;
  std::size_t next_argument = 1;
  for (const char c : params[0]) {
    if (c == '+' || c == '-') {
      add = c == '+';
      continue;
    }
    if (changes.size() == kMaxChanges) break;
    ModeChange change{.add = add, .letter = c, .group = isupport.mode_group(c), .arg = {}};
    if (takes_argument(change.group, add) && next_argument < params.size())
      change.arg = params[next_argument++];
    changes.push_back(change);
  }
  return changes;
}

template <typename Visit>
void ChannelModes::each(Visit&& visit) const {
  const std::string_view modes = modes_;
  for (std::size_t at = 0; at < modes.size();) {
    Mode mode{modes[at++], {}};
    if (at < modes.size() && modes[at] == ' ') {
      const std::size_t end = modes.find(' ', at + 1);
      mode.arg = modes.substr(at + 1, end - at - 1);
      at = end + 1;
    }
    visit(mode);
  }
}

void ChannelModes::apply(const ModeChange& change) {
  if (change.group == 'A' || change.group == 'P' || !is_letter(change.letter)) return;
  // Servers hide keys from those outside; without a stand-in the next mode's argument would be taken for the
  // key.
  std::string_view arg = change.arg.substr(0, change.arg.find(' ')).substr(0, kMaxModeArgument);
  if (arg.empty() && takes_argument(change.group, true)) arg = "*";
  std::string now;
  const auto put = [&now](const Mode& mode) {
    now += mode.letter;
    if (!mode.arg.empty()) now.append(" ").append(mode.arg).append(" ");
  };
  bool placed = !change.add;
  each([&](const Mode& mode) {
    if (!placed && change.letter <= mode.letter) {
      put({change.letter, arg});
      placed = true;
    }
    if (mode.letter != change.letter) put(mode);
  });
  if (!placed) put({change.letter, arg});
  modes_ = std::move(now);
}

bool ChannelModes::has(char letter) const {
  bool found = false;
  each([&](const Mode& mode) { found = found || mode.letter == letter; });
  return found;
}

std::string ChannelModes::text() const {
  std::string letters = "+", args;
  each([&](const Mode& mode) {
    letters += mode.letter;
    if (!mode.arg.empty()) args.append(" ").append(mode.arg);
  });
  return letters + args;
}

}  // namespace halley::irc
