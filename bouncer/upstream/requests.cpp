#include "bouncer/upstream/requests.h"

#include <algorithm>
#include <array>

#include "bouncer/irc/message.h"

namespace halley {

namespace {

struct Family {
  std::string_view command;
  std::string_view replies;  // numerics, separated by spaces
  std::string_view last;     // the ones that end the answer
};

constexpr std::array kFamilies = {
    Family{"WHO", "352 354", "315"},
    Family{
        "WHOIS",
        "276 301 307 310 311 312 313 317 319 320 330 335 338 343 344 350 378 379 569 615 616 617 671 690 672",
        "318"},
    Family{"WHOWAS", "301 312 314 330 338 378 406", "369"},
    Family{"LIST", "321 322", "323"},
    Family{"NAMES", "353", "366"},
    Family{"MODE", "221 324 329 346 348 367", "221 324 347 349 368"},
    Family{"TOPIC", "331 332", "331 332"},
    Family{"MOTD", "372 375", "376 422"},
    Family{"VERSION", "005", "351"},
    Family{"TIME", "391", "391"},
    Family{"ADMIN", "256 257 258 259", "259"},
    Family{"INFO", "371 373", "374"},
    Family{"LUSERS", "250 251 252 253 254 255 265 266", "266"},
    Family{"LINKS", "364", "365"},
    Family{"STATS", "210 211 212 213 215 216 218 240 241 242 243 244 245 246 247 248 249 250", "219"},
    Family{"USERHOST", "302", "302"},
    Family{"ISON", "303", "303"},
    Family{"HELP", "704 705", "524 706"},
    Family{"HELPOP", "704 705", "524 706"},
    Family{"INVITE", "341", "341"},
    Family{"MONITOR", "730 731 732", "733 734"},
};

constexpr std::size_t kMostQuestions = 64;
constexpr std::uint64_t kForgottenAfterMs = 60'000;

bool contains(std::string_view list, std::string_view numeric) {
  for (std::size_t at = 0; at + numeric.size() <= list.size(); at += numeric.size() + 1) {
    if (list.substr(at, numeric.size()) == numeric) return true;
  }
  return false;
}

}  // namespace

void Requests::sent(ClientId who, std::string_view command, std::uint64_t now_ms) {
  const auto* family = std::find_if(kFamilies.begin(), kFamilies.end(),
                                    [&](const Family& f) { return irc::same_command(f.command, command); });
  if (family == kFamilies.end()) return;
  if (waiting_.size() == kMostQuestions) waiting_.erase(waiting_.begin());
  waiting_.push_back(
      {.who = who, .family = static_cast<std::size_t>(family - kFamilies.begin()), .at_ms = now_ms});
}

ClientId Requests::asker(std::string_view numeric, std::uint64_t now_ms) {
  while (!waiting_.empty() && waiting_.front().at_ms + kForgottenAfterMs < now_ms)
    waiting_.erase(waiting_.begin());
  if (numeric.size() != 3) return kNobody;
  const bool error = numeric[0] == '4' || numeric[0] == '5' || numeric[0] == '9';
  for (auto question = waiting_.begin(); question != waiting_.end(); ++question) {
    const Family& family = kFamilies[question->family];
    const bool last = contains(family.last, numeric);
    if (!last && !contains(family.replies, numeric)) continue;
    const ClientId who = question->who;
    if (last) waiting_.erase(question);
    return who;
  }
  // An error answers the oldest question; the numeric that ends some answers still follows, and finds its
  // asker here.
  if (error && !waiting_.empty()) {
    const ClientId who = waiting_.front().who;
    const bool more_follows = numeric == "401" && kFamilies[waiting_.front().family].command == "WHOIS";
    if (!more_follows) waiting_.erase(waiting_.begin());
    return who;
  }
  return kNobody;
}

void Requests::forget(ClientId who) {
  // The answer still comes: the question keeps its place, without an asker.
  for (Question& question : waiting_) {
    if (question.who == who) question.who = kNobody;
  }
}

}  // namespace halley
