// MODE strings taken apart. Source: https://modern.ircdocs.horse/#mode-message
// Values only: any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/isupport.h"

namespace halley::irc {

struct ModeChange {
  bool add;
  char letter;
  char group;            // as Isupport::mode_group
  std::string_view arg;  // empty when it takes none or none was given
};
// `params`: the mode string and its arguments. Views into `params`. At most 100 changes.
std::vector<ModeChange> parse_modes(const Isupport& isupport, std::span<const std::string_view> params);

// The simple (not list, not prefix) modes of one channel, e.g. "+ntk key": letters alone, and of an argument
// the first kMaxModeArgument bytes, so that a channel's have some 13 KB at most.
class ChannelModes {
 public:
  static constexpr std::size_t kMaxModeArgument = 255;
  void apply(const ModeChange& change);
  std::string text() const;  // "+nt" or "+ntk key"; "+" when none
  bool has(char letter) const;
  void clear() { modes_.clear(); }

 private:
  struct Mode {
    char letter;
    std::string_view arg;  // into modes_
  };
  template <typename Visit>
  void each(Visit&& visit) const;

  // Letters in order, each followed by " argument " where it has one: most channels need no more than a
  // string holds without an allocation.
  std::string modes_;
};

}  // namespace halley::irc
