// The machine's zone for tests of logs, and what is read of one.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "bouncer/irc/time_tag.h"
#include "bouncer/transfer/line_writer.h"
#include "bouncer/transfer/text_log.h"

namespace halley::tests {

// As if the machine stood there, until the end of the scope.
class Zone {
 public:
  explicit Zone(const char* name) { set(name); }
  ~Zone() { set("UTC0"); }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  static void set(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
};

// "2024-01-31T12:34:56.000Z :ann PRIVMSG #comet :hi", or "mark", "unknown", "no date".
inline std::string read_as(transfer::TextLog& log, const std::string& text,
                           const transfer::LogPlace& place = {"#comet", "kit"}) {
  transfer::ForeignLine line;
  switch (log.read(text, line)) {
    case transfer::TextLog::What::kMark:
      return "mark";
    case transfer::TextLog::What::kUnknown:
      return "unknown";
    case transfer::TextLog::What::kNoDate:
      return "no date";
    case transfer::TextLog::What::kLine:
      break;
  }
  transfer::LineWriter writer;
  const auto event = writer.write(line, place);
  if (!event) return "nobody";
  std::string out;
  irc::append_time(out, event->time_ms);
  return out + " " + std::string(event->line);
}

}  // namespace halley::tests
