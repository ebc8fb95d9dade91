#include "storage/write/usage_writer.h"

#include <algorithm>

namespace halley::storage {

UsageWriter::UsageWriter(Db& db)
    : change_(db, "UPDATE usage SET lines = lines + ?2, bytes = bytes + ?3 WHERE user = ?1"),
      begin_(db, "INSERT INTO usage (user, lines, bytes) VALUES (?, ?, ?)"),
      forget_(db, "DELETE FROM usage WHERE user = ? AND lines = 0") {}

// Rows come in the order of users: mostly it is the last one's once more.
void UsageWriter::changed(UserId user, std::int64_t lines, std::int64_t bytes) {
  if (changes_.empty() || changes_.back().user != user) changes_.push_back({user, 0, 0});
  changes_.back().lines += lines;
  changes_.back().bytes += bytes;
}

void UsageWriter::finish() {
  std::ranges::stable_sort(changes_, {}, &Delta::user);
  for (std::size_t at = 0; at < changes_.size();) {
    Delta sum = changes_[at++];
    for (; at < changes_.size() && changes_[at].user == sum.user; ++at) {
      sum.lines += changes_[at].lines;
      sum.bytes += changes_[at].bytes;
    }
    if (sum.lines == 0 && sum.bytes == 0) continue;
    // The row is there but for a user's first lines; an upsert would cost each more than this.
    change_.bind(sum.user, sum.lines, sum.bytes).run();
    if (change_.changes() == 0) begin_.bind(sum.user, sum.lines, sum.bytes).run();
    // Of a user who has been removed nothing stays.
    if (sum.lines < 0) forget_.bind(sum.user).run();
  }
  changes_.clear();
}

}  // namespace halley::storage
