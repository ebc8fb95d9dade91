// Stores as earlier versions wrote them, frozen: each is taken over with all that is in it.
//
// `test_storage "[freeze]"` freezes what this version writes (CONTRIBUTING.md, Release). Of version 1 there
// are a database and a journal of their own, in base/test_migrations.cpp.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"
#include "tests/unit/storage/usage_check.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kJournalBytes = 128 * 1024;
constexpr std::int64_t kMs = kStart / 1000;

fs::path frozen(const std::string& name) {
  return fs::path(HALLEY_SOURCE_DIR) / "tests/unit/storage/open" / name;
}
std::string frozen_database(int version) {
  return "frozen_version_" + std::to_string(version) + ".sql";
}
std::string frozen_journal(int version) {
  return "frozen_version_" + std::to_string(version) + ".hex";
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string hex_of(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) (out += kDigits[(c >> 4) & 15]) += kDigits[c & 15];
  return out;
}

// --- What is in each of them ---

Sample late_line() {
  Sample sample = said(kStart + 3000, "a word on comets, said before");
  sample.time_ms = kMs - 5000;
  sample.msgid = "networks-own";
  sample.tags = "+draft/reply=x";
  sample.flags = 1;
  return sample;
}

Sample gone_from_both() {
  Sample sample = said(kStart + 2000, "");
  sample.kind = 5;
  sample.text_at = 0;
  sample.buffers = {7, 8};
  sample.line = ":nick!user@host QUIT :gone";
  return sample;
}

void fill(TestStore& test) {
  test.journal().append(BufferRecord{.id = 7, .user = 1, .network = 3, .name = "#comet"});
  test.journal().append(BufferRecord{.id = 8, .user = 1, .network = 3, .name = ""});
  std::vector<Change> changes;
  changes.push_back(PutUser{{.id = 1,
                             .name = "edmond",
                             .password_hash = "$argon2id$v=19$x",
                             .admin = true,
                             .created_ms = kMs,
                             .settings = {{"language", "fr"}, {"retention", "0"}}}});
  changes.push_back(PutUser{{.id = 2, .name = "caroline", .enabled = false, .created_ms = kMs + 1}});
  changes.push_back(PutNetwork{NetworkRow{.id = 3,
                                          .user = 1,
                                          .name = "libera",
                                          .urls = "ircs://irc.example.org",
                                          .nick = "ed",
                                          .alt_nick = "ed_",
                                          .username = "edm",
                                          .realname = "Edmond H",
                                          .sasl_mechanism = "PLAIN",
                                          .sasl_account = "ed",
                                          .sealed_sasl_password = std::string{"\0one", 4},
                                          .sealed_password = std::string{"\0two", 4},
                                          .cert_pins = "abc",
                                          .sealed_client_cert = std::string{"\0three", 6},
                                          .on_connect = "",
                                          .settings = {{"auto-away", "out"}, {"rate", "3"}}}});
  changes.push_back(PutChannel{{.network = 3, .name = "#comet", .key = "tail"}});
  changes.push_back(PutDevice{
      {.id = 4, .user = 1, .name = "phone", .token_hash = "abc", .created_ms = kMs, .seen_ms = kMs + 2}});
  changes.push_back(PutSession{{.id = 5,
                                .user = 1,
                                .token_hash = "def",
                                .agent = "Firefox",
                                .address = "::1",
                                .created_ms = kMs,
                                .seen_ms = kMs + 3}});
  changes.push_back(PutPasskey{{.id = 6,
                                .user = 1,
                                .name = "Firefox, Linux",
                                .host = "chat.example.org",
                                .credential_id = {"\0id", 3},
                                .handle = {"\0h", 2},
                                .public_key = {"\0key", 4},
                                .algorithm = -7,
                                .counter = 4'000'000'000,
                                .created_ms = kMs + 4,
                                .used_ms = kMs + 5}});
  changes.push_back(PutBufferSettings{
      .row = {.id = 7, .user = 1, .network = 3, .name = "#comet", .settings = {{"muted", "yes"}}}});
  REQUIRE(test.commit(std::move(changes)));
  for (const Sample& sample : {said(kStart, "hello comet"), gone_from_both(), late_line()})
    test.journal().append(sample.view());
  test.journal().append(
      StateRecord{.user = 1, .network = 3, .device = 4, .kind = 1, .key = {}, .value = "1700000000000000"});
  test.journal().append(StateRecord{.user = 1, .kind = 2, .key = "tab", .value = "4 ok"});
  test.journal().append(
      StateRecord{.user = 1, .network = 3, .kind = 6, .key = {"7\0x", 3}, .value = {"\0\1", 2}});
}

// ... and has not come to the database when the process ends.
void append_the_rest(Journal& journal) {
  journal.append(BufferRecord{.id = 9, .user = 1, .network = 3, .name = "bob"});
  Sample sample = said(kStart + 4000, "still in the journal");
  sample.buffers = {9};
  journal.append(sample.view());
  journal.append(StateRecord{.user = 1, .kind = 2, .key = "tab", .value = "5 ok"});
}

