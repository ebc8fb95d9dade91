// A read-only connection and the questions it answers, each in one snapshot. No thread of its own.
// Owner and thread: a ReadThread. Throws SqliteError.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/base/sqlite.h"
#include "storage/read/history_range.h"
#include "storage/read/log_walk.h"
#include "storage/read/page_builder.h"

namespace halley::storage {

// A piece of the answer to a TargetsQuery.
struct TargetsPart {
  std::vector<TargetRow> rows;
  BufferId go_on_after = 0;  // the `after` of the next piece; 0: this was the last
};
// Events that are looked at in one turn for a page of a history, or of a log with a LineFilter.
inline constexpr std::size_t kMostLookedAt = 10'000;
void settle_targets(const TargetsQuery& query, std::vector<TargetRow>& rows);

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file);

  Page log(const LogQuery& query);
  Skip skip(const LogQuery& query);
  std::vector<Lag> lags(const LagQuery& query);
  std::expected<Page, std::string> history(const HistoryQuery& query);
  TargetsPart targets(const TargetsQuery& query, BufferId after);
  std::vector<BufferRow> buffers(UserId user);
  std::vector<StateRow> states(UserId user, std::uint16_t kind);
  std::vector<LogUsage> usage(UserId user);
  std::expected<Page, std::string> search(const SearchQuery& query);

  void interrupt() { db_.interrupt(); }  // any thread
  void release_memory();

 private:
  friend struct ReaderProbe;
  struct Walked {
    bool more = false;
    EventId passed = 0;       // the last that was looked at (Page::passed)
    bool unfinished = false;  // Page::unfinished; then there is more
  };

  static bool passes(const LineFilter& only, const Statement& event);
  std::uint64_t applied();
  std::vector<NetworkId> doomed_networks(UserId user);
  bool resolve(UserId user, BufferId buffer, Bound& bound);
  static bool wanted(const SearchQuery& query, const std::vector<NetworkId>& removed, const Statement& event);
  static bool in_order_of_time(const HistoryQuery& query);
  void find_time(UserId user, Bound& bound);
  std::optional<TargetRow> newest(const TargetsQuery& query, BufferId buffer, std::size_t& rows);
  // A range whose rows are added to the page.
  struct Adding {
    const HistoryQuery& query;
    HistoryRange range;  // what is left
    bool newest;         // from its new end
    std::size_t first_row, first_byte;
    std::size_t looked_at = 0;
    Walked walked = {};
  };
  bool add_row(Adding& adding, const Statement& event);
  bool add_along_log(Adding& adding);
  Walked add_range(const HistoryQuery& query, const HistoryRange& range, bool newest);

  Db db_;
  std::size_t candidates_ = 0;  // lines that were looked at for words
  PageBuilder page_;
  LogWalk walk_;
  Statement doomed_;
  Statement applied_, newer_;  // reader.cpp
  // history_reader.cpp
  Statement along_up_, along_down_, history_up_, history_down_, times_up_, times_down_, has_event_,
      has_place_, buffers_;
};

}  // namespace halley::storage
