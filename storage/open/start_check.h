// Looks through the database behind a start, on a thread of its own with a connection of its own: what is
// damaged is told then, not when somebody happens to read it. Where it is small, each table has SQLite's
// quick check, which is one snapshot, cannot be interrupted between its pages (SQLite 3.40), and keeps the
// write-ahead log from being emptied meanwhile. Of a larger one each row is read instead, in pieces, with
// rests in between. What keeps a table from being looked at (it is gone, memory) is no
// damage, and is told as that.
//
// Thread: made and destroyed on the loop's; destroying it interrupts the check and joins. Owner: the
// SqliteStore.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "storage/base/annotations.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

class StartCheck {
 public:
  static constexpr std::int64_t kMostQuickCheck = std::int64_t{64} << 20;  // bytes: a second of a cold disk
  struct Limits {
    std::int64_t quick_check = kMostQuickCheck;  // of the database
    int piece_rows = 1000;
  };
  // Called on the new thread, with a sentence for people.
  struct Told {
    std::function<void(std::string what)> damage;     // once at most
    std::function<void(std::string what)> unchecked;  // a table, or all; may be null
  };
  StartCheck(std::filesystem::path database, Limits limits, Told told);
  ~StartCheck() HALLEY_EXCLUDES(mutex_);
  StartCheck(const StartCheck&) = delete;
  StartCheck& operator=(const StartCheck&) = delete;

 private:
  using CheckClock = std::chrono::steady_clock;

  void run();
  std::string look_through();
  void tell_unchecked(std::string_view what, const SqliteError& why) const;
  std::string quick_check(Db& db, std::string_view table);
  std::string read_all(Db& db, std::string_view table, bool has_rowid);
  bool rest(CheckClock::duration worked) HALLEY_EXCLUDES(mutex_);

  const std::filesystem::path database_;
  const Limits limits_;
  const Told told_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace halley::storage
