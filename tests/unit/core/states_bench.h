// Durable states over a journal of their own: what was loaded, and what has been put since.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/core/durable_state.h"
#include "tests/fakes/storage/api/memory_store.h"
#include "tests/fakes/temp_directory.h"

namespace halley::tests {

struct StatesBench {
  explicit StatesBench(std::vector<storage::StateRow> loaded = {}, std::size_t bytes = std::size_t{1} << 20)
      : journal(*storage::Journal::open(directory / "journal", 0, bytes)),
        states(*journal, store, std::move(loaded)) {}
  // What was put, each as `text` tells it.
  template <typename Text>
  std::vector<std::string> put(const Text& text) const {
    std::vector<std::string> all;
    journal->scan(0, [&](const storage::Record& record) {
      all.push_back(text(std::get<storage::StateRecord>(record)));
      return true;
    });
    return all;
  }

  fakes::TempDirectory directory;
  fakes::MemoryStore store;
  std::unique_ptr<storage::Journal> journal;
  DurableState states;
};

}  // namespace halley::tests