std::string shown(const Loaded& loaded) {
  std::ostringstream out;
  const auto settings = [&](const std::vector<SettingRow>& rows) {
    for (const SettingRow& row : rows) out << ' ' << row.name << '=' << row.value;
    out << '\n';
  };
  for (const UserRow& row : loaded.users) {
    out << "user " << row.id << ' ' << row.name << ' ' << row.password_hash << ' ' << row.admin << row.enabled
        << ' ' << row.created_ms - kMs;
    settings(row.settings);
  }
  for (const NetworkRow& row : loaded.networks) {
    out << "network " << row.id << ' ' << row.user;
    for (const std::string& text :
         {row.name, row.urls, row.nick, row.alt_nick, row.username, row.realname, row.sasl_mechanism,
          row.sasl_account, row.sealed_sasl_password.substr(1), row.sealed_password.substr(1), row.cert_pins,
          row.sealed_client_cert.substr(1), row.on_connect})
      out << ' ' << text;
    out << row.enabled;
    settings(row.settings);
  }
  for (const ChannelRow& row : loaded.channels)
    out << "channel " << row.network << ' ' << row.name << ' ' << row.key << '\n';
  for (const DeviceRow& row : loaded.devices)
    out << "device " << row.id << ' ' << row.user << ' ' << row.name << ' ' << row.token_hash << ' '
        << row.created_ms - kMs << ' ' << row.seen_ms - kMs << '\n';
  for (const SessionRow& row : loaded.sessions)
    out << "session " << row.id << ' ' << row.user << ' ' << row.token_hash << ' ' << row.agent << ' '
        << row.address << ' ' << row.created_ms - kMs << ' ' << row.seen_ms - kMs << '\n';
  for (const PasskeyRow& row : loaded.passkeys)
    out << "passkey " << row.id << ' ' << row.user << ' ' << row.name << ' ' << row.host << ' '
        << hex_of(row.credential_id) << ' ' << hex_of(row.handle) << ' ' << hex_of(row.public_key) << ' '
        << row.algorithm << ' ' << row.counter << ' ' << row.created_ms - kMs << ' ' << row.used_ms - kMs
        << '\n';
  for (const BufferRow& row : loaded.buffers) {
    out << "buffer " << row.id << ' ' << row.user << ' ' << row.network << ' ' << row.name;
    settings(row.settings);
  }
  for (const StateRow& row : loaded.states)
    out << "state " << row.user << ' ' << row.network << ' ' << row.device << ' ' << row.kind << ' '
        << row.key.size() << ' ' << hex_of(row.key + row.value) << '\n';
  return out.str();
}

// `version`: of the frozen store; older ones have no passkeys.
std::string shown_of(int version) {
  constexpr int kFirstWithPasskeys = 10;
  const std::string accounts =
      "user 1 edmond $argon2id$v=19$x 11 0 language=fr retention=0\n"
      "user 2 caroline  00 1\n"
      "network 3 1 libera ircs://irc.example.org ed ed_ edm Edmond H PLAIN ed one two abc three 1 "
      "auto-away=out "
      "rate=3\n"
      "channel 3 #comet tail\n"
      "device 4 1 phone abc 0 2\n"
      "session 5 1 def Firefox ::1 0 3\n";
  const std::string passkeys =
      "passkey 6 1 Firefox, Linux chat.example.org 006964 0068 006b6579 -7 4000000000 4 5\n";
  const std::string log =
      "buffer 7 1 3 #comet muted=yes\n"
      "buffer 8 1 3 \n"
      "buffer 9 1 3 bob\n"
      "state 1 3 4 1 0 31373030303030303030303030303030\n"
      "state 1 3 0 6 3 3700780001\n"
      "state 1 0 0 2 3 74616235206f6b\n";
  return accounts + (version >= kFirstWithPasskeys ? passkeys : "") + log;
}

// --- Their files ---

// The database as SQL, but for the full-text index, which is derived.
std::string dump(const fs::path& file) {
  Db db{file, Db::OpenMode::kReadOnly};
  std::string out =
      "-- A database of this version, frozen: never edited again. Later versions take it over.\n";
  for (const char* pragma : {"application_id", "user_version"})
    out += std::string("PRAGMA ") + pragma + " = " +
           std::to_string(db.number((std::string("PRAGMA ") + pragma).c_str())) + ";\n";
  Statement schema{db,
                   "SELECT type, name, sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'search%' "
                   "AND name NOT LIKE 'sqlite_%' AND name <> 'late' ORDER BY type = 'index', name"};
  std::vector<std::string> tables;
  while (schema.step()) {
    (out += schema.text(2)) += ";\n";
    if (schema.text(0) == "table") tables.emplace_back(schema.text(1));
  }
  for (const std::string& table : tables) {
    const std::string columns = db.text(("SELECT group_concat('quote(\"' || name || '\")', ' || '', '' || ') "
                                         "FROM pragma_table_info('" +
                                         table + "')")
                                            .c_str());
    Statement rows{db, "SELECT " + columns + " FROM " + table +
                           (table == "meta" ? " WHERE key NOT LIKE 'index%'" : "") + " ORDER BY 1"};
    while (rows.step()) ((out += "INSERT INTO " + table + " VALUES (") += rows.text(0)) += ");\n";
  }
  return out;
}

