#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

std::string refusal(const std::filesystem::path& directory) {
  auto opened =
      open_store({.directory = directory, .journal_bytes = 1 << 20}, [](const std::function<void()>&) {});
  return opened ? "" : opened.error();
}

Sample with_everything(EventId id) {
  Sample sample = said(id, "caf\xC3\xA9 \xFF\xFE not UTF-8");
  sample.time_ms -= 4321;
  sample.kind = 31;
  sample.flags = 255;
  sample.buffers = {7, 8, 4'000'000'000U};
  sample.msgid = "given-by-the-network";
  sample.tags = "+draft/reply=abc;account=x";
  return sample;
}

}  // namespace

TEST_CASE("the log gives back what the journal took, read at once") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  const std::vector<Sample> samples{said(kStart, "one"), with_everything(kStart + 5),
                                    said(kStart + 9, "three")};
  for (const Sample& sample : samples) test.journal().append(sample.view());
  test.journal().append(said(kStart + 10, "for another", 2).view());

  const auto page = test.log(log_of(1));
  REQUIRE(page);
  CHECK(samples_of(*page) == samples);
  CHECK(page->prev == std::vector<EventId>{0, kStart, kStart + 5});
  CHECK_FALSE(page->more);
  CHECK(page->applied == test.journal().head());

  test.reopen();
  CHECK(samples_of(*test.log(log_of(1))) == samples);
  CHECK(ids_of(*test.log(log_of(2))) == std::vector<EventId>{kStart + 10});
  CHECK(test.store().figures().events == 4);
  CHECK(test.loaded().heads == std::vector<std::pair<UserId, EventId>>{});  // nobody has an account
}

TEST_CASE("settings without a column are loaded with their user or network, and go with it") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  UserRow first{.id = 1, .name = "first", .settings = {{"a", "1"}, {"b", "2"}}};
  UserRow second{.id = 2, .name = "second"};
  UserRow third{.id = 3, .name = "third", .settings = {{"a", "3"}}};
  NetworkRow network, other;
  network.id = 7;
  network.user = 1;
  network.name = "libera";
  network.settings = {{"a", "not the user's"}};
  other = network;
  other.id = 8;
  other.name = "oftc";
  REQUIRE(
      test.commit({PutUser{first}, PutUser{second}, PutUser{third}, PutNetwork{network}, PutNetwork{other}}));
  test.reopen();
  REQUIRE(test.loaded().users.size() == 3);
  CHECK(test.loaded().users[0].settings == first.settings);
  CHECK(test.loaded().users[1].settings.empty());
  CHECK(test.loaded().users[2].settings == third.settings);
  REQUIRE(test.loaded().networks.size() == 2);
  CHECK(test.loaded().networks[0].settings == network.settings);

  first.settings = {{"b", "4"}};
  REQUIRE(test.commit({PutUser{first}, RemoveNetwork{7}, RemoveUser{3}}));
  test.reopen();
  CHECK(test.loaded().users[0].settings == first.settings);
  REQUIRE(test.loaded().networks.size() == 1);
  CHECK(test.loaded().networks[0].settings == network.settings);
  test.close();
  CHECK(Db{directory / "halley.db", Db::OpenMode::kReadOnly}.number("SELECT count(*) FROM setting") == 2);
}

namespace {

// 200 events of user 1, every third of network 2, the others of network 1.
struct Paged {
  Paged() : test(directory.path()) {
    for (EventId i = 0; i < 200; ++i) {
      Sample sample = said(kStart + i * 10, std::string(i % 50, 'x'));
      sample.network = i % 3 == 0 ? 2 : 1;
      all.push_back(sample.id);
      if (sample.network == 2) second.push_back(sample.id);
      test.journal().append(sample.view());
    }
  }
  const std::vector<EventId>& of(NetworkId network) const { return network == 0 ? all : second; }
  LogQuery query(NetworkId network) const {
    LogQuery query = log_of(1);
    query.network = network;
    return query;
  }
  void check_prev(const Page& page) const {
    REQUIRE(page.prev.size() == page.events.size());
    for (std::size_t i = 0; i < page.events.size(); ++i) {
      const EventId id = page.events[i].id;
      REQUIRE(page.prev[i] == (id == all.front() ? 0 : id - 10));
    }
  }

