// kill -9 in the middle of everything: what a client may have seen (an append that returned) is there after
// the next start, once and in order.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"
#include "tests/unit/storage/usage_check.h"

namespace halley::storage {
namespace {

// How far the child has come, in memory that outlives it.
class SharedCount {
 public:
  SharedCount()
      : page_(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
        count_(new (page_) std::atomic<std::uint64_t>{0}) {}
  ~SharedCount() { ::munmap(page_, 4096); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;
  std::atomic<std::uint64_t>& get() { return *count_; }

 private:
  void* page_;
  std::atomic<std::uint64_t>* count_;
};

// The child: appends until it is killed, telling of each event that it has appended.
[[noreturn]] void append_for_ever(const std::filesystem::path& directory,
                                  std::atomic<std::uint64_t>& appended) {
  TestStore test{directory, std::size_t{1} << 20};
  bool room = true;
  test.store().on_room([&room] { room = true; });
  EventId id = std::max(test.loaded().last_event + 1, kStart);
  while (true) {
    while (!test.journal().has_room(kMaxRecord)) {
      room = false;
      test.store().journal_grew();
      while (!room) test.queue().run_one();
    }
    const Sample sample = said(id, std::to_string(id) + std::string(id % 200, '.'));
    test.journal().append(sample.view());
    appended.store(id, std::memory_order_release);
    if (id % 16 == 0) test.store().journal_grew();
    ++id;
  }
}

EventId run_and_kill(const std::filesystem::path& directory, EventId from, std::uint64_t after) {
  SharedCount count;
  count.get() = from;
  const pid_t child = ::fork();
  if (child == 0) append_for_ever(directory, count.get());
  while (count.get().load(std::memory_order_acquire) < from + after) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) != 0) FAIL("the child died by itself");
    std::this_thread::yield();
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return count.get();
}

// All ids of the log, with each row's text held against its id.
std::vector<EventId> read_all(TestStore& test) {
  std::vector<EventId> ids;
  for (LogQuery query = log_of(1);;) {
    const auto page = test.log(query);
    REQUIRE(page);
    for (const Event& event : page->events) {
      REQUIRE(sample_of(event) ==
              said(event.id, std::to_string(event.id) + std::string(event.id % 200, '.')));
      ids.push_back(event.id);
    }
    if (!page->more) return ids;
    query.after = ids.back();
  }
}

}  // namespace

TEST_CASE("after kill -9 every event that was appended is in the log once, in order") {
  const fakes::TempDirectory directory;
  EventId seen = kStart - 1;
  for (const std::uint64_t after : {1UL, 7UL, 400UL, 3000UL, 20'000UL, 9000UL}) {
    seen = run_and_kill(directory.path(), seen, after);
    TestStore test{directory.path()};
    const auto ids = read_all(test);
    // At most the one whose append had not returned is there beyond.
    REQUIRE(ids.size() >= seen - kStart + 1);
    REQUIRE(ids.size() <= seen - kStart + 2);
    for (std::size_t i = 0; i < ids.size(); ++i) REQUIRE(ids[i] == kStart + i);
    CHECK(test.loaded().last_event == ids.back());
    CHECK(checked_usage(directory.path()).starts_with("1 " + std::to_string(ids.size()) + " "));
    seen = ids.back();
  }
}

}  // namespace halley::storage
