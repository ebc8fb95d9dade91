#include "bouncer/commands/log_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bouncer/core/log_place.h"
#include "bouncer/core/network.h"
#include "bouncer/core/said_by.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"
#include "storage/api/msgid.h"

namespace halley {

namespace {

using Reply = std::function<void(const std::string& text)>;
using LogWords = std::vector<std::string_view>;

constexpr std::size_t kShownLines = 30, kMostShownLines = 200;  // of one answer: usually, and at most
constexpr std::size_t kMostShownBytes = 64 * 1024;              // of them, and a line
constexpr std::size_t kMostQuestionWords = 32;                  // of a question

constexpr std::string_view kHistoryUsage =
    "history TARGET [3h] [before=PLACE] [after=PLACE] [limit=30]: what was said there, in the last 3 hours "
    "(30m, "
    "2d, 1w), before or after a time (2026-11-22T16:08Z) or the line with a msgid";
constexpr std::string_view kSearchUsage =
    "search WORDS [in=TARGET] [from=NICK] [before=PLACE] [limit=30]: the newest lines with all of the words";

LogWords log_words(std::string_view text) {
  LogWords words;
  while (!text.empty() && words.size() < kMostQuestionWords) {
    const std::size_t space = text.find(' ');
    if (const auto word = text.substr(0, space); !word.empty()) words.push_back(word);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return words;
}

// The value of "key=value".
std::optional<std::string_view> value_of(std::string_view word, std::string_view key) {
  if (word.size() <= key.size() || !word.starts_with(key) || word[key.size()] != '=') return std::nullopt;
  return word.substr(key.size() + 1);
}

std::optional<std::size_t> read_limit(std::string_view text) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0) return std::nullopt;
  return std::min(limit, kMostShownLines);
}

// "3h" in milliseconds.
std::optional<std::int64_t> read_age(std::string_view text) {
  constexpr std::int64_t kSecond = 1000, kLargest = 100'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc{} || count <= 0 || count > kLargest || unit.size() != 1) return std::nullopt;
  switch (unit[0]) {
    case 'm':
      return count * 60 * kSecond;
    case 'h':
      return count * 3600 * kSecond;
    case 'd':
      return count * 86'400 * kSecond;
    case 'w':
      return count * 7 * 86'400 * kSecond;
    default:
      return std::nullopt;
  }
}

// "[2026-11-26 15:04:05] <carl> hello", in UTC.
void append_said(std::string& out, const storage::Event& event) {
  const auto message = irc::parse(event.line);
  if (!message) return;
  std::string time;
  irc::append_time(time, event.time_ms);
  time[10] = ' ';
  time.resize(19);
  const std::string_view nick = irc::parse_prefix(message->source).nick;
  const std::string text = (event.flags & event_flag::kMultiline) != 0 ? irc::on_one_line(message->param(1))
                                                                       : std::string(message->param(1));
  const auto ctcp = irc::parse_ctcp(text);
  if (ctcp && irc::same_command(ctcp->command, "ACTION")) {
    out += fmt::format("[{}] * {} {}", time, nick, ctcp->params);
  } else if (static_cast<EventKind>(event.kind) == EventKind::kNotice) {
    out += fmt::format("[{}] -{}- {}", time, nick, text);
  } else {
    out += fmt::format("[{}] <{}> {}", time, nick, text);
  }
}

struct LogQuestion {
  std::string target;  // of history
  std::string words;   // of search, with in= and from=, as they are to be said again
  std::string from;    // a nick; empty: anybody
  storage::SearchQuery query;
  std::size_t limit = kShownLines;
  bool bounded = false;  // of history: not simply the newest
  NetworkId network = 0;
  std::weak_ptr<int> user_alive;
  std::shared_ptr<void> place;  // of those that a user's questions have
  User* user = nullptr;         // as long as that has not expired
  Reply reply;
  // Of the search: lines, newest first.
  std::vector<std::string> found;
  bool more = false;
};

// --- history
// ---------------------------------------------------------------------------------------------------------

void tell_history(const LogQuestion& question, const storage::Page& page, bool onwards) {
  if (page.events.empty()) {
    question.reply(
        fmt::format("Nothing was said in {}{}", question.target, question.bounded ? " in that time" : ""));
    return;
  }
  std::string text = fmt::format("{}, in UTC:", question.target);
  for (const storage::Event& event : page.events) append_said(text += '\n', event);
  if (page.more) {
    const EventId edge = onwards ? page.events.back().id : page.events.front().id;
    text +=
        fmt::format("\n{}: history {} {}={} limit={}", onwards ? "What came then" : "What was before",
                    question.target, onwards ? "after" : "before", storage::msgid_of(edge), question.limit);
  }
  question.reply(text);
}

void ask_history(Network& network, const LogWords& words, LogQuestion question) {
  storage::HistoryQuery query;
  query.kinds = kMessageKinds;
  if (words.size() > 1) question.target = irc::clip_utf8(words[1], irc::kMaxTarget);
  bool good = words.size() > 1, onwards = false;
  ask_newest(query);
  for (const std::string_view word : std::span(words).subspan(std::min<std::size_t>(2, words.size()))) {
    const auto after = value_of(word, "after"), before = value_of(word, "before");
    if (const auto limit = value_of(word, "limit")) {
      const auto count = read_limit(*limit);
      good = good && count;
      question.limit = count.value_or(kShownLines);
      continue;
    }
    const auto age = read_age(word);
    const auto place = after || before ? parse_log_place(after ? *after : *before) : std::nullopt;
    good = good && (age || place) && !question.bounded;  // two places would be a span, which nobody asks for
    if (!good) break;
    question.bounded = true;
    onwards = !before;
    if (age) {
      storage::Bound since;
      since.by = storage::Bound::By::kTime;
      since.time_ms = std::max<std::int64_t>(question.user->wall_ms() - *age, 1);
      ask_after(query, since);
    } else {
      onwards ? ask_after(query, *place) : ask_before(query, *place);
    }
  }
  if (!good) return question.reply(std::string(kHistoryUsage));
  query.limit = question.limit;
  query.max_bytes = kMostShownBytes;
  query.buffer = network.buffers().find(question.target);
  if (query.buffer == 0)
    return question.reply(fmt::format("Nothing was ever said in {} here", question.target));
  question.target = *network.buffers().name(query.buffer);
  question.user->past().history(std::move(query), [question, onwards](auto page) {
    if (question.user_alive.expired()) return;
    if (!page) return question.reply(page.error());
    tell_history(question, *page, onwards);
  });
}

// --- search
// ---------------------------------------------------------------------------------------------------------

void tell_found(const LogQuestion& question) {
  if (question.found.empty() && !question.more) {
    question.reply("Nothing was found");
    return;
  }
  std::string text = fmt::format("{} found, in UTC:", question.found.size());
  for (auto line = question.found.rbegin(); line != question.found.rend(); ++line) (text += '\n') += *line;
  if (question.more) {
    text += fmt::format("\nOlder ones: search {} before={}", question.words,
                        storage::msgid_of(question.query.before));
  }
  question.reply(text);
}

void take_found_lines(LogQuestion& question, const Network& network, const storage::Page& page) {
  std::size_t bytes = 0;
  for (const storage::Event& event : page.events) {
    question.more = bytes >= kMostShownBytes;  // what is left out is found by the next question
    if (question.more) return;
    question.query.before = event.id;
    const std::string* name = event.buffers.empty() ? nullptr : network.buffers().name(event.buffers.front());
    std::string line = fmt::format("{} ", name && !name->empty() ? *name : network.name());
    append_said(line, event);
    bytes += line.size();
    question.found.push_back(std::move(line));
  }
  if (page.more && page.go_on_before != 0)
    question.query.before = std::min(question.query.before, page.go_on_before);
  question.more = page.more;
}

void run_log_search(const std::shared_ptr<LogQuestion>& question) {
  question->user->past().search(question->query, [question](auto page) {
    if (question->user_alive.expired()) return;
    const Network* network = question->user->network(question->network);
    if (!network) return question->reply("The network was removed");
    if (!page) return question->reply(page.error());
    take_found_lines(*question, *network, *page);
    tell_found(*question);
  });
}

void ask_search(Network& network, const LogWords& words, LogQuestion asked) {
  bool good = true;
  for (const std::string_view word : LogWords(words.begin() + 1, words.end())) {
    const auto in = value_of(word, "in"), from = value_of(word, "from"), before = value_of(word, "before"),
               limit = value_of(word, "limit");
    if (before) {
      const auto place = parse_log_place(*before);
      const auto id = place && place->by == storage::Bound::By::kMsgid ? storage::id_of_msgid(place->msgid)
                      : place                                          ? std::optional(place->id)
                                                                       : std::nullopt;
      good = good && id;
      if (!good) break;
      if (place->by != storage::Bound::By::kTime) {
        asked.query.before = *id;
        continue;
      }
      asked.query.to_ms = place->time_ms;
    } else if (in) {
      asked.query.buffers = {network.buffers().find(*in)};
    } else if (from) {
      asked.from = *from;
    } else if (limit) {
      const auto count = read_limit(*limit);
      good = good && count;
      asked.limit = count.value_or(kShownLines);
    } else {
      (asked.query.text += asked.query.text.empty() ? "" : " ") += word;
    }
    (asked.words += asked.words.empty() ? "" : " ") += word;
  }
  if (!good || asked.query.text.empty()) return asked.reply(std::string(kSearchUsage));
  if (asked.query.buffers == std::vector<BufferId>{0}) return asked.reply("Nothing was ever said there");
  asked.query.network = network.id();
  asked.query.limit = asked.limit;
  asked.query.only = said_by(asked.from, network.state().casemapping(), kMessageKinds);
  run_log_search(std::make_shared<LogQuestion>(std::move(asked)));
}

}  // namespace

bool ask_log(Network& network, std::string_view text, Reply reply) {
  const LogWords words = log_words(text);
  const bool history = !words.empty() && irc::same_command(words[0], "history");
  if (!history && (words.empty() || !irc::same_command(words[0], "search"))) return false;
  // The table's own forms name a network.
  User& user = network.user();
  if (history && words.size() > 2 && user.find_network(words[1])) return false;
  if (!history && std::ranges::any_of(words, [](auto word) { return value_of(word, "network").has_value(); }))
    return false;
  LogQuestion question;
  question.place = user.take_log_question_place();
  if (!question.place) {
    reply("Nothing was asked: the answers to your last questions are on their way; ask again behind them");
    return true;
  }
  question.network = network.id();
  question.user = &user;
  question.user_alive = user.alive();
  question.reply = std::move(reply);
  if (history) {
    ask_history(network, words, std::move(question));
  } else {
    ask_search(network, words, std::move(question));
  }
  return true;
}

}  // namespace halley
