#include "storage/write/storage_thread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "storage/base/priority.h"

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

// Nothing waits for a group but the power cut: what is in the journal outlives the process, and readers hurry
// us. The longer one gathers, the more rows share a page: 1,000 users with a line a second each write 1.9
// pages a row at 50 ms, 1.5 at 250 ms, and at 4 s the log takes half the processor time that it took at 250
// ms. With durability "power" the group commit is the promise: 50 ms.
constexpr std::chrono::milliseconds kGather = 4s, kGatherForPower = 50ms;
constexpr std::uint64_t kGatherBytes = 512 * 1024;
// "At most the last second": so often something is synced, the database or the journal.
constexpr auto kSyncAfter = 700ms;
constexpr auto kRetry = 1s;
constexpr std::size_t kMostCommits = 4096;  // that wait, before people's changes are refused
// The full-text index takes a slice when that many events wait for it, or for so long; not while the journal
// holds more than this, and a search does not wait when it is further behind than that.
constexpr std::uint64_t kIndexSlice = 2048, kJournalFilling = 2 * 1024 * 1024, kIndexFarBehind = 50'000;
constexpr auto kIndexAfter = 5s;
constexpr auto kTellEvery = 100ms;     // of those who wait for long work
constexpr auto kReindexPatience = 5s;  // while the disk is in trouble
constexpr auto kIdleAfter = 5s;        // then the write-ahead log is copied back and memory is given back

}  // namespace

StorageThread::StorageThread(std::unique_ptr<Writer> writer, MappedJournal& journal,
                             std::vector<FileIdentity> files, Hooks hooks)
    : writer_(std::move(writer)),
      journal_(journal),
      gather_bytes_(std::min<std::uint64_t>(kGatherBytes, journal.size() / 4)),
      files_(std::move(files)),
      hooks_(std::move(hooks)),
      done_(writer_->applied()) {
  publish(0);
  thread_ = std::thread{[this] { run(); }};
}

StorageThread::~StorageThread() {
  closing();
  thread_.join();
}

void StorageThread::closing() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
    sleep_.store(kAwake);
  }
  wake_.notify_one();
  applied_.notify_all();
}

void StorageThread::commit(std::vector<Change> changes, std::function<void(Status)> done) {
  {
    const std::lock_guard lock{mutex_};
    commits_.push_back(
        {.after = journal_.head(), .changes = std::move(changes), .done = std::move(done), .result = {}});
    ++commits_given_;
    sleep_.store(kAwake);
  }
  wake_.notify_one();
}

bool StorageThread::takes_commits() const {
  const std::lock_guard lock{mutex_};
  return commits_.size() < kMostCommits;
}

// The producer's side of sleep(): it has published its record before it looks whether the thread sleeps; the
// thread says that it sleeps before it looks for records. Both touch `sleep_` with a read-modify-write: one
// of them sees the other. Called once a loop turn, so it makes no system call unless the thread sleeps
// without a time limit, or enough has come together.
void StorageThread::journal_grew() {
  const int sleep = sleep_.fetch_add(0, std::memory_order_acq_rel);
  if (sleep == kIdle || (sleep == kGathering && journal_.pending() >= gather_bytes_)) wake();
}

void StorageThread::ring_wiped() {
  {
    const std::lock_guard lock{mutex_};
    ring_wiped_ = true;
    sleep_.store(kAwake);
  }
  wake_.notify_one();
}

void StorageThread::wake() {
  {
    const std::lock_guard lock{mutex_};
    sleep_.store(kAwake);
  }
  wake_.notify_one();
}

void StorageThread::hurry(std::uint64_t offset) {
  {
    const std::lock_guard lock{mutex_};
    if (done_ >= offset || hurry_ >= offset) return;
    hurry_ = offset;
    sleep_.store(kAwake);
  }
  wake_.notify_one();
}

bool StorageThread::wait_applied(std::uint64_t offset) {
  hurry(offset);
  std::unique_lock lock{mutex_};
  applied_.wait(lock, [this, offset] { return done_ >= offset || stop_ || !figures_.trouble.empty(); });
  return done_ >= offset;
}

void StorageThread::wait_indexed() {
  std::unique_lock lock{mutex_};
  const EventId target = figures_.last_event;
  const auto enough = [this, target] {
    return figures_.indexed >= target || figures_.unindexed > kIndexFarBehind || stop_ ||
           !figures_.trouble.empty();
  };
  if (enough()) return;
  ++index_wanted_;
  sleep_.store(kAwake);
  wake_.notify_one();
  applied_.wait(lock, enough);
  --index_wanted_;
}