// "SIZE", then "OFFSET BYTES" for each row of 32 bytes that are not all zeros.
constexpr std::size_t kRow = 32;

std::string rows_of(const std::string& bytes) {
  std::ostringstream out;
  out << std::hex << bytes.size() << '\n';
  for (std::size_t at = 0; at < bytes.size(); at += kRow) {
    const std::string row = bytes.substr(at, kRow);
    if (row.find_first_not_of('\0') == std::string::npos) continue;
    out << at << ' ' << hex_of(row) << '\n';
  }
  return out.str();
}

std::string laid_out(const std::string& text) {
  std::istringstream in{text};
  std::size_t size = 0, at = 0;
  in >> std::hex >> size;
  std::string bytes(size, '\0');
  for (std::string row; in >> std::hex >> at >> row;) {
    for (std::size_t digit = 0; digit + 1 < row.size(); digit += 2)
      bytes.at(at++) = static_cast<char>(std::stoi(row.substr(digit, 2), nullptr, 16));
  }
  return bytes;
}

std::vector<int> frozen_versions() {
  std::vector<int> versions;
  for (int version = 1; version <= newest_version(); ++version) {
    if (fs::exists(frozen(frozen_database(version)))) versions.push_back(version);
  }
  return versions;
}

}  // namespace

TEST_CASE("a store of the newest version is frozen") {
  INFO("a new migration: build/tests/test_storage \"[freeze]\", and commit the two files that it writes");
  CHECK(fs::exists(frozen(frozen_database(newest_version()))));
  CHECK(fs::exists(frozen(frozen_journal(newest_version()))));
}

TEST_CASE("a frozen store of any version is taken over with all that is in it") {
  REQUIRE_FALSE(frozen_versions().empty());
  const int version = GENERATE(from_range(frozen_versions()));
  CAPTURE(version);
  const fakes::TempDirectory directory;
  Db{directory / "halley.db", Db::OpenMode::kReadWrite}.exec(bytes_of(frozen(frozen_database(version))));
  std::ofstream{directory / "halley.journal", std::ios::binary}
      << laid_out(bytes_of(frozen(frozen_journal(version))));
  for (int start = 0; start < 2; ++start) {
    TestStore test{directory.path()};
    CHECK(test.loaded().damage.empty());
    CHECK(shown(test.loaded()) == shown_of(version));
    CHECK(test.loaded().last_event == kStart + 4000);
    CHECK(
        (test.loaded().last_user == 2 && test.loaded().last_network == 3 && test.loaded().last_device == 4));
    CHECK((test.loaded().last_buffer == 9 && test.loaded().last_session == 5));
    const auto page = test.log(log_of(1));
    REQUIRE(page);
    Sample last = said(kStart + 4000, "still in the journal");
    last.buffers = {9};
    CHECK(samples_of(*page) ==
          std::vector<Sample>{said(kStart, "hello comet"), gone_from_both(), late_line(), last});
    SearchQuery search;
    search.user = 1;
    search.text = "comet";
    CHECK(test.search(search)->events.size() == 1);
    HistoryQuery history;
    history.user = 1;
    history.buffer = 7;
    history.what = HistoryQuery::What::kAfter;
    history.a.by = Bound::By::kTime;
    history.a.time_ms = kMs - 6000;
    CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart + 3000, kStart, kStart + 2000});
    CHECK(checked_usage(directory.path()).starts_with("1 4 "));
    test.close();
    CHECK(Db(directory / "halley.db", Db::OpenMode::kReadOnly).number("PRAGMA user_version") ==
          newest_version());
  }
}

TEST_CASE("freeze what this version writes", "[.freeze]") {
  const fs::path database = frozen(frozen_database(newest_version()));
  REQUIRE_FALSE(fs::exists(database));  // what is frozen is never changed
  const fakes::TempDirectory directory;
  {
    TestStore test{directory.path(), kJournalBytes};
    fill(test);
    test.close();
  }
  const auto applied = Db(directory / "halley.db", Db::OpenMode::kReadOnly)
                           .number("SELECT value FROM meta WHERE key = 'applied'");
  {
    const auto journal =
        Journal::open(directory / "halley.journal", static_cast<std::uint64_t>(applied), kJournalBytes);
    REQUIRE(journal);
    append_the_rest(**journal);
  }
  std::ofstream{database} << dump(directory / "halley.db");
  std::ofstream{frozen(frozen_journal(newest_version()))} << rows_of(bytes_of(directory / "halley.journal"));
}

}  // namespace halley::storage
