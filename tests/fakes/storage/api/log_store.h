// A store that has what the test keeps in it, and answers when the test says so.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/storage/api/memory_store.h"

namespace halley::fakes {

class LogStore final : public MemoryStore {
 public:
  // Puts a copy of the event into the database. `applied`: the journal's offset behind it.
  void keep(const storage::Event& event, std::uint64_t offset) {
    Row& row = rows_.emplace_back();
    row.line = event.line;
    row.event = event;
    row.event.line = row.line;
    row.event.buffers = {};
    row.event.msgid = row.event.tags = {};
    applied = offset;
  }
  // Answers the oldest question that waits; false: there is none.
  bool answer() {
    if (questions.empty()) return false;
    auto question = std::move(questions.front());
    questions.pop_front();
    question();
    return true;
  }

  void read_log(storage::LogQuery query,
                std::function<void(std::expected<storage::Page, std::string>)> done) override {
    asked.push_back(query);
    questions.emplace_back([this, query, done = std::move(done)] {
      if (!broken.empty()) return done(std::unexpected(broken));
      storage::Page page;
      page.applied = applied;
      EventId prev = 0;
      for (const Row& row : rows_) {
        const EventId before = std::exchange(prev, row.event.id);
        if (row.event.id <= query.after || row.event.id > query.until) continue;
        if (query.network != 0 && row.event.network != query.network) continue;
        if (page.events.size() == rows_per_page) {
          page.more = true;
          break;
        }
        page.events.push_back(row.event);
        page.prev.push_back(before);
      }
      done(std::move(page));
    });
  }

  std::uint64_t applied = 0;
  std::size_t rows_per_page = 100;
  std::string broken;  // not empty: what every question is answered
  std::vector<storage::LogQuery> asked;
  std::deque<std::function<void()>> questions;

 private:
  struct Row {
    storage::Event event;
    std::string line;
  };
  std::deque<Row> rows_;  // never moved: events view their lines
};

}  // namespace halley::fakes
