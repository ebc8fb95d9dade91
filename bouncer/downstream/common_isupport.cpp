#include "bouncer/downstream/common_isupport.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace halley {

namespace {

using Networks = std::span<const irc::Isupport* const>;

// What a network that says nothing of it may have (RFC 2812 and what is usual).
constexpr std::size_t kUsualNick = 30, kUsualChannel = 64;

void add_missing(std::string& to, std::string_view more) {
  for (const char c : more) {
    if (to.find(c) == std::string::npos) to += c;
  }
}

std::string chantypes_of(Networks networks) {
  std::string types;
  for (const irc::Isupport* network : networks) add_missing(types, network->chantypes());
  return types.empty() ? "#" : types;
}

std::string statusmsg_of(Networks networks) {
  std::string symbols;
  for (const irc::Isupport* network : networks) add_missing(symbols, network->statusmsg());
  return symbols;
}

// Highest first; what only some networks know stands above what all do.
std::string prefix_of(Networks networks) {
  constexpr std::string_view kRanks = "qaohv";
  std::vector<std::pair<char, char>> all;  // mode, symbol
  for (const irc::Isupport* network : networks) {
    for (std::size_t i = 0; i < network->prefix_modes().size(); ++i) {
      const char mode = network->prefix_modes()[i], symbol = network->prefix_symbols()[i];
      if (std::ranges::none_of(all, [&](auto one) { return one.first == mode || one.second == symbol; }))
        all.emplace_back(mode, symbol);
    }
  }
  std::ranges::stable_sort(all, {}, [&](auto one) { return kRanks.find(one.first) + 1; });
  std::string modes, symbols;
  for (const auto& [mode, symbol] : all) {
    modes += mode;
    symbols += symbol;
  }
  return fmt::format("({}){}", modes, symbols);
}

std::string chanmodes_of(Networks networks) {
  constexpr std::string_view kGroups = "ABCD";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string groups[kGroups.size()];
  for (const char letter : kLetters) {
    // A mode of members anywhere is one: its argument is a nick.
    if (std::ranges::any_of(networks, [&](const auto* one) { return one->mode_group(letter) == 'P'; }))
      continue;
    for (const irc::Isupport* network : networks) {
      const std::size_t group = kGroups.find(network->mode_group(letter));
      if (group == std::string_view::npos) continue;
      groups[group] += letter;
      break;
    }
  }
  return fmt::format("{},{},{},{}", groups[0], groups[1], groups[2], groups[3]);
}

std::size_t longest_name(Networks networks, std::string_view token, std::size_t usual) {
  std::size_t longest = usual;
  for (const irc::Isupport* network : networks) longest = std::max(longest, network->number(token, usual));
  return longest;
}

}  // namespace

std::string common_isupport(Networks networks, std::size_t longest) {
  // What a network says of the length of names is bounded by what lines hold.
  constexpr std::size_t kMostName = 300;
  const auto length = [&](std::string_view token, std::size_t usual) {
    return std::min(longest_name(networks, token, usual), kMostName) + 1 + longest;
  };
  std::string out = fmt::format(" CHANTYPES={} PREFIX={} CHANMODES={} NICKLEN={} CHANNELLEN={}",
                                chantypes_of(networks), prefix_of(networks), chanmodes_of(networks),
                                length("NICKLEN", kUsualNick), length("CHANNELLEN", kUsualChannel));
  if (const std::string symbols = statusmsg_of(networks); !symbols.empty()) out += " STATUSMSG=" + symbols;
  std::size_t monitor = 0;
  for (const irc::Isupport* network : networks) {
    const std::size_t one = network->number("MONITOR", 0);
    if (one != 0) monitor = monitor == 0 ? one : std::min(monitor, one);
  }
  if (monitor != 0) out += fmt::format(" MONITOR={}", monitor);
  return out;
}

}  // namespace halley
