#include "storage/read/history_pieces.h"

#include <algorithm>
#include <utility>

namespace halley::storage {

HistoryPieces::HistoryPieces(HistoryQuery query) : query_(std::move(query)) {
  if (query_.what != HistoryQuery::What::kAround || query_.limit <= 1) return;
  newer_half_ = query_;
  newer_half_->what = HistoryQuery::What::kFrom;
  query_.what = HistoryQuery::What::kBefore;
  query_.limit /= 2;
  query_.max_bytes /= 2;
}

std::optional<HistoryPieces::Answer> HistoryPieces::go_on(Reader& reader) {
  Answer piece = reader.history(query_);
  if (!piece) return piece;
  take(std::move(*piece));
  if (has_next()) return std::nullopt;
  return finish();
}

void HistoryPieces::take(Page piece) {
  query_.go_on_from = piece.passed;
  query_.limit -= std::min(query_.limit, piece.events.size());
  query_.max_bytes -= std::min(query_.max_bytes, piece.bytes);
  memory_.push_back(std::move(piece.memory));
  if (!std::exchange(begun_, true)) {
    page_ = std::move(piece);
    return;
  }
  page_.events.insert(piece.newest_first ? page_.events.begin() : page_.events.end(), piece.events.begin(),
                      piece.events.end());
  page_.more = piece.more;
  page_.passed = piece.passed;
  page_.unfinished = piece.unfinished;
  page_.bytes += piece.bytes;
}

// Whoever has a filter goes on themselves.
bool HistoryPieces::has_next() {
  if (page_.unfinished && !query_.only && query_.limit > 0 && query_.max_bytes > 0) return true;
  if (!newer_half_) return false;
  older_ones_ = page_.more;
  query_ = *std::exchange(newer_half_, std::nullopt);
  query_.limit -= std::min(query_.limit, page_.events.size());
  query_.max_bytes -= std::min(query_.max_bytes, page_.bytes);
  return true;
}

Page HistoryPieces::finish() {
  page_.memory = memory_.size() == 1
                     ? std::move(memory_.front())
                     : std::make_shared<std::vector<std::shared_ptr<const void>>>(std::move(memory_));
  page_.more = page_.more || older_ones_;
  return std::move(page_);
}

}  // namespace halley::storage