  fakes::TempDirectory directory;
  TestStore test;
  std::vector<EventId> all, second;
};

}  // namespace

TEST_CASE("the log as it is in the database: the rest is found in the journal, with no gap") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  EventId id = kStart;
  for (const std::size_t more : {0UL, 1UL, 200UL, 7UL}) {
    for (const EventId end = id + more; id < end;) test.journal().append(said(id++, "line").view());
    LogQuery query = log_of(1);
    query.as_it_is = true;
    const auto page = test.log(query);
    REQUIRE(page);
    std::vector<EventId> ids = ids_of(*page);
    CHECK(test.journal().scan(page->applied, [&ids](const Record& record) {
      ids.push_back(std::get<Event>(record).id);
      return true;
    }));
    REQUIRE(ids.size() == id - kStart);
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] == kStart + i);
  }
}

TEST_CASE("the log is read in pages, oldest first, and each event names the one before it") {
  Paged paged;
  const NetworkId network = GENERATE(0U, 2U);
  std::vector<EventId> seen;
  LogQuery query = paged.query(network);
  query.max_rows = 7;
  while (true) {
    const auto page = paged.test.log(query);
    REQUIRE(page);
    REQUIRE(page->events.size() <= 7);
    paged.check_prev(*page);
    for (const EventId id : ids_of(*page)) seen.push_back(id);
    if (!page->more) break;
    query.after = seen.back();
  }
  CHECK(seen == paged.of(network));
}

TEST_CASE("the log is read from its end, and between two ids") {
  Paged paged;
  const NetworkId network = GENERATE(0U, 2U);
  const std::vector<EventId>& expected = paged.of(network);
  LogQuery query = paged.query(network);
  query.max_rows = 7;
  query.newest = true;
  const auto page = paged.test.log(query);
  CHECK(ids_of(*page) == std::vector<EventId>(expected.end() - 7, expected.end()));
  CHECK(page->more);
  paged.check_prev(*page);
  query.max_rows = 1000;
  const auto whole = paged.test.log(query);
  CHECK(ids_of(*whole) == expected);
  CHECK_FALSE(whole->more);
  paged.check_prev(*whole);

  query.newest = false;
  query.after = expected[3];
  query.until = expected[9];
  CHECK(ids_of(*paged.test.log(query)) == std::vector<EventId>(expected.begin() + 4, expected.begin() + 10));
  query.until = query.after;
  CHECK(ids_of(*paged.test.log(query)).empty());
}

TEST_CASE("a page has as many bytes as asked for, but always one row") {
  Paged paged;
  LogQuery query = paged.query(2);
  query.max_bytes = 1;
  const auto page = paged.test.log(query);
  CHECK(ids_of(*page) == std::vector<EventId>{paged.second[0]});
  CHECK(page->more);
}

TEST_CASE("the store tells where the newest 20 begin, and how many that leaves out") {
  Paged paged;
  const NetworkId network = GENERATE(0U, 2U);
  const std::vector<EventId>& expected = paged.of(network);
  LogQuery query = paged.query(network);
  query.after = expected[1];
  query.max_rows = 20;
  const auto skip = paged.test.skip(query);
  REQUIRE(skip);
  CHECK(skip->after == expected[expected.size() - 21]);
  CHECK(skip->left_out == expected.size() - 22);
  query.max_rows = expected.size();
  CHECK(paged.test.skip(query)->after == expected[1]);
  CHECK(paged.test.skip(query)->left_out == 0);
}

