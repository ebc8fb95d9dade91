#include "storage/api/msgid.h"

#include <array>
#include <charconv>
#include <limits>

namespace halley::storage {

std::string msgid_of(EventId id) {
  std::array<char, 16> text{'h'};
  const auto [end, error] = std::to_chars(text.data() + 1, text.data() + text.size(), id, 36);
  return {text.data(), end};
}

std::optional<EventId> id_of_msgid(std::string_view msgid) {
  if (msgid.size() < 2 || msgid.size() > 14 || msgid[0] != 'h') return std::nullopt;
  EventId id = 0;
  const auto [end, error] = std::from_chars(msgid.data() + 1, msgid.data() + msgid.size(), id, 36);
  const bool whole = error == std::errc{} && end == msgid.data() + msgid.size();
  // One spelling only: no capitals, no leading zeros.
  if (!whole || id > std::numeric_limits<std::int64_t>::max() || msgid_of(id) != msgid) return std::nullopt;
  return id;
}

}  // namespace halley::storage
