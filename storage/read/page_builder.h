// Rows -> Page: the bytes of all rows are gathered in one buffer that is used again, and leave as one block
// that the page's events view. Owner and thread: a Reader.
#pragma once

#include <cstddef>
#include <vector>

#include "storage/api/store.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

// What a row query must select, in this order, for PageBuilder::add().
inline constexpr std::string_view kEventColumns =
    "e.id, e.network, e.skew, e.kind, e.flags, e.text_at, e.buffers, e.msgid, e.tags, e.line";

class PageBuilder {
 public:
  void start(UserId user);
  void add(const Statement& row);  // REQUIRES: start() was called; `row` stands on one of kEventColumns
  std::size_t rows() const { return events_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  void reverse_from(std::size_t first);  // rows read newest first come to stand in id order
  Page finish();
  void release_memory();

 private:
  std::size_t keep(std::string_view text);

  UserId user_ = 0;
  std::vector<Event> events_;  // their views count from nullptr until finish()
  std::vector<char> bytes_;
};

}  // namespace halley::storage
