#include "bouncer/irc/service_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "bouncer/irc/casemapping.h"

namespace halley::irc {

namespace {

constexpr std::string_view kHidden = "****";

bool same(std::string_view a, std::string_view b) {
  return equal(CaseMapping::kAscii, a, b);
}

struct ServiceCommand {
  std::string_view name;
  std::size_t kept;  // words behind it that are no password
};
constexpr std::array kCommands = {
    ServiceCommand{"IDENTIFY", 0},  ServiceCommand{"ID", 0},         ServiceCommand{"SIDENTIFY", 0},
    ServiceCommand{"LOGIN", 0},     ServiceCommand{"AUTH", 0},       ServiceCommand{"REGISTER", 0},
    ServiceCommand{"PASS", 0},      ServiceCommand{"PASSWD", 0},     ServiceCommand{"PASSWORD", 0},
    ServiceCommand{"NEWPASS", 0},   ServiceCommand{"CONFIRM", 0},    ServiceCommand{"OPER", 0},
    ServiceCommand{"GHOST", 1},     ServiceCommand{"RECOVER", 1},    ServiceCommand{"RELEASE", 1},
    ServiceCommand{"REGAIN", 1},    ServiceCommand{"GROUP", 1},      ServiceCommand{"LINK", 1},
    ServiceCommand{"DROP", 1},      ServiceCommand{"SETPASS", 1},    ServiceCommand{"RESETPASS", 1},
    ServiceCommand{"VERIFY", 1},    ServiceCommand{"REAUTH", 0},     ServiceCommand{"CHALLENGEAUTH", 0},
    ServiceCommand{"LOGOUT", 1},    ServiceCommand{"UNLINK", 1},     ServiceCommand{"FREGISTER", 1},
    ServiceCommand{"EMAIL", 0},     ServiceCommand{"COOKIE", 0},     ServiceCommand{"SAREGISTER", 1},
    ServiceCommand{"OREGISTER", 1}, ServiceCommand{"UNREGISTER", 0}, ServiceCommand{"AUTHCOOKIE", 1},
};

// Words behind which a password stands, wherever they are: SET PASSWORD x, SASET nick PASSWORD x.
bool names_password(std::string_view word) {
  constexpr std::array kWords = {"PASSWORD", "PASSWD", "PASS", "NEWPASS"};
  return std::ranges::any_of(kWords, [&](std::string_view known) { return same(known, word); });
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \t");
    if (const auto word = text.substr(0, end); !word.empty()) words.push_back(word);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return words;
}

// How many words at the beginning may be kept.
std::size_t kept_words(const std::vector<std::string_view>& words) {
  const auto* command = std::ranges::find_if(
      kCommands, [&](const ServiceCommand& known) { return same(known.name, words[0]); });
  if (command != kCommands.end()) return 1 + command->kept;
  const auto at = std::find_if(words.begin() + 1, words.end(), names_password);
  return static_cast<std::size_t>(at - words.begin()) + 1;
}

std::string masked(const std::vector<std::string_view>& words, std::size_t kept) {
  std::string clean;
  for (std::size_t i = 0; i < words.size(); ++i)
    (clean += i == 0 ? "" : " ") += i < kept ? words[i] : kHidden;
  return clean;
}

// Is the command itself one of those that take a password (OPER, PASS, a network's own IDENTIFY)?
bool takes_password(std::string_view command) {
  return std::ranges::any_of(kCommands,
                             [&](const ServiceCommand& known) { return same(known.name, command); });
}

}  // namespace

bool is_service_nick(std::string_view nick) {
  constexpr std::string_view kShort[] = {"NS", "CS", "OS", "HS", "MS", "BS", "AS", "US", "Q", "X", "L"};
  constexpr std::size_t kLongestShort = 2;
  constexpr std::string_view kServ = "serv";
  if (nick.size() > kServ.size() && same(nick.substr(nick.size() - kServ.size()), kServ)) return true;
  if (nick.size() > kLongestShort) return same(nick, "services");
  return std::ranges::any_of(kShort, [&](std::string_view known) { return same(known, nick); });
}

bool is_service(std::string_view target) {
  if (const std::size_t comma = target.find(','); comma != std::string_view::npos)
    return is_service(target.substr(0, comma)) || is_service(target.substr(comma + 1));
  return is_service_nick(target.substr(0, target.find_first_of("@!%")));
}

std::optional<std::string> without_password(std::string_view target, std::string_view text) {
  if (!is_service(target)) return std::nullopt;
  const std::vector<std::string_view> words = split(text);
  if (words.empty()) return std::nullopt;
  const std::size_t kept = kept_words(words);
  if (kept >= words.size()) return std::nullopt;
  return masked(words, kept);
}

LineSecrets line_secrets(std::string_view line) {
  std::vector<std::string_view> words = split(line);
  if (words.empty()) return {std::string(line), {}};
  const std::string_view command = words[0];
  std::size_t skipped = 1;  // words before what is said
  if (same(command, "PRIVMSG") || same(command, "NOTICE") || same(command, "SQUERY")) skipped = 2;
  if (words.size() <= skipped) return {std::string(line), {}};
  std::size_t kept = words.size();
  bool passwords = true;
  if (skipped == 2 ? is_service(words[1]) : is_service(command)) {
    std::vector<std::string_view> said(words.begin() + static_cast<std::ptrdiff_t>(skipped), words.end());
    if (said[0].starts_with(':')) said[0].remove_prefix(1);
    kept = skipped + kept_words(said);
  } else if (takes_password(command)) {
    kept = 1;
  } else {
    passwords = false;  // keys of channels
    if (same(command, "JOIN")) kept = 2;
    if (same(command, "MODE")) kept = 3;
  }
  if (kept >= words.size()) return {std::string(line), {}};
  LineSecrets out{masked(words, kept), {}};
  for (std::size_t i = kept; passwords && i < words.size(); ++i) {
    if (words[i].starts_with(':')) words[i].remove_prefix(1);
    if (!words[i].empty()) out.hidden.emplace_back(words[i]);
  }
  return out;
}

}  // namespace halley::irc
