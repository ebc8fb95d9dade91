// A real store on a directory of its own, with a loop that is a queue of functions: ask() runs it until the
// answer is there.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "storage/api/store.h"

namespace halley::storage {

// A loop's thread for the test: what is posted runs when the test says so.
class PostQueue {
 public:
  Post post() {
    return [this](std::function<void()> task) {
      {
        const std::lock_guard lock{mutex_};
        tasks_.push_back(std::move(task));
      }
      ready_.notify_one();
    };
  }
  void run_what_is_there() {
    std::deque<std::function<void()>> tasks;
    {
      const std::lock_guard lock{mutex_};
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }
  void run_one() {
    std::unique_lock lock{mutex_};
    ready_.wait(lock, [this] { return !tasks_.empty(); });
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
};

class TestStore {
 public:
  explicit TestStore(const std::filesystem::path& directory, std::size_t journal_bytes = 1 << 20,
                     std::chrono::milliseconds search_lag = {})
      : options_{.directory = directory, .journal_bytes = journal_bytes, .search_lag = search_lag} {
    options_.on_trouble = [this](const std::string& what) { troubles.push_back(what); };
    open();
  }

  void open() {
    auto opened = open_store(options_, queue_.post());
    if (!opened) throw std::runtime_error(opened.error());
    open_ = std::move(*opened);
  }
  void close() {
    open_.store.reset();
    open_.journal.reset();
  }
  void reopen() {
    close();
    open();
  }

  // Opens it again, and has it looked through behind the start; null: not.
  void check(std::function<void(const DamageRow&)> on_damage,
             std::function<void(const std::string&)> on_unchecked = {}) {
    options_.on_damage = std::move(on_damage);
    options_.on_unchecked = std::move(on_unchecked);
    reopen();
  }

  // From now on another program copies the write-ahead log back.
  void replicate() {
    options_.replicated = true;
    reopen();
  }

  Journal& journal() { return *open_.journal; }
  Store& store() { return *open_.store; }
  const Loaded& loaded() const { return open_.loaded; }
  const std::vector<std::string>& notices() const { return open_.notices; }
  std::vector<std::string> troubles;  // as on_trouble told them
  PostQueue& queue() { return queue_; }

  Status commit(std::vector<Change> changes) {
    return ask<Status>([&](auto done) { store().commit(std::move(changes), done); });
  }
  std::expected<Page, std::string> log(LogQuery query) {
    return ask<std::expected<Page, std::string>>([&](auto done) { store().read_log(query, done); });
  }
  std::expected<Skip, std::string> skip(LogQuery query) {
    return ask<std::expected<Skip, std::string>>([&](auto done) { store().skip_to_newest(query, done); });
  }
  auto lags(LagQuery query) {
    return ask<std::expected<std::vector<Lag>, std::string>>(
        [&](auto done) { store().read_lags(std::move(query), done); });
  }
  std::expected<Page, std::string> history(HistoryQuery query) {
    return ask<std::expected<Page, std::string>>([&](auto done) { store().read_history(query, done); });
  }
  std::expected<Page, std::string> search(SearchQuery query) {
    return ask<std::expected<Page, std::string>>([&](auto done) { store().search(query, done); });
  }
  auto states(UserId user, std::uint16_t kind) {
    return ask<std::expected<std::vector<StateRow>, std::string>>(
        [&](auto done) { store().read_states(user, kind, done); });
  }
  auto usage(UserId user) {
    return ask<std::expected<std::vector<LogUsage>, std::string>>(
        [&](auto done) { store().read_usage(user, done); });
  }
  auto targets(TargetsQuery query) {
    return ask<std::expected<std::vector<TargetRow>, std::string>>(
        [&](auto done) { store().read_targets(query, done); });
  }

 private:
  template <class Answer, class Ask>
  Answer ask(const Ask& question) {
    std::optional<Answer> answer;
    question([&answer](Answer given) { answer = std::move(given); });
    while (!answer) queue_.run_one();
    return std::move(*answer);
  }

  StoreOptions options_;
  PostQueue queue_;
  OpenStore open_;
};

}  // namespace halley::storage
