#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "storage/journal/mapped_journal.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"

namespace halley::storage {
namespace {

constexpr std::size_t kSmall = 4 * kMaxRecord;  // the smallest ring there is

std::unique_ptr<MappedJournal> open_journal(const std::filesystem::path& file, std::uint64_t applied = 0,
                                            std::size_t size = kSmall) {
  auto journal = Journal::open(file, applied, size);
  if (!journal) throw std::runtime_error(journal.error());
  return std::unique_ptr<MappedJournal>(static_cast<MappedJournal*>(journal->release()));
}

// The events from `from` on, as the consumer sees them; the rest of the records are passed over.
std::vector<Sample> consume_all(MappedJournal& journal, std::uint64_t& at) {
  std::vector<Sample> seen;
  while (at < journal.head()) {
    at = journal.consume(at, 1000, [&seen](const Record& record) {
      if (const auto* event = std::get_if<Event>(&record)) seen.push_back(sample_of(*event));
    });
  }
  return seen;
}

std::string refusal(const std::filesystem::path& file) {
  auto journal = Journal::open(file, 0, kSmall);
  return journal ? "" : journal.error();
}

void overwrite(const std::filesystem::path& file, std::size_t at, std::string_view bytes) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekp(static_cast<std::streamoff>(at));
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_CASE("the largest event and the largest state that the bounds allow are records") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal");
  // A line of 12,287 bytes, tags and a msgid of 8,191 each, shown in 255 buffers.
  Sample event = said(5, std::string(12'287, 'l'));
  event.tags = std::string(8'191, 't');
  event.msgid = std::string(8'191, 'm');
  for (BufferId buffer = 1; buffer < 255; ++buffer) event.buffers.push_back(buffer);
  const std::string key(kMaxStateKey, 'k'), value(kMaxStateValue, 'v');
  StateRecord state;
  state.user = 1;
  state.key = key;
  state.value = value;
  journal->append(event.view());
  journal->append(state);
  bool event_came = false, state_came = false;
  std::uint64_t at = 0;
  while (at < journal->head()) {
    at = journal->consume(at, 1000, [&](const Record& record) {
      if (const auto* one = std::get_if<Event>(&record))
        event_came = one->line == event.line && one->msgid == event.msgid &&
                     one->buffers.size() == event.buffers.size();
      if (const auto* one = std::get_if<StateRecord>(&record))
        state_came = one->key == key && one->value == value;
    });
  }
  CHECK(event_came);
  CHECK(state_came);
}

TEST_CASE("records of every type come out as they went in") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal");
  Sample full = said(kStart, "hello");
  full.time_ms += 123;
  full.flags = 200;
  full.buffers = {1, 2, 0xFFFFFFFF};
  full.msgid = "abc";
  full.tags = "+draft/reply=xyz";
  Sample bare = said(kStart + 1, "");
  bare.buffers.clear();
  bare.line = "";
  bare.text_at = 0;
  const Event viewed = journal->append(full.view());
  CHECK(sample_of(viewed) == full);
  journal->append(bare.view());
  journal->append(BufferRecord{.id = 5, .user = 6, .network = 7, .name = "#comet"});
  const std::string bytes{"\0\xFF value", 8};
  journal->append(
      StateRecord{.user = 6, .network = 7, .device = 8, .kind = 65'535, .key = bytes, .value = "42"});
  journal->append(StateRecord{.user = 6, .kind = 1});

  std::vector<Record> records;
  const auto end =
      journal->consume(0, 1 << 20, [&records](const Record& record) { records.push_back(record); });
  CHECK(end == journal->head());
  REQUIRE(records.size() == 5);
  CHECK(sample_of(std::get<Event>(records[0])) == full);
  CHECK(sample_of(std::get<Event>(records[1])) == bare);
  const auto buffer = std::get<BufferRecord>(records[2]);
  CHECK((buffer.id == 5 && buffer.user == 6 && buffer.network == 7 && buffer.name == "#comet"));
  const auto state = std::get<StateRecord>(records[3]);
  CHECK((state.user == 6 && state.network == 7 && state.device == 8 && state.kind == 65'535));
  CHECK((state.key == bytes && state.value == "42"));
  const auto removed = std::get<StateRecord>(records[4]);
  CHECK((removed.user == 6 && removed.key.empty() && removed.value.empty()));
}

TEST_CASE("the ring comes round many times, whatever the records' sizes, and loses none") {
  const fakes::TempDirectory directory;
  auto journal = open_journal(directory / "journal");
  std::uint64_t at = 0;
  EventId id = kStart;
  std::uint64_t random = 1;
  std::vector<Sample> waiting;
  for (int round = 0; round < 3000; ++round) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const std::size_t size = (random >> 33) % 7 == 0 ? (random >> 40) % 30'000 : (random >> 40) % 300;
    Sample sample = said(id++, std::string(size, 'x'));
    if (!journal->has_room(kMaxRecord)) {
      REQUIRE(consume_all(*journal, at) == waiting);
      waiting.clear();
      journal->release(at);
      REQUIRE(journal->has_room(kMaxRecord));
    }
    journal->append(sample.view());
    waiting.push_back(std::move(sample));
    if (round % 500 == 499) {
      // A restart in between: what was not released is found again.
      const auto head = journal->head();
      journal.reset();
      journal = open_journal(directory / "journal", at);
      REQUIRE(journal->head() == head);
    }
  }
  CHECK(consume_all(*journal, at) == waiting);
  CHECK(at > 20 * kSmall);
}

TEST_CASE("a full ring says no until the consumer has made room, and tells it that somebody waits") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal", 0, 8 * kSmall);
  std::size_t appended = 0;
  while (journal->has_room(kMaxRecord)) {
    journal->append(said(kStart + appended, std::string(5000, 'y')).view());
    ++appended;
  }
  CHECK(appended > 8);
  CHECK_FALSE(journal->room_again());
  std::uint64_t at = journal->consume(0, 6000, [](const Record&) {});
  journal->release(at);
  CHECK_FALSE(journal->room_again());  // not worth waking anybody
  consume_all(*journal, at);
  journal->release(at);
  CHECK(journal->room_again());
  CHECK_FALSE(journal->room_again());
  CHECK(journal->has_room(kMaxRecord));
}

TEST_CASE("what is applied and not yet released keeps its place: a power cut may take it from the database") {
  const fakes::TempDirectory directory;
  auto journal = open_journal(directory / "journal", 0, 8 * kSmall);
  std::vector<Sample> written;
  std::uint64_t at = 0;
  while (journal->has_room(kMaxRecord)) {
    written.push_back(said(kStart + written.size(), std::string(5000, 'y')));
    journal->append(written.back().view());
    consume_all(*journal, at);
    journal->applied(at);
    CHECK(journal->pending() == 0);
  }
  CHECK(journal->unreleased() == at);
  CHECK(journal->used() == at);
  CHECK_FALSE(journal->room_again());
  journal.reset();
  journal = open_journal(directory / "journal", 0, 8 * kSmall);
  at = 0;
  CHECK((consume_all(*journal, at) == written));
  journal->release(at);
  CHECK(journal->unreleased() == 0);
  CHECK(journal->has_room(kMaxRecord));
}

TEST_CASE("a full ring still takes what is appended without asking") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal");
  for (EventId id = kStart; journal->has_room(1000); ++id) journal->append(said(id, "x").view());
  for (DeviceId device = 0; device < 100; ++device)
    journal->append(StateRecord{.user = 1, .network = 1, .device = device, .kind = 1, .value = "1"});
  std::uint64_t at = 0;
  CHECK(consume_all(*journal, at).size() > 500);
}

TEST_CASE("when the consumer keeps up, only the beginning of the ring is used") {
  const fakes::TempDirectory directory;
  const std::size_t size = std::size_t{4} << 20;
  auto journal = open_journal(directory / "journal", 0, size);
  std::uint64_t at = 0, furthest = 0;
  for (EventId id = kStart; id < kStart + 50'000; ++id) {
    journal->append(
        said(id, "about a hundred bytes of text, such as people say to one another on a quiet evening")
            .view());
    const std::uint64_t head = journal->head();
    if (id % 16 == 0) {
      const auto seen = consume_all(*journal, at);
      REQUIRE(seen.back().id == id);
      journal->release(at);
    }
    furthest = std::max(furthest, head % size);
  }
  CHECK(journal->head() / size > 10);
  CHECK(furthest < 300 * 1024);

  SECTION("and right after a rewind the whole ring is free: a crash finds all that was written into it") {
    while (journal->head() % size <= 256 * 1024) {
      journal->append(said(kStart + 99'999, "x").view());
      consume_all(*journal, at);
      journal->release(at);
    }
    std::vector<Sample> written;
    for (EventId id = kStart + 100'000; journal->has_room(kMaxRecord); ++id) {
      written.push_back(said(id, std::string(3000, 'z')));
      journal->append(written.back().view());
    }
    CHECK(written.size() > 1000);
    CHECK(journal->head() % size > at % size);  // the consumer's place was written over
    journal.reset();
    journal = open_journal(directory / "journal", at);
    CHECK((consume_all(*journal, at) == written));
  }
}

TEST_CASE("scan gives what is still in the ring and refuses what is not") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal", 0, std::size_t{2} << 20);
  std::uint64_t at = 0;
  std::vector<std::pair<std::uint64_t, EventId>> offsets;  // of each event: where it begins
  const auto newest_from = [&](std::uint64_t from) {
    std::vector<EventId> ids;
    const auto end = journal->scan(from, [&ids](const Record& record) {
      ids.push_back(std::get<Event>(record).id);
      return true;
    });
    if (end) CHECK(*end == journal->head());
    return end ? ids : std::vector<EventId>{};
  };
  for (EventId id = kStart; id < kStart + 20'000; ++id) {
    const auto before = journal->head();
    journal->append(said(id, std::string(id % 3 == 0 ? 700 : 60, 'x')).view());
    offsets.emplace_back(before, id);
    if (id % 50 == 0) {
      consume_all(*journal, at);
      journal->release(at);
    }
    if (id % 97 != 0) continue;
    CHECK(newest_from(journal->head()).empty());
    CHECK(newest_from(before) == std::vector<EventId>{id});
    // Either nothing, or every event from there on, in order.
    for (const std::size_t back : {10UL, 100UL, 400UL, 2000UL, 9000UL}) {
      if (back > offsets.size()) continue;
      const std::size_t first = offsets.size() - back;
      const auto ids = newest_from(offsets[first].first);
      if (ids.empty()) continue;
      REQUIRE(ids.size() == back);
      REQUIRE(ids.front() == offsets[first].second);
      REQUIRE(ids.back() == id);
    }
  }
  CHECK_FALSE(newest_from(offsets[offsets.size() - 10].first).empty());
  const auto all = [](const Record&) { return true; };
  CHECK_FALSE(journal->scan(0, all));
  CHECK_FALSE(journal->scan(journal->head() + 8, all));
}

TEST_CASE("an event's place is found, or not known, but never wrong") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal", 0, std::size_t{2} << 20);
  CHECK_FALSE(journal->find(kStart));
  std::uint64_t at = 0;
  std::size_t found = 0, refused = 0;
  for (EventId id = kStart; id < kStart + 30'000; ++id) {
    journal->append(said(id, std::string(id % 3 == 0 ? 700 : 60, 'x')).view());
    if (id % 50 == 0) {
      consume_all(*journal, at);
      journal->release(at);
    }
    if (id % 97 != 0) continue;
    for (const EventId back : {0UL, 1UL, 10UL, 500UL, 5000UL}) {
      if (id < kStart + back) continue;
      const EventId after = id - back;
      const auto from = journal->find(after);
      EventId next = after + 1;
      const auto end = from ? journal->scan(*from,
                                            [&](const Record& record) {
                                              const EventId seen = std::get<Event>(record).id;
                                              if (seen > after) REQUIRE(seen == next++);
                                              return true;
                                            })
                            : std::nullopt;
      if (end) REQUIRE(next == id + 1);
      ++(end ? found : refused);
    }
  }
  CHECK(found > 800);
  CHECK(refused > 100);  // overwritten
}

TEST_CASE("a scan that is stopped goes on where it stood") {
  const fakes::TempDirectory directory;
  const auto journal = open_journal(directory / "journal");
  for (EventId id = kStart; id < kStart + 100; ++id) journal->append(said(id, "line").view());
  std::vector<EventId> ids;
  std::uint64_t at = journal->released();
  for (std::size_t part = 1; at != journal->head(); ++part) {
    const auto stop = journal->scan(at, [&](const Record& record) {
      if (ids.size() == 7 * part) return false;
      ids.push_back(std::get<Event>(record).id);
      return true;
    });
    REQUIRE(stop);
    at = *stop;
  }
  REQUIRE(ids.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(ids[i] == kStart + i);
}

TEST_CASE("a journal that is not ours, newer or damaged is refused with what to do, and left as it is") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  open_journal(file)->append(said(kStart, "kept").view());
  CHECK(refusal(file).empty());

  SECTION("foreign") {
    overwrite(file, 0, "SQLite format 3");
    CHECK_THAT(refusal(file), Catch::Contains("is not Halley's journal; move it away"));
  }
  SECTION("newer") {
    overwrite(file, 8, std::string{"\3\0\0\0", 4});
    CHECK_THAT(refusal(file), Catch::Contains("journal format 3; this one knows 2"));
  }
  SECTION("of the other byte order") {
    overwrite(file, 8, std::string{"\0\0\0\1", 4});
    CHECK_THAT(refusal(file), Catch::Contains("journal format"));
  }
  SECTION("of an impossible size") {
    overwrite(file, 16, std::string(8, '\xFF'));
    CHECK_THAT(refusal(file), Catch::Contains("damaged or cut short"));
  }
  SECTION("cut short") {
    std::filesystem::resize_file(file, 50'000);
    CHECK_THAT(refusal(file), Catch::Contains("damaged or cut short"));
  }
  SECTION("a directory") {
    CHECK_THAT(refusal(directory.path()), Catch::Contains("cannot open"));
  }
}

TEST_CASE("a journal that was being made when the machine stopped is made again") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  std::ofstream{file}.close();
  CHECK(open_journal(file)->head() == 0);
  std::filesystem::resize_file(file, 0);
  std::filesystem::resize_file(file, 5000);
  CHECK(open_journal(file, 64)->head() == 64);
}

TEST_CASE("an existing journal keeps its size") {
  const fakes::TempDirectory directory;
  open_journal(directory / "journal", 0, kSmall);
  CHECK(open_journal(directory / "journal", 0, 8 * kSmall)->size() == kSmall);
}

TEST_CASE("a journal bears its database, and another's is refused and left as it is") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  const auto open_for = [&file](std::uint64_t owner) { return Journal::open(file, 0, kSmall, owner); };
  (*open_for(7))->append(said(kStart, "kept").view());
  const auto refused = open_for(8);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("belongs to another database"));
  auto again = open_for(7);
  REQUIRE(again);
  std::uint64_t at = 0;
  CHECK(consume_all(static_cast<MappedJournal&>(**again), at).size() == 1);
}

TEST_CASE("what a start finds damaged is said, once; what is whole is not") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  std::uint64_t second = 0, end = 0;
  {
    const auto journal = open_journal(file);
    journal->append(said(kStart, "first").view());
    second = journal->head();
    for (EventId i = 1; i < 50; ++i) journal->append(said(kStart + i, "more").view());
    end = journal->head();
  }
  CHECK(open_journal(file)->damage().empty());
  std::string expected;
  std::uint64_t left = 1;
  SECTION("a bit is wrong") {
    overwrite(file, 4096 + second + 30, "\xFF");
    expected = "journal is damaged";
  }
  SECTION("a page was never written") {
    overwrite(file, 4096 + second, std::string(100, '\0'));
    expected = "journal is damaged";
  }
  SECTION("the last record is torn") {
    overwrite(file, 4096 + end, "\x11");
    expected = "in the middle of a line";
    left = 50;
  }
  {
    const auto journal = open_journal(file);
    CHECK_THAT(journal->damage(), Catch::Contains(expected));
    std::uint64_t at = 0;
    CHECK(consume_all(*journal, at).size() == left);
    journal->append(said(kStart + 100, "after").view());
    CHECK(consume_all(*journal, at).size() == 1);
  }
  const auto journal = open_journal(file);
  CHECK(journal->damage().empty());
  std::uint64_t at = 0;
  CHECK(consume_all(*journal, at).size() == left + 1);
}

TEST_CASE("a database that is older than what the journal was released for has lost lines") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  {
    const auto journal = open_journal(file);
    std::uint64_t at = 0;
    // Twice round the ring: what an older database would need is gone.
    for (EventId id = kStart; at < 2 * kSmall; ++id) {
      journal->append(said(id, std::string(1000, 'x')).view());
      consume_all(*journal, at);
      journal->release(at);
    }
    CHECK(open_journal(file, at)->damage().empty());
  }
  CHECK_THAT(open_journal(file, 8000)->damage(), Catch::Contains("older than the journal"));
  CHECK(open_journal(file, 8000)->damage().empty());
}

TEST_CASE("a journal that is cut short while it is open ends nobody, and goes on") {
  const fakes::TempDirectory directory;
  const auto file = directory / "journal";
  const auto journal = open_journal(file);
  std::uint64_t at = 0;
  journal->append(said(kStart, "safe").view());
  consume_all(*journal, at);
  journal->append(said(kStart + 1, "lost").view());
  REQUIRE_FALSE(journal->cut_short());
  const auto size = GENERATE(0, 4096);
  std::filesystem::resize_file(file, static_cast<std::uintmax_t>(size));
  if (GENERATE(true, false)) CHECK(consume_all(*journal, at).empty());
  const Sample after = said(kStart + 2, "after");
  journal->append(after.view());
  const auto rest = consume_all(*journal, at);
  CHECK(journal->cut_short());
  // All that was in the ring is passed over, or only what went.
  for (const Sample& sample : rest) CHECK(sample == after);
  journal->append(said(kStart + 3, "as before").view());
  CHECK(consume_all(*journal, at).size() == 1);
  CHECK(std::filesystem::file_size(file) == 4096 + kSmall);
}

}  // namespace halley::storage