// `tell` is called without the lock.
template <class Done>
void StorageThread::wait_telling(std::unique_lock<std::mutex>& lock, const Done& done,
                                 const std::function<void()>& tell) {
  while (!applied_.wait_for(lock, kTellEvery, done)) {
    lock.unlock();
    tell();
    lock.lock();
  }
}

bool StorageThread::wait_removed(const Told& told) {
  std::unique_lock lock{mutex_};
  // What a commit that still waits removes is not yet seen in the figures. Those that are given meanwhile are
  // not waited for: there may always be another.
  const auto removed = [this, given = commits_given_] {
    return !figures_.removing && commits_told_ >= given;
  };
  wait_telling(
      lock, [this, &removed] { return removed() || stop_ || !figures_.trouble.empty(); },
      [this, &told, before = figures_.removed] { told(figures().removed - before, 0); });
  return !figures_.removing;
}

Status StorageThread::reindex(const Told& told) {
  std::unique_lock lock{mutex_};
  reindex_ = true;
  reindex_error_.clear();
  sleep_.store(kAwake);
  wake_.notify_one();
  // A damaged index may be the trouble that there is: then this ends it.
  const auto patience = SteadyClock::now() + kReindexPatience;
  const auto begun = [this, patience] {
    return !reindex_ || stop_ || (!figures_.trouble.empty() && SteadyClock::now() >= patience);
  };
  wait_telling(lock, begun, [&told] { told(0, 0); });
  if (std::exchange(reindex_, false))
    return std::unexpected("the index cannot be built anew now: " +
                           (stop_ ? std::string("Halley stops") : figures_.trouble));
  if (!reindex_error_.empty())
    return std::unexpected(
        "the index cannot be emptied: " + reindex_error_ +
        "; stop Halley and put the last backup in the database's place (halley(1), RESTORING)");
  const EventId target = figures_.last_event;
  ++index_wanted_;
  wait_telling(
      lock, [this, target] { return figures_.indexed >= target || stop_ || !figures_.trouble.empty(); },
      [this, &told] {
        const Figures now = figures();
        told(now.events - std::min(now.events, now.unindexed), now.events);
      });
  --index_wanted_;
  if (figures_.indexed >= target) return {};
  return std::unexpected("it goes on in the background, from the next start on where Halley stops now" +
                         (figures_.trouble.empty() ? std::string() : ": " + figures_.trouble));
}

StorageThread::Figures StorageThread::figures() const {
  const std::lock_guard lock{mutex_};
  return figures_;
}

StoreProgress StorageThread::progress() const {
  const std::lock_guard lock{mutex_};
  return {.rounds = rounds_, .resting = !at_work_ && commits_.empty() && journal_.pending() == 0};
}

void StorageThread::run() {
  give_way();
  std::vector<Commit> commits;
  while (const auto cause = wait_for_work(commits)) {
    if (*cause != Cause::kNone) work(commits, *cause);
    commits.clear();
    if (idle_due()) give_back(commits);
    housekeeping();
  }
  if (journal_.pending() > 0 || !commits.empty()) work(commits, Cause::kGathered);
  try {
    sync();
    writer_->checkpoint(true);
  } catch (const SqliteError&) {
    // The journal and the write-ahead log hold it all; the next start says what is wrong.
    in_trouble_ = true;
  }
}

// After a start with a thousand users these lists are long.
void StorageThread::give_back(std::vector<Commit>& commits) {
  std::vector<Commit>{}.swap(commits);
  const std::lock_guard lock{mutex_};
  if (commits_.empty()) std::vector<Commit>{}.swap(commits_);
}

// Is a group to be written now?
StorageThread::Cause StorageThread::group_due(SteadyClock::time_point now) {
  // In trouble nobody can help before the retry.
  if (in_trouble_) return now >= retry_at_ ? Cause::kAsked : Cause::kNone;
  if (!commits_.empty() || hurry_ > done_) return Cause::kAsked;
  const std::uint64_t pending = journal_.pending();
  if (pending >= gather_bytes_) return Cause::kMuch;
  if (pending == 0) return Cause::kNone;
  if (!gathering_) {
    gathering_ = true;
    gather_until_ = now + (writer_->power_durability() ? kGatherForPower : kGather);
    look_at_ = now + kSyncAfter;
    seen_head_ = journal_.head();
  }
  const bool quiet = look_due(now) && journal_.head() == seen_head_;
  return quiet || now >= gather_until_ ? Cause::kGathered : Cause::kNone;
}

