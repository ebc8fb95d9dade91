// The thread that owns the Writer: gathers the journal's records, applies them, and does what is to be done
// behind that. When the disk fails it keeps trying once a second; the records wait in the journal, and
// commits here: what they change is in the memory of those who gave them, so that none may be lost.
//
// Records are gathered while more come, for 4 s or 512 KiB at most, unless somebody wants to read them;
// meanwhile the journal itself is synced, so that a power cut costs the last second only. With durability
// "power" each group is synced as it is committed, after 50 ms.
//
// Owner: the store, on the loop's thread. The journal outlives it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/base/annotations.h"
#include "storage/base/file_identity.h"
#include "storage/journal/mapped_journal.h"
#include "storage/write/writer.h"

namespace halley::storage {

class StorageThread {
 public:
  // `answer` runs a finished commit's callback on the loop's thread, `room` tells the producer that there is
  // room again, `trouble` what has begun to be wrong with the disk (empty: it is over); all are called on
  // this thread. REQUIRES: they are quick.
  struct Hooks {
    std::function<void(std::function<void(Status)>, Status)> answer;
    std::function<void()> room;
    std::function<void(const std::string&)> trouble;
    // The ring's producer is to wipe what is free of it, and then to call ring_wiped().
    std::function<void()> wipe_ring;
  };
  // `files`: those that are looked after: they may be deleted under us.
  StorageThread(std::unique_ptr<Writer> writer, MappedJournal& journal, std::vector<FileIdentity> files,
                Hooks hooks);
  // Applies what is left (once: a failing disk leaves it in the journal) and joins.
  ~StorageThread();
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  // --- The loop's thread ---
  void closing() HALLEY_EXCLUDES(mutex_);  // nobody waits for records any more
  void commit(std::vector<Change> changes, std::function<void(Status)> done) HALLEY_EXCLUDES(mutex_);
  bool takes_commits() const HALLEY_EXCLUDES(mutex_);
  void journal_grew();
  void ring_wiped() HALLEY_EXCLUDES(mutex_);

  // --- Any thread ---
  // Has the journal applied up to `offset` without gathering further.
  void hurry(std::uint64_t offset) HALLEY_EXCLUDES(mutex_);
  // Waits until that is so; false: the disk is in trouble, or the store is closing: what is there must do.
  bool wait_applied(std::uint64_t offset) HALLEY_EXCLUDES(mutex_);

  // Waits until the full-text index has what the journal held at the call; gives up when it is far behind.
  void wait_indexed() HALLEY_EXCLUDES(mutex_);

  // What those who wait below are told ten times a second, on their own thread: how far it has got.
  using Told = std::function<void(std::uint64_t done, std::uint64_t of)>;

  // Waits until nothing is left to be removed or overwritten of what was given before; false: the disk is in
  // trouble, or the store is closing. `told`: rows removed since the call, of 0.
  bool wait_removed(const Told& told) HALLEY_EXCLUDES(mutex_);

  // Has the full-text index built anew, and waits until it has what the log held at the call: emptied in one
  // step, filled in slices behind the log. An error says why not, or why it goes on behind this call. `told`:
  // lines that are in it.
  Status reindex(const Told& told) HALLEY_EXCLUDES(mutex_);

  struct Figures {
    std::uint64_t events = 0, wal_bytes = 0, unindexed = 0, removed = 0;
    EventId last_event = 0, indexed = 0;
    std::int64_t last_group_us = 0;
    bool removing = false;
    std::string trouble;  // the last write failed, and why
    std::string lost;     // writes succeed, into files that are no longer in their folder
  };
  Figures figures() const HALLEY_EXCLUDES(mutex_);
  StoreProgress progress() const HALLEY_EXCLUDES(mutex_);

 private:
  using SteadyClock = std::chrono::steady_clock;
  enum Sleep : int { kAwake, kIdle, kGathering };
  // Why a group is to be written now: not yet; somebody waits for it; much has come together; it was
  // gathered.
  enum class Cause { kNone, kAsked, kMuch, kGathered };

