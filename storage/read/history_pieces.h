// A page of history, looked for a piece at a time: between two events that are asked for there may be very
// many others. Owner and thread: the question's, on a ReadThread.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/read/reader.h"

namespace halley::storage {

class HistoryPieces {
 public:
  using Answer = std::expected<Page, std::string>;

  explicit HistoryPieces(HistoryQuery query);

  // One piece. Nothing: there is more to look for. REQUIRES: it has not given an answer yet.
  std::optional<Answer> go_on(Reader& reader);

 private:
  void take(Page piece);
  bool has_next();
  Page finish();

  HistoryQuery query_;                      // the next piece
  std::optional<HistoryQuery> newer_half_;  // of kAround, while the older one is asked for
  Page page_;                               // what the pieces have so far
  std::vector<std::shared_ptr<const void>> memory_;
  bool begun_ = false;
  bool older_ones_ = false;  // beyond the older half
};

}  // namespace halley::storage
