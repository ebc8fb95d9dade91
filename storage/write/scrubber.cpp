#include "storage/write/scrubber.h"

#include <fmt/format.h>

#include <algorithm>

namespace halley::storage {
namespace {

// Pages of 4 KiB that a slice overwrites: a megabyte.
constexpr std::int64_t kPagesAtOnce = 256, kPageBytes = 4096;

}  // namespace

Scrubber::Scrubber(Db& db, Meta& meta, SearchIndex& index)
    : db_(db), meta_(meta), index_(index), stage_(meta.get("scrub")) {}

void Scrubber::go(Stage stage) {
  meta_.set("scrub", stage);
  stage_ = stage;
}

void Scrubber::slice() {
  if (stage_ == kMerge || stage_ == kMergeOn) {
    // All pieces of the index into one: only so do words go that were deleted.
    const bool more = index_.merge(stage_ == kMerge);
    return go(more ? kMergeOn : kFill);
  }
  if (stage_ == kFill) {
    // Free pages are used up for zeros ...
    const std::int64_t free = db_.number("PRAGMA freelist_count");
    if (free == 0) return go(kEmpty);
    db_.exec(fmt::format("INSERT INTO scrub (zeros) VALUES (zeroblob({}))",
                         std::min(free, kPagesAtOnce) * (kPageBytes - 4)));
    return;
  }
  // ... and given back.
  db_.exec("DELETE FROM scrub WHERE id IN (SELECT id FROM scrub LIMIT 16)");
  if (db_.number("SELECT count(*) FROM (SELECT 1 FROM scrub LIMIT 1)") == 0) go(kLog);
}

void Scrubber::done() {
  go(kDone);
}

}  // namespace halley::storage
