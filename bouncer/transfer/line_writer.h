// From a line of another program's log to an event as Halley logs it. Owner: whoever imports; not thread
// safe. What it gives views its own memory, until the next call.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/transfer/foreign_line.h"
#include "storage/api/event.h"

namespace halley::transfer {

class LineWriter {
 public:
  static constexpr std::size_t kMaxSaid = 8192;  // bytes that somebody says; longer is cut

  // Nothing: the line has nobody who did it. Buffers, user and network are the caller's to fill in.
  // REQUIRES: `line` is of a kind that foreign_line.h knows.
  std::optional<storage::Event> write(const ForeignLine& line, const LogPlace& place);
  // A line of IRC, tags and all; nothing: it is none, or of a kind that is not logged.
  std::optional<storage::Event> write_raw(std::string_view raw, std::int64_t time_ms, const LogPlace& place);

 private:
  storage::Event event_of(const ForeignLine& line, const LogPlace& place, std::size_t searchable) const;
  // Views `text` or text_.
  std::string_view without_password(std::string_view text, const LogPlace& place);

  std::string line_, source_, text_, utf8_, msgid_;
};

// Text of before UTF-8 is taken for Latin-1; `scratch` is filled then.
std::string_view as_utf8(std::string_view text, std::string& scratch);

}  // namespace halley::transfer
