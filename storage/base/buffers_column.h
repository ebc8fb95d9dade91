// The buffers of an event as the table `event` has them: one number, or several as bytes; none at all is
// kNoBuffer. Any thread; `row` stands on a row.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "storage/api/event.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

inline std::vector<BufferId> buffers_of(const Statement& row, int column) {
  if (row.is_number(column)) return {static_cast<BufferId>(row.number(column))};
  const std::string_view bytes = row.blob(column);
  if (bytes.empty()) return {kNoBuffer};
  std::vector<BufferId> buffers(bytes.size() / sizeof(BufferId));
  std::memcpy(buffers.data(), bytes.data(), buffers.size() * sizeof(BufferId));
  return buffers;
}

inline bool stands_in(BufferId buffer, const Statement& row, int column) {
  if (row.is_number(column)) return static_cast<BufferId>(row.number(column)) == buffer;
  const std::string_view bytes = row.blob(column);
  if (bytes.empty()) return buffer == kNoBuffer;
  for (std::size_t at = 0; at + sizeof buffer <= bytes.size(); at += sizeof buffer) {
    if (std::memcmp(bytes.data() + at, &buffer, sizeof buffer) == 0) return true;
  }
  return false;
}

}  // namespace halley::storage
