#include "bouncer/transfer/text_log.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "bouncer/transfer/log_words.h"

namespace halley::transfer {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int month_of(std::string_view word) {
  const auto at = std::ranges::find(kMonths, word);
  return at == kMonths.end() ? 0 : static_cast<int>(at - kMonths.begin()) + 1;
}

// `count` digits at the front; -1: there are none such.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_date(const LogDate& date) {
  return date.year >= 1988 && date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31;
}

// "12:34:56" or "12:34".
std::optional<LogClock> take_clock(std::string_view& text) {
  std::string_view rest = text;
  LogClock clock;
  clock.hour = take_digits(rest, 2);
  if (clock.hour < 0 || !take(rest, ":")) return std::nullopt;
  clock.minute = take_digits(rest, 2);
  if (clock.minute < 0) return std::nullopt;
  if (std::string_view seconds = rest; take(seconds, ":")) {
    clock.second = take_digits(seconds, 2);
    if (clock.second >= 0) {
      rest = seconds;
    } else {
      clock.second = 0;
    }
  }
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return std::nullopt;
  text = rest;
  return clock;
}

// "2024-01-31" or, as bip has it, "31-01-2024".
std::optional<LogDate> take_date(std::string_view& text) {
  std::string_view rest = text;
  LogDate date;
  date.year = take_digits(rest, 4);
  if (date.year >= 0 && take(rest, "-")) {
    date.month = take_digits(rest, 2);
    if (!take(rest, "-")) return std::nullopt;
    date.day = take_digits(rest, 2);
  } else {
    rest = text;
    date.day = take_digits(rest, 2);
    if (!take(rest, "-")) return std::nullopt;
    date.month = take_digits(rest, 2);
    if (!take(rest, "-")) return std::nullopt;
    date.year = take_digits(rest, 4);
  }
  if (!is_date(date)) return std::nullopt;
  text = rest;
  return date;
}

// "+0100", "-05:30" or "Z" behind a time: minutes east of Greenwich.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Z")) return 0;
  std::string_view rest = text;
  const bool west = rest.starts_with('-');
  if (!take(rest, "+") && !take(rest, "-")) return std::nullopt;
  const int hours = take_digits(rest, 2);
  take(rest, ":");
  const int minutes = take_digits(rest, 2);
  if (hours < 0 || minutes < 0) return std::nullopt;
  text = rest;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

std::int64_t utc_ms(const LogDate& date, const LogClock& clock) {
  std::tm parts{};
  parts.tm_year = date.year - 1900;
  parts.tm_mon = date.month - 1;
  parts.tm_mday = date.day;
  return (std::int64_t{::timegm(&parts)} + clock.hour * 3600 + clock.minute * 60 + clock.second) * 1000;
}

int number_of(std::string_view word) {
  if (word.size() > 4) return -1;  // no year has more
  return take_digits(word, word.size());
}

// "Mon Jan 31 12:34:56 2024", as asctime(3) writes it, also without the time of day.
std::optional<LogDate> written_date(std::string_view text) {
  LogDate date;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (const int month = month_of(word); month > 0) {
      date.month = month;
    } else if (const int number = number_of(word); number > 0 && word.size() == 4) {
      date.year = number;
    } else if (number > 0 && word.size() <= 2) {
      date.day = number;
    }
  }
  return is_date(date) ? std::optional(date) : std::nullopt;
}

// Lines that say from when on a log is, or that it begins or ends.
constexpr std::array<std::string_view, 8> kMarks{
    "--- Log opened ",        "--- Day changed ",        "Session Start: ", "Session Time: ",
    "**** BEGIN LOGGING AT ", "**** ENDING LOGGING AT ", "Session Close: ", "--- Log closed "};
constexpr std::string_view kIdent = "Session Ident: ";

}  // namespace

bool TextLog::read_mark(std::string_view text) {
  const auto mark =
      std::ranges::find_if(kMarks, [text](std::string_view begin) { return text.starts_with(begin); });
  if (mark == kMarks.end()) return text.empty() || text.starts_with(kIdent);
  if (const auto date = written_date(text.substr(mark->size()))) {
    date_ = *date;
    last_month_ = date->month;
  }
  return true;
}

// The time at the front, and what stands between it and the words; nothing: there is none.
std::optional<std::int64_t> TextLog::take_time(std::string_view& text) {
  std::string_view rest = text;
  const bool bracket = take(rest, "[");
  LogDate date = date_;
  bool dated = false;
  if (const auto written = take_date(rest)) {
    date = *written;
    dated = true;
    if (!take(rest, "T") && !take(rest, " ")) return std::nullopt;
  } else if (rest.size() > 7 && rest[3] == ' ' && month_of(rest.substr(0, 3)) > 0) {
    date.month = month_of(rest.substr(0, 3));  // HexChat: "Jan 31 12:34:56 "
    rest.remove_prefix(4);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::size_t digits = rest.size() > 1 && rest[1] != ' ' ? 2 : 1;
    date.day = take_digits(rest, digits);
    if (!take(rest, " ")) return std::nullopt;
    if (date.year > 0 && date.month < last_month_) date_.year = ++date.year;
    last_month_ = date.month;
  }
  const auto clock = take_clock(rest);
  if (!clock) return std::nullopt;
  const auto offset = dated ? take_offset(rest) : std::nullopt;
  if (bracket && !take(rest, "]")) return std::nullopt;
  if (!take(rest, " ") && !take(rest, "\t")) return std::nullopt;
  no_date_ = !is_date(date);
  text = rest;
  if (no_date_) return 0;
  return offset ? utc_ms(date, *clock) - std::int64_t{*offset} * 60'000 : zone_.ms(date, *clock);
}

TextLog::What TextLog::read(std::string_view text, ForeignLine& line) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (read_mark(text)) return What::kMark;
  const auto time = take_time(text);
  if (!time) return What::kUnknown;
  line = {.time_ms = *time};
  switch (read_words(text, line)) {
    case Words::kUnderstood:
      return no_date_ ? What::kNoDate : What::kLine;
    case Words::kOfTheProgram:
      return What::kMark;
    case Words::kUnknown:
      break;
  }
  return What::kUnknown;
}

}  // namespace halley::transfer
