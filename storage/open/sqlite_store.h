// The Store that is: a storage thread that writes, and reader threads.
//
// Thread: the loop's, which runs what is posted, and on which it is destroyed; figures(), too. Owner:
// OpenStore, whose journal outlives it. Errors: as storage/api/store.h says of each question.
#pragma once

#include <any>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "storage/api/store.h"
#include "storage/base/lock_file.h"
#include "storage/journal/mapped_journal.h"
#include "storage/open/errand_thread.h"
#include "storage/open/start_check.h"
#include "storage/read/read_thread.h"
#include "storage/write/storage_thread.h"
#include "storage/write/writer.h"

namespace halley::storage {

class SqliteStore final : public Store {
 public:
  struct Parts {
    std::filesystem::path file;          // the database
    std::filesystem::path journal_file;  // of `journal`, which outlives the store
    MappedJournal& journal;
    std::unique_ptr<LockFile> lock;
    std::unique_ptr<Writer> writer;
  };
  SqliteStore(Parts parts, const StoreOptions& options, Post post);
  ~SqliteStore() override;

  void commit(std::vector<Change> changes, std::function<void(Status)> done) override;
  bool takes_commits() const override { return storage_->takes_commits(); }
  void read_log(LogQuery query, std::function<void(std::expected<Page, std::string>)> done) override;
  void skip_to_newest(LogQuery query, std::function<void(std::expected<Skip, std::string>)> done) override;
  void read_lags(LagQuery query,
                 std::function<void(std::expected<std::vector<Lag>, std::string>)> done) override;
  void read_history(HistoryQuery query, std::function<void(std::expected<Page, std::string>)> done) override;
  void read_targets(TargetsQuery query,
                    std::function<void(std::expected<std::vector<TargetRow>, std::string>)> done) override;
  void search(SearchQuery query, std::function<void(std::expected<Page, std::string>)> done) override;
  void read_buffers(UserId user,
                    std::function<void(std::expected<std::vector<BufferRow>, std::string>)> done) override;
  void read_states(UserId user, std::uint16_t kind,
                   std::function<void(std::expected<std::vector<StateRow>, std::string>)> done) override;
  void read_usage(UserId user,
                  std::function<void(std::expected<std::vector<LogUsage>, std::string>)> done) override;
  void run_errand(Errand errand, std::function<void(std::expected<ErrandReport, std::string>)> done) override;
  void on_room(std::function<void()> notify) override;
  void journal_grew() override { storage_->journal_grew(); }
  void spoken(EventId id) override { spoken_.store(id, std::memory_order_relaxed); }
  StoreFigures figures() const override;
  StoreProgress progress() const override { return storage_->progress(); }

 private:
  using CallbackId = std::uint64_t;
  // What posted answers look at; they run on the loop's thread, where the store is destroyed too. The
  // callbacks of those who ask wait here and other threads get their ids only: what a callback holds is
  // the loop's, and so is the moment when it is let go.
  struct Callbacks {
    bool open = true;
    std::function<void()> on_room;
    std::function<void(const std::string&)> on_trouble;
    std::function<void(const DamageRow&)> on_damage;
    std::function<void(const std::string&)> on_unchecked;
    CallbackId last = 0;
    std::unordered_map<CallbackId, std::any> callbacks;

    // Loop's thread. `Result` is what the callback takes.
    template <class Result>
    CallbackId keep(std::function<void(Result)> callback) {
      callbacks.emplace(++last, std::move(callback));
      return last;
    }
    template <class Result>
    void answer(CallbackId id, Result result) {
      auto node = callbacks.extract(id);
      if (node.empty()) return;  // the store closes
      std::any_cast<std::function<void(Result)>&>(node.mapped())(std::move(result));
    }
    // It is kept for the next time.
    void tell(CallbackId id, const WorkProgress& progress) {
      const auto at = callbacks.find(id);
      if (at == callbacks.end()) return;
      const OnProgress told = std::any_cast<OnProgress&>(at->second);
      told(progress);
    }
  };
  template <class Answer>
  void ask(ReadThread& thread, UserId user, std::uint64_t applied,
           std::function<void(std::expected<Answer, std::string>)> done,
           std::function<std::optional<std::expected<Answer, std::string>>(Reader&)> question);

  void wipe_ring();
  OnProgress telling(CallbackId id);
  Status ready(Errand::What what, std::uint64_t applied, WorkWatch& watch);
  void check_behind_start(const StoreOptions& options);

  const std::filesystem::path file_;
  const std::unique_ptr<LockFile> lock_;
  MappedJournal& journal_;
  const Post post_;
  const std::chrono::milliseconds search_lag_;
  // When a search last had all written and indexed.
  std::optional<std::chrono::steady_clock::time_point> settled_at_;
  const std::shared_ptr<Callbacks> callbacks_ = std::make_shared<Callbacks>();
  std::atomic<EventId> spoken_{0};
  std::unique_ptr<StorageThread> storage_;
  std::unique_ptr<ReadThread> reads_, searches_;
  std::unique_ptr<ErrandThread> errand_;  // the last one; it may be over
  std::unique_ptr<StartCheck> check_;     // likewise; may be null
};

}  // namespace halley::storage