TEST_CASE("accounts are loaded again after a restart, as they were last put") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  UserRow user{.id = 4, .name = "edmond", .password_hash = "$argon2id$x", .admin = true, .created_ms = 12};
  NetworkRow network;
  network.id = 9;
  network.user = 4;
  network.name = "libera";
  network.urls = "ircs://irc.example.org";
  network.nick = "Ed";
  network.on_connect = "MODE Ed +i\nPRIVMSG x :y";
  network.sealed_sasl_password = std::string{"\0\1\2", 3};
  DeviceRow phone{.id = 2, .user = 4, .name = "phone", .token_hash = "abc", .created_ms = 5, .seen_ms = 6};
  SessionRow session{.id = 77, .user = 4, .token_hash = "def", .agent = "Firefox", .address = "::1"};
  REQUIRE(
      test.commit({PutUser{user}, PutUser{{.id = 6, .name = "caroline", .enabled = false, .created_ms = 13}},
                   PutNetwork{network}, PutChannel{{9, "#comet", "key"}}, PutChannel{{9, "#left", ""}},
                   PutDevice{phone}, PutDevice{{.id = 3, .user = 4, .name = "lost", .token_hash = "abd"}},
                   PutSession{session}, PutSession{{.id = 78, .user = 4, .token_hash = "d"}}}));
  user.password_hash = "changed";
  network.nick = "Edmond";
  phone.seen_ms = 66;
  session.address = "::2";
  session.seen_ms = 99;
  REQUIRE(test.commit({PutUser{user}, PutNetwork{network}, RemoveChannel{9, "#left"}, RemoveDevice{3},
                       RemoveSession{78}, PutSession{session}, PutDevice{phone}}));
  const std::string epoch = test.loaded().epoch;
  test.reopen();
  const Loaded& loaded = test.loaded();
  CHECK(loaded.epoch == epoch);
  CHECK(epoch.size() == 16);
  REQUIRE(loaded.users.size() == 2);
  CHECK(loaded.users[0].name == "edmond");
  CHECK(loaded.users[0].password_hash == "changed");
  CHECK((loaded.users[0].admin && loaded.users[0].enabled && loaded.users[0].created_ms == 12));
  CHECK_FALSE(loaded.users[1].enabled);
  REQUIRE(loaded.networks.size() == 1);
  CHECK(loaded.networks[0].nick == "Edmond");
  CHECK(loaded.networks[0].on_connect == network.on_connect);
  CHECK(loaded.networks[0].sealed_sasl_password == network.sealed_sasl_password);
  REQUIRE(loaded.channels.size() == 1);
  CHECK((loaded.channels[0].name == "#comet" && loaded.channels[0].key == "key"));
  REQUIRE(loaded.devices.size() == 1);
  CHECK((loaded.devices[0].name == "phone" && loaded.devices[0].seen_ms == 66));
  REQUIRE(loaded.sessions.size() == 1);
  CHECK((loaded.sessions[0].address == "::2" && loaded.sessions[0].seen_ms == 99));
  // Ids of removed rows are not given again.
  CHECK((loaded.last_user == 6 && loaded.last_network == 9 && loaded.last_device == 3 &&
         loaded.last_session == 78));
}

TEST_CASE("a change that the database refuses fails alone and leaves nothing behind") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "taken"}}}));
  const auto refused =
      test.commit({PutUser{{.id = 2, .name = "other"}}, PutUser{{.id = 3, .name = "taken"}}});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("UNIQUE"));
  CHECK(test.commit({PutUser{{.id = 4, .name = "fourth"}}}));
  test.reopen();
  REQUIRE(test.loaded().users.size() == 2);
  CHECK(test.loaded().users[1].name == "fourth");
}

