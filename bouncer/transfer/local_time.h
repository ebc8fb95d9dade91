// The local time of logs to milliseconds since 1970. The machine's own zone (TZ) counts. Not thread safe.
#pragma once

#include <cstdint>
#include <ctime>

namespace halley::transfer {

struct LogDate {
  int year = 0, month = 0, day = 0;  // month and day from 1; year 0: not known
};
struct LogClock {
  int hour = 0, minute = 0, second = 0;
};

class LocalTime {
 public:
  // REQUIRES: the year is known. A log goes on in the same hour for long: asking the zone for each line would
  // take most of the time.
  std::int64_t ms(const LogDate& date, const LogClock& clock) {
    const std::int64_t hour = ((std::int64_t{date.year} * 13 + date.month) * 32 + date.day) * 25 + clock.hour;
    if (hour != hour_) {
      std::tm parts{};
      parts.tm_year = date.year - 1900;
      parts.tm_mon = date.month - 1;
      parts.tm_mday = date.day;
      parts.tm_hour = clock.hour;
      parts.tm_isdst = -1;
      begin_s_ = std::mktime(&parts);
      hour_ = hour;
    }
    return (begin_s_ + clock.minute * 60 + clock.second) * 1000;
  }

 private:
  std::int64_t hour_ = -1, begin_s_ = 0;
};

}  // namespace halley::transfer
