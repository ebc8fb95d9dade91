// The buffers of an event as the table `event` has them: one number, or several as bytes; none at all is
// kNoBuffer. Any thread; `row` stands on a row.
#pragma once

#include <cstring>
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

}  // namespace halley::storage
