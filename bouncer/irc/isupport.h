// What a server says of itself in RPL_ISUPPORT (005). Source: https://modern.ircdocs.horse/#rplisupport-005,
// draft-brocklesby-irc-isupport-03. Values are bounded: at most 200 tokens of 1,024 bytes; the rest is
// ignored.
#pragma once
#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/irc/casemapping.h"

namespace halley::irc {

class Isupport {
 public:
  // `tokens`: the parameters of one 005 line without the leading nick and the trailing "are supported by..."
  // text.
  // "-NAME" removes a token. Values are unescaped (\x20).
  void apply(std::span<const std::string_view> tokens);

  std::optional<std::string_view> value(std::string_view name) const;
  bool has(std::string_view name) const { return value(name).has_value(); }
  // A number behind NAME=, or `fallback` when absent or not one.
  std::size_t number(std::string_view name, std::size_t fallback) const;
  const std::map<std::string, std::string, std::less<>>& tokens() const { return tokens_; }

  CaseMapping casemapping() const { return casemapping_; }
  std::string_view chantypes() const { return chantypes_; }
  bool is_channel(std::string_view target) const {
    return !target.empty() && chantypes_.find(target[0]) != std::string::npos;
  }
  // PREFIX=(modes)symbols, highest first: mode letters and their symbols in step.
  std::string_view prefix_modes() const { return prefix_modes_; }
  std::string_view prefix_symbols() const { return prefix_symbols_; }
  // STATUSMSG: the symbols that may stand before a channel as a message target.
  std::string_view statusmsg() const { return statusmsg_; }
  // "@#c" is "#c"; whatever is no channel behind such symbols stays as it is.
  std::string_view without_status(std::string_view target) const {
    const std::string_view bare =
        target.substr(std::min(target.find_first_not_of(statusmsg_), target.size()));
    return is_channel(bare) ? bare : target;
  }
  // The group of a channel mode letter in CHANMODES: 'A', 'B', 'C', 'D', 'P' for a prefix mode, 0 when
  // unknown.
  char mode_group(char letter) const;

 private:
  // Reads the members below from tokens_, or their defaults.
  void derive();
  void derive_prefix(std::string_view prefix);

  std::map<std::string, std::string, std::less<>> tokens_;
  CaseMapping casemapping_ = CaseMapping::kRfc1459;
  std::string chantypes_ = "#&";
  std::string prefix_modes_ = "ov", prefix_symbols_ = "@+";
  std::string statusmsg_;
  std::string chanmodes_ = "b,k,l,imnpst";
};

}  // namespace halley::irc