TEST_CASE("buffers and states: the last one counts, across restarts") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  NetworkRow network;
  network.id = 3;
  network.user = 1;
  REQUIRE(test.commit(
      {PutUser{{.id = 1, .name = "u"}}, PutNetwork{network}, PutDevice{{.id = 5, .user = 1, .name = "d"}}}));
  Journal& journal = test.journal();
  journal.append(BufferRecord{.id = 7, .user = 1, .network = 3, .name = "#comet"});
  journal.append(BufferRecord{.id = 8, .user = 1, .network = 3, .name = "#gone"});
  for (int i = 0; i < 10; ++i)
    journal.append(StateRecord{.user = 1, .network = 3, .device = 5, .kind = 1, .value = std::to_string(i)});
  journal.append(
      StateRecord{.user = 1, .network = 3, .device = 6, .kind = 1, .value = "of a device that is no more"});
  const std::string key{"\0key\xFF", 5};
  for (const NetworkId of : {0U, 3U})
    journal.append(StateRecord{.user = 1, .network = of, .kind = 9, .key = key, .value = "a"});
  REQUIRE(test.log(log_of(1)));  // the second half comes in a group of its own
  journal.append(StateRecord{.user = 1, .kind = 9, .key = key, .value = std::string(kMaxStateValue, 'x')});
  journal.append(StateRecord{.user = 1, .network = 3, .kind = 9, .key = key});
  journal.append(StateRecord{.user = 1, .network = 3, .kind = 9, .key = "never there"});
  for (int restart = 0; restart < 2; ++restart) {
    test.reopen();
    const Loaded& loaded = test.loaded();
    REQUIRE(loaded.buffers.size() == 2);
    CHECK(
        (loaded.buffers[0].id == 7 && loaded.buffers[0].name == "#comet" && loaded.buffers[0].network == 3));
    CHECK(loaded.last_buffer == 8);
    REQUIRE(loaded.states.size() == 2);
    CHECK((loaded.states[0].device == 5 && loaded.states[0].network == 3 && loaded.states[0].value == "9"));
    CHECK((loaded.states[1].kind == 9 && loaded.states[1].network == 0 && loaded.states[1].key == key));
    CHECK(loaded.states[1].value.size() == kMaxStateValue);
  }
}

TEST_CASE("states are loaded in the order in which they were last written") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}}));
  const auto put = [&test](std::string_view key) {
    test.journal().append(StateRecord{.user = 1, .kind = 2, .key = key, .value = "v"});
  };
  for (const char* key : {"c", "a", "b"}) put(key);
  REQUIRE(test.log(log_of(1)));
  put("c");
  put("d");
  put("a");
  test.reopen();
  put("b");
  test.reopen();
  std::string order;
  for (const StateRow& row : test.loaded().states) order += row.key;
  CHECK(order == "cdab");
}

TEST_CASE("of a user's states of a kind so many are kept, the newest") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}, PutUser{{.id = 2, .name = "v"}}}));
  test.journal().append(StateRecord{.user = 2, .kind = 2, .key = "another's", .value = "v"});
  test.journal().append(StateRecord{.user = 1, .kind = 3, .key = "of another kind", .value = "v"});
  for (std::size_t i = 0; i < kMostStates + 10; ++i)
    test.journal().append(StateRecord{.user = 1, .kind = 2, .key = std::to_string(i), .value = "v"});
  test.reopen();
  REQUIRE(test.loaded().states.size() == kMostStates + 2);
  CHECK(test.loaded().states[2].key == "10");
}

TEST_CASE("a second process is kept out, with the first one's number") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  CHECK_THAT(refusal(directory.path()),
             Catch::Contains("is in use by process " + std::to_string(::getpid())));
  test.close();
  CHECK(refusal(directory.path()).empty());
}

