#include "bouncer/irc/isupport.h"

#include <algorithm>
#include <charconv>

namespace halley::irc {
namespace {

constexpr std::size_t kMaxTokens = 200;
constexpr std::size_t kMaxTokenBytes = 1024;
constexpr std::string_view kDefaultChantypes = "#&";
constexpr std::string_view kDefaultPrefix = "(ov)@+";
constexpr std::string_view kDefaultChanmodes = "b,k,l,imnpst";

// \xHH stands for a byte that cannot stand in a parameter; anything else behind a backslash is itself.
std::string unescape(std::string_view raw) {
  std::string value;
  value.reserve(raw.size());
  while (!raw.empty()) {
    unsigned byte = 0;
    if (raw.size() >= 4 && raw.starts_with("\\x") &&
        std::from_chars(raw.data() + 2, raw.data() + 4, byte, 16).ptr == raw.data() + 4) {
      value += static_cast<char>(static_cast<unsigned char>(byte));
      raw.remove_prefix(4);
    } else {
      value += raw[0];
      raw.remove_prefix(1);
    }
  }
  return value;
}

}  // namespace

void Isupport::apply(std::span<const std::string_view> tokens) {
  for (const std::string_view token : tokens) {
    if (token.empty() || token.size() > kMaxTokenBytes) continue;
    if (token[0] == '-') {
      if (const auto found = tokens_.find(token.substr(1)); found != tokens_.end()) tokens_.erase(found);
      continue;
    }
    const std::size_t eq = token.find('=');
    const std::string_view name = token.substr(0, eq);
    if (name.empty() || name.find(' ') != std::string_view::npos) continue;
    const auto found = tokens_.find(name);
    if (found == tokens_.end() && tokens_.size() >= kMaxTokens) continue;
    std::string value = eq == std::string_view::npos ? std::string() : unescape(token.substr(eq + 1));
    if (found != tokens_.end())
      found->second = std::move(value);
    else
      tokens_.emplace(name, std::move(value));
  }
  derive();
}

void Isupport::derive() {
  casemapping_ = parse_casemapping(value("CASEMAPPING").value_or("rfc1459"));
  chantypes_ = value("CHANTYPES").value_or(kDefaultChantypes);
  statusmsg_ = value("STATUSMSG").value_or("");
  chanmodes_ = value("CHANMODES").value_or(kDefaultChanmodes);
  derive_prefix(value("PREFIX").value_or(kDefaultPrefix));
}

// "(ov)@+"; an empty value says that there are no prefixes; what has no such form is as if it were not there.
void Isupport::derive_prefix(std::string_view prefix) {
  const std::size_t close = prefix.find(')');
  if (!prefix.empty() && (prefix[0] != '(' || close == std::string_view::npos)) {
    prefix = kDefaultPrefix;
    return derive_prefix(prefix);
  }
  const std::string_view modes = prefix.empty() ? prefix : prefix.substr(1, close - 1);
  const std::string_view symbols = prefix.empty() ? prefix : prefix.substr(close + 1);
  const std::size_t count = std::min(modes.size(), symbols.size());
  prefix_modes_ = modes.substr(0, count);
  prefix_symbols_ = symbols.substr(0, count);
}

std::optional<std::string_view> Isupport::value(std::string_view name) const {
  const auto found = tokens_.find(name);
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

std::size_t Isupport::number(std::string_view name, std::size_t fallback) const {
  const std::string_view text = value(name).value_or("");
  std::size_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  return text.empty() || error != std::errc{} || end != text.data() + text.size() ? fallback : parsed;
}

char Isupport::mode_group(char letter) const {
  if (letter == ',') return 0;
  if (prefix_modes_.find(letter) != std::string::npos) return 'P';
  char group = 'A';
  for (const char c : chanmodes_) {
    if (c == letter) return group;
    if (c == ',' && ++group > 'D') return 0;  // later groups are for a future that has not come
  }
  return 0;
}

}  // namespace halley::irc
