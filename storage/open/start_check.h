// Looks through the database behind a start, on a thread of its own with a connection of its own: what is
// damaged is told then, not when somebody happens to read it. Each table has SQLite's quick check, which is a
// snapshot for as long as it takes, and the write-ahead log cannot be emptied meanwhile: for a second at
// most. A table that takes longer has each of its rows read instead, in pieces, with rests in between.
//
// Thread: made and destroyed on the loop's; destroying it interrupts the check and joins. Owner: the
// SqliteStore.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
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
  static constexpr int kQuickCheck = 1000;  // milliseconds
  struct Limits {
    std::chrono::milliseconds quick_check{kQuickCheck};  // of a table
    int piece_rows = 1000;
  };
  // `found` is called once at most, on the new thread, with a sentence for people.
  StartCheck(std::filesystem::path database, Limits limits, std::function<void(std::string what)> found);
  ~StartCheck() HALLEY_EXCLUDES(mutex_);
  StartCheck(const StartCheck&) = delete;
  StartCheck& operator=(const StartCheck&) = delete;

 private:
  using CheckClock = std::chrono::steady_clock;

  void run();
  std::string look_through();
  std::string look_through(Db& db, std::string_view table, bool has_rowid);
  std::string read_all(Db& db, std::string_view table, bool has_rowid);
  bool rest(CheckClock::duration worked) HALLEY_EXCLUDES(mutex_);

  const std::filesystem::path database_;
  const Limits limits_;
  const std::function<void(std::string)> found_;
  std::atomic<bool> stop_{false};
  std::atomic<CheckClock::rep> until_{0};  // the running quick check's end
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace halley::storage
