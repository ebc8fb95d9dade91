#include "bouncer/irc/modes.h"

#include <algorithm>

namespace halley::irc {
namespace {

constexpr std::size_t kMaxChanges = 100;

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
    ModeChange change{add, c, isupport.mode_group(c), {}};
    if (takes_argument(change.group, add) && next_argument < params.size())
      change.arg = params[next_argument++];
    changes.push_back(change);
  }
  return changes;
}

void ChannelModes::apply(const ModeChange& change) {
  if (change.group == 'A' || change.group == 'P') return;
  const auto at = std::lower_bound(modes_.begin(), modes_.end(), change.letter,
                                   [](const auto& mode, char letter) { return mode.first < letter; });
  const bool known = at != modes_.end() && at->first == change.letter;
  if (!change.add) {
    if (known) modes_.erase(at);
    return;
  }
  std::string_view arg = change.arg;
  // Servers hide keys from those outside; without a stand-in the next mode's argument would be taken for the
  // key.
  if (arg.empty() && takes_argument(change.group, true)) arg = "*";
  if (known)
    at->second = arg;
  else
    modes_.emplace(at, change.letter, arg);
}

bool ChannelModes::has(char letter) const {
  return std::ranges::any_of(modes_, [letter](const auto& mode) { return mode.first == letter; });
}

std::string ChannelModes::text() const {
  std::string letters = "+", args;
  for (const auto& [letter, arg] : modes_) {
    letters += letter;
    if (!arg.empty()) args.append(" ").append(arg);
  }
  return letters + args;
}

}  // namespace halley::irc
