#include "bouncer/irc/time_tag.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace halley::irc {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kLastMs = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

struct Date {
  unsigned year, month, day;
};

// Proleptic Gregorian calendar in eras of 400 years that begin on March 1, so that the leap day comes last.
// Source: H. Hinnant, "chrono-compatible low-level date algorithms". Days since 1970-01-01; never before it.
constexpr unsigned kDaysToEpoch = 719'468, kDaysPerEra = 146'097;

constexpr Date civil_from_days(unsigned days) {
  days += kDaysToEpoch;
  const unsigned era = days / kDaysPerEra, day_of_era = days % kDaysPerEra;
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;  // months since March
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

constexpr unsigned days_from_civil(Date date) {
  const unsigned year = date.year - (date.month <= 2 ? 1 : 0);
  const unsigned era = year / 400, year_of_era = year % 400;
  const unsigned shifted = date.month > 2 ? date.month - 3 : date.month + 9;
  const unsigned day_of_year = (153 * shifted + 2) / 5 + date.day - 1;
  return era * kDaysPerEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         kDaysToEpoch;
}
static_assert(days_from_civil({1970, 1, 1}) == 0 && civil_from_days(0).year == 1970);

constexpr unsigned days_in_month(unsigned year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (leap && month == 2 ? 1 : 0);
}

bool read_digits(std::string_view text, std::size_t at, std::size_t count, unsigned& value) {
  value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return true;
}

// ".s{1,9}Z" or "Z" behind the seconds; gives the milliseconds, further digits cut off.
std::optional<unsigned> read_fraction(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 3 || text.size() > 11 || text.front() != '.' || text.back() != 'Z') return std::nullopt;
  unsigned digits = 0;
  const std::size_t count = text.size() - 2;
  if (!read_digits(text, 1, count, digits)) return std::nullopt;
  for (std::size_t i = count; i < 3; ++i) digits *= 10;
  for (std::size_t i = count; i > 3; --i) digits /= 10;
  return digits;
}

// "00" to "99": a copy of two bytes instead of a division for each digit.
constexpr std::array<char, 200> make_pairs() {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
constexpr std::array<char, 200> kPairs = make_pairs();

// `value` below 100.
void put2(char* at, unsigned value) {
  std::memcpy(at, kPairs.data() + std::size_t{2} * value, 2);
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size()) return std::nullopt;
  for (const std::size_t i : {4U, 7U, 10U, 13U, 16U})
    if (text[i] != kShape[i]) return std::nullopt;
  Date date{};
  unsigned hour = 0, minute = 0, second = 0;
  if (!read_digits(text, 0, 4, date.year) || !read_digits(text, 5, 2, date.month) ||
      !read_digits(text, 8, 2, date.day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second))
    return std::nullopt;
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month) ||
      hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  const std::optional<unsigned> millis = read_fraction(text.substr(kShape.size()));
  if (!millis) return std::nullopt;
  if (date.year < 1970) return 0;
  const std::int64_t seconds =
      (hour * 60 + minute) * 60 + second;  // a leap second is the next minute's first
  return std::min(kLastMs, days_from_civil(date) * kMsPerDay + seconds * 1000 + *millis);
}

void write_time(char* out24, std::int64_t ms) {
  ms = std::clamp<std::int64_t>(ms, 0, kLastMs);
  const Date date = civil_from_days(static_cast<unsigned>(ms / kMsPerDay));
  const unsigned in_day = static_cast<unsigned>(ms % kMsPerDay);
  const unsigned seconds = in_day / 1000, millis = in_day % 1000;
  std::memcpy(out24, "0000-00-00T00:00:00.000Z", 24);
  put2(out24, date.year / 100);
  put2(out24 + 2, date.year % 100);
  put2(out24 + 5, date.month);
  put2(out24 + 8, date.day);
  put2(out24 + 11, seconds / 3600);
  put2(out24 + 14, seconds / 60 % 60);
  put2(out24 + 17, seconds % 60);
  put2(out24 + 20, millis / 10);
  out24[22] = static_cast<char>('0' + millis % 10);
}

void append_time(std::string& out, std::int64_t ms) {
  const std::size_t start = out.size();
  out.resize_and_overwrite(start + 24, [&](char* data, std::size_t) {
    write_time(data + start, ms);
    return start + 24;  // GCC 12 passes a larger size where the string had to grow
  });
}

}  // namespace halley::irc
