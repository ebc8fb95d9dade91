// A power cut: of each file the disk has what was last synced, or, by luck, anything newer. Whatever it is,
// the next start finds every line up to a sync, none missing in between.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/fakes/storage/base/failing_disk.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"
#include "tests/unit/storage/usage_check.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

std::function<void()> journal_synced;  // told before each msync() of this program

std::string bytes_of(const fs::path& file) {
  std::string bytes(fs::file_size(file), '\0');
  std::ifstream{file, std::ios::binary}.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// Keeps what the disk would have if the power went now, and which events must be found there.
class PowerCuts {
 public:
  PowerCuts(fs::path directory, fs::path images)
      : directory_(std::move(directory)), images_(std::move(images)) {
    disk_.before_sync([this](const fs::path& file) {
      if (file.parent_path() != directory_) return;
      // The database as it was synced before; the journal as it is at this moment.
      if (++syncs_ % 5 == 0) keep();
      synced_[file.filename()] = bytes_of(file);
    });
    journal_synced = [this] {
      ++journal_syncs;
      keep();
    };
  }
  ~PowerCuts() { journal_synced = nullptr; }
  PowerCuts(const PowerCuts&) = delete;
  PowerCuts& operator=(const PowerCuts&) = delete;

  // The image: its directory, and the newest event that was appended before it was taken.
  const std::vector<std::pair<fs::path, EventId>>& images() const { return kept_; }
  std::atomic<EventId> appended{kStart - 1};
  std::atomic<int> journal_syncs{0};

 private:
  void keep() {
    const EventId newest = appended;
    const fs::path image = images_ / std::to_string(kept_.size());
    fs::create_directories(image);
    for (const auto& [name, bytes] : synced_)
      if (fs::exists(directory_ / name)) std::ofstream{image / name, std::ios::binary} << bytes;
    // It is made once the database is on the disk.
    if (const fs::path journal = directory_ / "halley.journal"; fs::exists(journal))
      std::ofstream{image / "halley.journal", std::ios::binary} << bytes_of(journal);
    kept_.emplace_back(image, newest);
  }

  const fs::path directory_, images_;
  fakes::FailingDisk disk_;
  int syncs_ = 0;
  std::map<std::string, std::string> synced_;       // by name
  std::vector<std::pair<fs::path, EventId>> kept_;  // the storage thread's, until the store is closed
};

// How many events from kStart on are there, without a gap.
std::uint64_t found_after_start(const fs::path& image) {
  TestStore test{image};
  EventId next = kStart;
  for (LogQuery query = log_of(1);;) {
    const auto page = test.log(query);
    REQUIRE(page);
    for (const Event& event : page->events) REQUIRE(event.id == next++);
    query.after = next - 1;
    if (page->more) continue;
    checked_usage(image);
    return next - kStart;
  }
}

void check_all(const PowerCuts& cuts) {
  for (const auto& [image, newest] : cuts.images()) {
    INFO(image);
    CHECK(found_after_start(image) >= newest + 1 - kStart);
  }
}

void append(TestStore& test, PowerCuts& cuts, EventId id) {
  test.journal().append(said(id, std::string(id % 300, '.')).view());
  test.store().journal_grew();
  cuts.appended = id;
}

}  // namespace

TEST_CASE("a power cut in a flood finds in the journal what the database has not been synced with") {
  const fakes::TempDirectory directory;
  PowerCuts cuts{directory.path() / "data", directory.path() / "images"};
  {
    TestStore test{directory.path() / "data"};
    bool room = true;
    test.store().on_room([&room] { room = true; });
    for (EventId id = kStart; id < kStart + 45'000; ++id) {
      while (!test.journal().has_room(kMaxRecord)) {
        room = false;
        test.store().journal_grew();
        while (!room) test.queue().run_one();
      }
      append(test, cuts, id);
    }
  }
  CHECK(cuts.images().size() >= 3);  // the ring came round several times
  check_all(cuts);
}

TEST_CASE("while lines keep coming they are gathered, and the journal is synced meanwhile") {
  const fakes::TempDirectory directory;
  PowerCuts cuts{directory.path() / "data", directory.path() / "images"};
  {
    TestStore test{directory.path() / "data"};
    EventId id = kStart;
    for (auto last = std::chrono::steady_clock::now(); cuts.journal_syncs < 2;) {
      const auto now = std::chrono::steady_clock::now();
      if (now - last < std::chrono::milliseconds{1}) {
        std::this_thread::yield();
        continue;
      }
      last = now;
      append(test, cuts, id++);
    }
  }
  check_all(cuts);
}

}  // namespace halley::storage

// The C library's, with somebody told first.
extern "C" int msync(void* at, std::size_t size, int flags) {
  if (halley::storage::journal_synced) halley::storage::journal_synced();
  return static_cast<int>(::syscall(SYS_msync, at, size, flags));
}
