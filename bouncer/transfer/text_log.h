// Reads lines of plain-text logs: as ZNC and soju write them, WeeChat, irssi, HexChat (and XChat), mIRC, bip
// and catgirl. What a line is follows from the line itself: nobody has to say which program wrote it.
//
// Pure but for the machine's time zone. One for each file; what it gives views the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bouncer/transfer/foreign_line.h"
#include "bouncer/transfer/local_time.h"

namespace halley::transfer {

class TextLog {
 public:
  // `date`: what the file's name says; a year of 0: nothing.
  TextLog(LocalTime& zone, const LogDate& date) : zone_(zone), date_(date) {}

  enum class What {
    kLine,     // `line` was filled in
    kMark,     // a date, the begin or end of a log, or a word of the program's own: nothing that was said
    kUnknown,  // not understood
    kNoDate,   // a line with a time of day only, and no date was told so far
  };
  What read(std::string_view text, ForeignLine& line);

 private:
  bool read_mark(std::string_view text);
  std::optional<std::int64_t> take_time(std::string_view& text);

  LocalTime& zone_;
  LogDate date_;
  int last_month_ = 0;  // of a line that tells its month but no year
  bool no_date_ = false;
};

}  // namespace halley::transfer