bool StorageThread::other_work_due(SteadyClock::time_point now) {
  if (in_trouble_) return false;
  return look_due(now) || background_due(now) || (writer_->unsynced() && now >= sync_at_) ||
         (!tidy_ && now >= idle_at_);
}

// When there is something to do if nothing comes.
StorageThread::SteadyClock::time_point StorageThread::next_work() const {
  auto until = SteadyClock::time_point::max();
  if (gathering_) until = std::min(gather_until_, look_at_);
  if (!tidy_) until = std::min(until, idle_at_);
  if (writer_->unsynced()) until = std::min(until, sync_at_);
  if (figures_.unindexed > 0) until = std::min(until, index_at_);
  until = std::min(until, scrub_at_);
  return until;
}

void StorageThread::sleep(std::unique_lock<std::mutex>& lock, Sleep how, SteadyClock::time_point until) {
  sleep_.exchange(how, std::memory_order_acq_rel);
  const std::uint64_t pending = journal_.pending();
  const bool news = how == kIdle ? pending > 0 : how == kGathering && pending >= gather_bytes_;
  if (news) {
    sleep_.store(kAwake);
    return;
  }
  const auto awake = [this] { return sleep_.load(std::memory_order_relaxed) == kAwake; };
  if (until == SteadyClock::time_point::max()) {
    wake_.wait(lock, awake);
  } else {
    wake_.wait_until(lock, until, awake);
  }
  sleep_.store(kAwake);
}

// Nothing: the store is closing.
std::optional<StorageThread::Cause> StorageThread::wait_for_work(std::vector<Commit>& commits) {
  std::unique_lock lock{mutex_};
  std::optional<Cause> cause;
  ++rounds_;
  at_work_ = false;
  while (!stop_ && !cause) {
    const auto now = SteadyClock::now();
    const Cause group = group_due(now);
    if (group != Cause::kNone || other_work_due(now)) {
      cause = group;
    } else if (in_trouble_) {
      wake_.wait_until(lock, retry_at_, [this] { return stop_; });
    } else {
      sleep(lock, gathering_ ? kGathering : kIdle, next_work());
    }
  }
  // While the disk is in trouble they are kept together for the retry.
  if (!cause || *cause != Cause::kNone) std::swap(commits, commits_);
  at_work_ = true;
  return cause;
}

void StorageThread::work(std::vector<Commit>& commits, Cause cause) {
  const auto start = SteadyClock::now();
  if (journal_.pending() == 0 && commits.empty() && !in_trouble_) return;
  try {
    const bool first = !writer_->unsynced();
    writer_->group(journal_, commits);
    // The group's oldest record came after the last look.
    if (first) sync_at_ = gathering_ ? look_at_ : start + kSyncAfter;
    gathering_ = false;
    removing_ = removing_ || !commits.empty();
    publish(std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start).count());
    const bool wanted = cause == Cause::kGathered || !commits.empty() || in_trouble_;
    if (wanted || !writer_->unsynced() || journal_.unreleased() >= journal_.size() / 4) sync();
  } catch (const SqliteError& error) {
    keep(commits);
    failed(error.what());
    return;
  }
  // Not before: what was not synced is given to the next group, and would count twice.
  if (!commits.empty()) {
    {
      const std::lock_guard lock{mutex_};
      commits_told_ += commits.size();
    }
    applied_.notify_all();
  }
  in_trouble_ = false;
  tell_trouble();
  tidy_ = false;
  idle_at_ = SteadyClock::now() + kIdleAfter;
  for (Commit& commit : commits) hooks_.answer(std::move(commit.done), std::move(commit.result));
}

// What is in the database reaches the disk; the journal need not hold it any longer.
void StorageThread::sync() {
  writer_->sync();
  journal_.release(writer_->applied());
  journal_.on_disk(writer_->transactions());
  if (journal_.room_again()) hooks_.room();
  look_after_files();
}

void StorageThread::look_after_files() {
  const auto gone = std::ranges::find_if_not(files_, &FileIdentity::still_there);
  std::string lost;
  if (gone != files_.end()) {
    lost = fmt::format(
        "{} was deleted or replaced while Halley runs: what is said now is lost when it stops. Put the "
        "folder back "
        "from a backup, and start Halley again",
        gone->file().string());
  } else if (journal_.cut_short()) {
    lost =
        "the journal was cut short while Halley runs: it has been made whole, but lines that had not reached "
        "the "
        "database may be lost";
  }
  {
    const std::lock_guard lock{mutex_};
    figures_.lost = std::move(lost);
  }
  tell_trouble();
}

