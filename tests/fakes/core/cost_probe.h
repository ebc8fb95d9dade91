// What only a counter within a class can show: how much was looked at, moved or remembered for what was
// asked. A friend of those classes, for tests of their bounds alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bouncer/core/buffer_marks.h"
#include "bouncer/core/member_table.h"
#include "bouncer/core/out_queue.h"
#include "bouncer/core/outbox.h"

namespace halley {

struct CostProbe {
  // Lines that were looked at because they may go now.
  static std::uint64_t looked_at(const Outbox& outbox) { return outbox.looked_at_; }
  // Members looked at in order to move texts together.
  static std::uint64_t moved(const MemberTable& table) { return table.moved_; }
  // Times that all marks were looked at for the oldest.
  static std::uint64_t searches(const BufferMarks& marks) { return marks.searches_; }
  // Ranges that are remembered, taken ones among them.
  static std::size_t ranges(const OutQueue& queue) { return queue.ranges_.size(); }
};

}  // namespace halley