TEST_CASE("files are for their owner only") {
  const fakes::TempDirectory directory;
  const auto inside = directory / "new" / "data";
  {
    TestStore test{inside};
    test.journal().append(said(kStart, "secret").view());
    REQUIRE(test.log(log_of(1)));
    for (const auto& entry : std::filesystem::directory_iterator{inside}) {
      struct stat info {};
      REQUIRE(::stat(entry.path().c_str(), &info) == 0);
      INFO(entry.path());
      CHECK((info.st_mode & 077) == 0);
    }
  }
  struct stat info {};
  REQUIRE(::stat(inside.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("answers still on their way are dropped with the store") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  bool answered = false;
  test.store().read_log(log_of(1), [&answered](const auto&) { answered = true; });
  test.store().commit({PutUser{{.id = 1, .name = "u"}}}, [&answered](const Status&) { answered = true; });
  test.close();
  test.queue().run_what_is_there();
  CHECK_FALSE(answered);
  test.open();
  CHECK(test.loaded().users.size() == 1);  // but what was asked for was done
}

TEST_CASE("what a foreign or newer database is refused with") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  SECTION("not a database") {
    std::ofstream{file} << std::string(5000, 'x');
    CHECK_THAT(refusal(directory.path()), Catch::Contains("not a database"));
    CHECK(std::filesystem::file_size(file) == 5000);
  }
  SECTION("of another program") {
    Db{file, Db::OpenMode::kReadWrite}.exec("CREATE TABLE theirs (x)");
    CHECK_THAT(refusal(directory.path()), Catch::Contains("not Halley's; move it away"));
    CHECK(Db(file, Db::OpenMode::kReadOnly).number("SELECT count(*) FROM sqlite_schema") == 1);
  }
  SECTION("of a newer version") {
    { TestStore test{directory.path()}; }
    const int newer = newest_version() + 1;
    Db{file, Db::OpenMode::kReadWrite}.exec("PRAGMA user_version = " + std::to_string(newer));
    const std::string why = "was written by a newer Halley (schema " + std::to_string(newer) +
                            "; this one knows up to " + std::to_string(newest_version()) + "): install that";
    CHECK_THAT(refusal(directory.path()), Catch::Contains(why));
    CHECK(Db(file, Db::OpenMode::kReadOnly).number("PRAGMA user_version") == newer);
  }
  SECTION("a directory that cannot be made") {
    std::ofstream{directory / "file"} << "x";
    CHECK_THAT(refusal(directory / "file" / "data"), Catch::Contains("cannot make the data directory"));
  }
}

TEST_CASE("a journal of another installation is never applied") {
  const fakes::TempDirectory ours, theirs;
  { TestStore test{ours.path()}; }
  {
    TestStore test{theirs.path()};
    test.journal().append(said(kStart, "theirs").view());
  }
  std::filesystem::copy_file(theirs / "halley.journal", ours / "halley.journal",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK_THAT(refusal(ours.path()), Catch::Contains("belongs to another database"));
  std::filesystem::remove(ours / "halley.db");
  CHECK_THAT(refusal(ours.path()), Catch::Contains("put that back, or move the journal away"));
  CHECK_FALSE(std::filesystem::exists(ours / "halley.db"));
  std::filesystem::remove(ours / "halley.journal");
  CHECK(refusal(ours.path()).empty());
}

namespace {

std::vector<std::string> notices_of(const std::filesystem::path& directory) {
  auto opened =
      open_store({.directory = directory, .journal_bytes = 1 << 20}, [](const std::function<void()>&) {});
  if (!opened) throw std::runtime_error(opened.error());
  return opened->notices;
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

}  // namespace

TEST_CASE("what is open to others is closed to them, and told; what is everybody's is refused") {
  const fakes::TempDirectory directory;
  { TestStore test{directory.path()}; }
  CHECK(notices_of(directory.path()).empty());
  ::chmod(directory.path().c_str(), 0777);
  ::chmod((directory / "halley.db").c_str(), 0666);
  ::chmod((directory / "halley.journal").c_str(), 0640);
  const auto notices = notices_of(directory.path());
  REQUIRE(notices.size() == 3);
  CHECK_THAT(notices[0], Catch::Contains("could be changed by others (mode 0777)"));
  CHECK_THAT(notices[1], Catch::Contains("halley.db could be changed by others (mode 0666)"));
  CHECK_THAT(notices[2], Catch::Contains("halley.journal could be read by others (mode 0640)"));
  CHECK(mode_of(directory.path()) == 0755);
  CHECK(mode_of(directory / "halley.db") == 0600);
  CHECK(mode_of(directory / "halley.journal") == 0600);
  ::chmod(directory.path().c_str(), 01777);
  CHECK_THAT(refusal(directory.path()), Catch::Contains("name a data directory of Halley's own"));
  CHECK(mode_of(directory.path()) == 01777);
}

}  // namespace halley::storage
