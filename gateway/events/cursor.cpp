#include "gateway/events/cursor.h"

#include "gateway/http/json_writer.h"
#include "gateway/http/query.h"

namespace halley::gateway {

std::optional<Cursor> parse_cursor(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto id = parse_number(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!id || colon == 0) return std::nullopt;
  return Cursor{std::string(text.substr(0, colon == std::string_view::npos ? 0 : colon)), *id};
}

void append_cursor(std::string& out, std::string_view epoch, EventId id) {
  out += epoch;
  out += ':';
  append_number(out, id);
}

}  // namespace halley::gateway