  void run() HALLEY_EXCLUDES(mutex_);
  std::optional<Cause> wait_for_work(std::vector<Commit>& commits) HALLEY_EXCLUDES(mutex_);
  Cause group_due(SteadyClock::time_point now) HALLEY_REQUIRES(mutex_);
  bool other_work_due(SteadyClock::time_point now) HALLEY_REQUIRES(mutex_);
  bool idle_due() const { return !tidy_ && SteadyClock::now() >= idle_at_; }
  bool look_due(SteadyClock::time_point now) const { return gathering_ && now >= look_at_; }
  SteadyClock::time_point next_work() const HALLEY_REQUIRES(mutex_);
  void sleep(std::unique_lock<std::mutex>& lock, Sleep how, SteadyClock::time_point until)
      HALLEY_REQUIRES(mutex_);
  void work(std::vector<Commit>& commits, Cause cause) HALLEY_EXCLUDES(mutex_);
  void sync();
  void look(SteadyClock::time_point now);
  void publish(std::int64_t group_us) HALLEY_EXCLUDES(mutex_);
  void housekeeping() HALLEY_EXCLUDES(mutex_);
  bool background_due(SteadyClock::time_point now) HALLEY_REQUIRES(mutex_);
  void background(SteadyClock::time_point now) HALLEY_EXCLUDES(mutex_);
  void empty_index() HALLEY_EXCLUDES(mutex_);
  template <class Done>
  void wait_telling(std::unique_lock<std::mutex>& lock, const Done& done, const std::function<void()>& tell)
      HALLEY_REQUIRES(mutex_);
  void failed(const std::string& what) HALLEY_EXCLUDES(mutex_);
  void keep(std::vector<Commit>& commits) HALLEY_EXCLUDES(mutex_);
  void give_back(std::vector<Commit>& commits) HALLEY_EXCLUDES(mutex_);
  void look_after_files() HALLEY_EXCLUDES(mutex_);
  void tell_trouble() HALLEY_EXCLUDES(mutex_);
  void wake() HALLEY_EXCLUDES(mutex_);

  std::unique_ptr<Writer> writer_;
  MappedJournal& journal_;
  const std::uint64_t gather_bytes_;
  const std::vector<FileIdentity> files_;
  const Hooks hooks_;

  std::atomic<int> sleep_{kAwake};
  mutable std::mutex mutex_;
  std::condition_variable wake_, applied_;
  std::vector<Commit> commits_ HALLEY_GUARDED_BY(mutex_);
  // Commits that were ever given, and those of them that the figures tell of.
  std::uint64_t commits_given_ HALLEY_GUARDED_BY(mutex_) = 0, commits_told_ HALLEY_GUARDED_BY(mutex_) = 0;
  std::uint64_t hurry_ HALLEY_GUARDED_BY(mutex_) = 0;         // somebody waits for this offset
  std::uint64_t done_ HALLEY_GUARDED_BY(mutex_) = 0;          // applied up to here
  std::uint64_t index_wanted_ HALLEY_GUARDED_BY(mutex_) = 0;  // waiting searches
  bool reindex_ HALLEY_GUARDED_BY(mutex_) = false;            // the index is to be emptied
  std::string reindex_error_ HALLEY_GUARDED_BY(mutex_);       // why it cannot be
  bool stop_ HALLEY_GUARDED_BY(mutex_) = false;
  bool ring_wiped_ HALLEY_GUARDED_BY(mutex_) = false;
  Figures figures_ HALLEY_GUARDED_BY(mutex_);
  std::uint64_t rounds_ HALLEY_GUARDED_BY(mutex_) = 0;
  bool at_work_ HALLEY_GUARDED_BY(mutex_) = false;
  // The thread's own:
  SteadyClock::time_point gather_until_{}, look_at_{}, sync_at_{}, retry_at_{}, idle_at_{}, index_at_{};
  SteadyClock::time_point scrub_at_ = SteadyClock::time_point::max();
  std::uint64_t seen_head_ = 0;  // the journal's head at the last look
  bool gathering_ = false, in_trouble_ = false, tidy_ = true, removing_ = true;
  std::string told_;  // the trouble that was told last

  std::thread thread_;
};

}  // namespace halley::storage
