// A store in memory for tests of accounts and commands: keeps what was committed, and fails when told to.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/api/store.h"

namespace halley::fakes {

class MemoryStore : public storage::Store {
 public:
  void commit(std::vector<storage::Change> changes, std::function<void(storage::Status)> done) override {
    ++commits;
    for (auto& change : changes) committed.push_back(std::move(change));
    if (held) {
      waiting.push_back(std::move(done));
    } else if (done) {
      done(failure.empty() ? storage::Status{} : std::unexpected(failure));
    }
  }
  bool takes_commits() const override { return !full; }
  void read_log(storage::LogQuery, std::function<void(std::expected<storage::Page, std::string>)>) override {}
  void skip_to_newest(storage::LogQuery,
                      std::function<void(std::expected<storage::Skip, std::string>)>) override {}
  // Each mark is as far behind as `lag` says.
  void read_lags(storage::LagQuery query,
                 std::function<void(std::expected<std::vector<storage::Lag>, std::string>)> done) override {
    done(std::vector<storage::Lag>(query.marks.size(), lag));
  }
  void read_history(storage::HistoryQuery,
                    std::function<void(std::expected<storage::Page, std::string>)>) override {}
  void read_targets(
      storage::TargetsQuery,
      std::function<void(std::expected<std::vector<storage::TargetRow>, std::string>)>) override {}
  void search(storage::SearchQuery, std::function<void(std::expected<storage::Page, std::string>)>) override {
  }
  void read_buffers(
      storage::UserId,
      std::function<void(std::expected<std::vector<storage::BufferRow>, std::string>)>) override {}
  void read_states(
      storage::UserId user, std::uint16_t kind,
      std::function<void(std::expected<std::vector<storage::StateRow>, std::string>)> done) override {
    std::vector<storage::StateRow> of_user;
    for (const storage::StateRow& row : states) {
      if (row.user == user && row.kind == kind) of_user.push_back(row);
    }
    done(std::move(of_user));
  }
  void read_usage(
      storage::UserId user,
      std::function<void(std::expected<std::vector<storage::LogUsage>, std::string>)> done) override {
    std::vector<storage::LogUsage> of_them;
    for (const storage::LogUsage& one : usage) {
      if (user == 0 || one.user == user) of_them.push_back(one);
    }
    done(std::move(of_them));
  }
  void run_errand(storage::Errand errand,
                  std::function<void(std::expected<storage::ErrandReport, std::string>)> done) override {
    for (const storage::WorkProgress& one : news) {
      if (errand.on_progress) errand.on_progress(one);
    }
    done(storage::ErrandReport{});
  }
  void on_room(std::function<void()>) override {}
  void journal_grew() override {}
  void spoken(storage::EventId) override {}
  storage::StoreFigures figures() const override { return told; }

  template <typename T>
  std::size_t count() const {
    std::size_t number = 0;
    for (const auto& change : committed) number += std::holds_alternative<T>(change) ? 1 : 0;
    return number;
  }
  template <typename T>
  const T& last() const {
    for (auto at = committed.rbegin(); at != committed.rend(); ++at) {
      if (const T* found = std::get_if<T>(&*at)) return *found;
    }
    throw std::logic_error("no such change was committed");
  }

  std::vector<storage::StateRow> states;
  storage::Lag lag;
  std::vector<storage::LogUsage> usage;
  std::vector<storage::Change> committed;
  std::size_t commits = 0;
  storage::StoreFigures told;
  std::string failure;                      // not empty: what every commit answers
  std::vector<storage::WorkProgress> news;  // what each errand tells who looks on
  bool full = false;                        // too many commits wait
  bool held = false;                        // keep the answers back
  std::vector<std::function<void(storage::Status)>> waiting;
};

}  // namespace halley::fakes