// When it is another than was told last.
void StorageThread::tell_trouble() {
  const Figures now = figures();
  const std::string& what = now.trouble.empty() ? now.lost : now.trouble;
  if (what == told_) return;
  told_ = what;
  hooks_.trouble(what);
}

// What is still being gathered reaches the disk where it is.
void StorageThread::look(SteadyClock::time_point now) {
  seen_head_ = journal_.head();
  look_at_ = now + kSyncAfter;
  if (!journal_.sync()) failed(fmt::format("the journal cannot be synced: {}", std::strerror(errno)));
}

// Tells the other threads how far things are.
void StorageThread::publish(std::int64_t group_us) {
  const bool removing = writer_->removing();
  {
    const std::lock_guard lock{mutex_};
    if (figures_.unindexed == 0) index_at_ = SteadyClock::now() + kIndexAfter;
    done_ = writer_->applied();
    figures_.events = writer_->events();
    figures_.wal_bytes = writer_->wal_bytes();
    figures_.unindexed = writer_->unindexed();
    figures_.last_event = writer_->last_event();
    figures_.indexed = writer_->indexed();
    figures_.last_group_us = group_us;
    figures_.removing = removing;
    figures_.removed = writer_->removed();
    figures_.trouble.clear();
  }
  applied_.notify_all();
}

// They come before those that were given since.
void StorageThread::keep(std::vector<Commit>& commits) {
  const std::lock_guard lock{mutex_};
  commits_.insert(commits_.begin(), std::make_move_iterator(commits.begin()),
                  std::make_move_iterator(commits.end()));
  commits.clear();
}

void StorageThread::failed(const std::string& what) {
  in_trouble_ = true;
  retry_at_ = SteadyClock::now() + kRetry;
  {
    const std::lock_guard lock{mutex_};
    figures_.trouble = what;
    hurry_ = done_;
  }
  applied_.notify_all();
  tell_trouble();
}

void StorageThread::housekeeping() {
  if (in_trouble_) return;
  try {
    const auto now = SteadyClock::now();
    if (writer_->unsynced() && now >= sync_at_) sync();
    if (look_due(now)) look(now);
    if (in_trouble_) return;
    background(now);
    const bool idle = idle_due();
    writer_->checkpoint(idle);
    if (idle) tidy_ = true;
  } catch (const SqliteError& error) {
    failed(error.what());
  }
}

bool StorageThread::background_due(SteadyClock::time_point now) {
  if (journal_.pending() > kJournalFilling) return false;
  if (now >= scrub_at_) removing_ = true;
  if (reindex_ || removing_ || ring_wiped_ || figures_.unindexed >= kIndexSlice) return true;
  // A search waits for ids, also when the last ones have been removed and no row is left to take.
  if (index_wanted_ > 0 && figures_.indexed < figures_.last_event) return true;
  return figures_.unindexed > 0 && now >= index_at_;
}

// Before anything that writes to it: it may be damaged.
void StorageThread::empty_index() {
  {
    const std::lock_guard lock{mutex_};
    if (!reindex_) return;
  }
  std::string error;
  try {
    writer_->rebuild_index();
  } catch (const SqliteError& failure) {
    if (failure.trouble()) throw;  // it is tried again
    error = failure.what();
  }
  publish(figures().last_group_us);
  {
    const std::lock_guard lock{mutex_};
    reindex_ = false;
    reindex_error_ = std::move(error);
  }
  applied_.notify_all();
}

void StorageThread::background(SteadyClock::time_point now) {
  {
    const std::lock_guard lock{mutex_};
    if (!background_due(now)) return;
    if (std::exchange(ring_wiped_, false)) {
      writer_->ring_is_wiped();
      removing_ = true;
    }
  }
  const bool first = !writer_->unsynced();
  empty_index();
  if (removing_) removing_ = writer_->remove_slice();
  if (writer_->claim_ring_wipe()) hooks_.wipe_ring();
  // A reader needs the write-ahead log: again when it may be done.
  scrub_at_ = !removing_ && writer_->removing() ? now + kRetry : SteadyClock::time_point::max();
  if (writer_->indexed() < writer_->last_event()) writer_->index_slice();
  if (first) sync_at_ = SteadyClock::now() + kSyncAfter;
  publish(figures().last_group_us);
}

}  // namespace halley::storage
