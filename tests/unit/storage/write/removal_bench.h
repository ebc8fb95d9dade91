// A store with a log of which something is to be removed, and what is found of it in the files.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/base/sqlite.h"
#include "storage/search/tokenizer.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

inline NetworkRow network_of(NetworkId id, UserId user, std::string name) {
  NetworkRow row;
  row.id = id;
  row.user = user;
  row.name = std::move(name);
  return row;
}

// Two users; the first with two networks whose events alternate.
inline void populate(TestStore& test, EventId count) {
  REQUIRE(
      test.commit({PutUser{{.id = 1, .name = "one"}}, PutUser{{.id = 2, .name = "two"}},
                   PutNetwork{network_of(1, 1, "a")}, PutNetwork{network_of(2, 1, "b")},
                   PutNetwork{network_of(3, 2, "a")}, PutChannel{{1, "#c", ""}}, PutChannel{{2, "#c", ""}},
                   PutDevice{{.id = 1, .user = 1, .name = "d"}}, PutDevice{{.id = 2, .user = 2, .name = "d"}},
                   PutSession{{.id = 1, .user = 1, .token_hash = ""}},
                   PutTicket{{.id = 1, .user = 1, .code_hash = ""}}, PutPasskey{{.id = 1, .user = 1}}}));
  for (const BufferId buffer : {11U, 12U, 13U}) {
    const UserId user = buffer == 13 ? 2 : 1;
    test.journal().append(BufferRecord{.id = buffer, .user = user, .network = buffer - 10, .name = "#c"});
    test.journal().append(StateRecord{.user = user,
                                      .network = buffer - 10,
                                      .device = user,
                                      .kind = 1,
                                      .value = "of a network and a device"});
    if (buffer != 12)
      test.journal().append(StateRecord{.user = user, .kind = 2, .key = "tab", .value = "of the user alone"});
  }
  for (EventId i = 0; i < count; ++i) {
    Sample sample = said(kStart + i, "comet " + std::to_string(i), i % 3 == 2 ? 2 : 1);
    sample.network = static_cast<NetworkId>(1 + i % 3);
    sample.buffers = {10 + sample.network, 50 + sample.network};
    if (i % 2 == 0) sample.buffers.pop_back();
    test.journal().append(sample.view());
  }
}

inline SearchQuery comets(UserId user) {
  SearchQuery query;
  query.user = user;
  query.text = "comet";
  query.limit = 100'000;
  return query;
}

inline std::size_t rows_of(TestStore& test, UserId user) {
  LogQuery query = log_of(user);
  query.max_rows = 1'000'000;
  query.max_bytes = 1'000'000'000;
  const auto page = test.log(query);
  REQUIRE(page);
  return page->events.size();
}

// Lets the background work come to its end: that many rows are left.
inline void wait_for_rows(TestStore& test, std::uint64_t rows) {
  while (test.store().figures().events != rows) std::this_thread::yield();
}

inline std::int64_t count(const fakes::TempDirectory& directory, const char* sql) {
  return Db{directory / "halley.db", Db::OpenMode::kReadOnly}.number(sql);
}

// Of all lines together: nothing of a removed line may be left there.
inline std::int64_t words_in_index(const fakes::TempDirectory& directory) {
  Db db{directory / "halley.db", Db::OpenMode::kReadWrite};
  const Tokenizer tokenizer{db};
  db.exec("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search, row)");
  return db.number("SELECT sum(doc) FROM temp.words");
}

// A file of the store that holds these bytes.
inline std::string file_with(const fakes::TempDirectory& directory, std::string_view bytes) {
  for (const auto& entry : std::filesystem::directory_iterator{directory.path()}) {
    std::ifstream stream{entry.path(), std::ios::binary};
    std::stringstream all;
    all << stream.rdbuf();
    if (all.str().find(bytes) != std::string::npos) return entry.path().filename();
  }
  return "";
}

// Lets the background work come to its end.
inline void settle(TestStore& test) {
  while (test.store().figures().removing) {
    test.queue().run_what_is_there();
    std::this_thread::yield();
  }
}

}  // namespace halley::storage
