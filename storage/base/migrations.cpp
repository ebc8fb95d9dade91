#include "storage/base/migrations.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "storage/base/schema.h"

namespace halley::storage {
namespace {

// Small state of one shape instead of a table for each kind (storage/api/journal.h, StateRecord). `written`
// orders a user's states of a kind by when they were written; those from before come first. Their kinds are
// bouncer/core/state_kinds.h's.
constexpr std::string_view kStateTable = R"sql(
CREATE TABLE state (
  user INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  network INTEGER NOT NULL,
  device INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  written INTEGER NOT NULL,
  PRIMARY KEY (user, kind, network, device, key)
) WITHOUT ROWID;
INSERT INTO state (user, kind, network, device, key, value, written)
  SELECT d.user, 1, p.network, p.device, x'', CAST(CAST(p.event AS TEXT) AS BLOB), -1
  FROM position p JOIN device d ON d.id = p.device;
INSERT INTO state (user, kind, network, device, key, value, written)
  SELECT user, 2, 0, 0, CAST(client AS BLOB), CAST(seq || ' ' || result AS BLOB),
         rowid - 1 - (SELECT max(rowid) FROM command)
  FROM command;
UPDATE meta SET value = max(value, (SELECT ifnull(max(event), 0) FROM position)) WHERE key = 'last_event';
DROP TABLE position;
DROP TABLE command;
)sql";

// Settings of users (network 0) and of networks that have no column of their own.
constexpr std::string_view kSettings = R"sql(
CREATE TABLE setting (
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (user, network, name)
) WITHOUT ROWID;
)sql";

// moment: when a buffer's events were, as people are shown it; an event's id is 1000 * ms + rest. Derived
// from event.skew and place: who asks for history by time does not ask by id, and lines that came late are
// far from theirs. expired: events of a user with smaller ids are being deleted in slices. scrub: zeros over
// free pages (Scrubber).
constexpr std::string_view kMoments = R"sql(
CREATE TABLE moment (
  buffer INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  rest INTEGER NOT NULL,
  PRIMARY KEY (buffer, ms, rest)
) WITHOUT ROWID;
INSERT INTO moment (buffer, ms, rest)
  SELECT p.buffer, p.event / 1000 + e.skew, p.event - 1000 * (p.event / 1000 + e.skew)
  FROM buffer b CROSS JOIN place p ON p.buffer = b.id CROSS JOIN event e ON e.user = b.user AND e.id = p.event;
CREATE INDEX buffer_by_user ON buffer (user, network);
CREATE TABLE expired (
  user INTEGER PRIMARY KEY,
  before INTEGER NOT NULL
);
CREATE TABLE scrub (
  id INTEGER PRIMARY KEY,
  zeros BLOB NOT NULL
);
INSERT INTO meta (key, value) VALUES ('scrub', 0);
)sql";

// Damage that starts found, until somebody has seen it.
constexpr std::string_view kDamage = R"sql(
CREATE TABLE damage (
  id INTEGER PRIMARY KEY,
  found_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  told INTEGER NOT NULL
);
)sql";

// outdated: events with smaller ids are being deleted in slices, of a user (buffer 0), of one buffer, or of
// those that stand in none (kOfNoBuffer).
constexpr std::string_view kBufferSettings = R"sql(
CREATE TABLE outdated (
  user INTEGER NOT NULL,
  buffer INTEGER NOT NULL,
  before INTEGER NOT NULL,
  PRIMARY KEY (user, buffer)
) WITHOUT ROWID;
INSERT INTO outdated (user, buffer, before) SELECT user, 0, before FROM expired;
DROP TABLE expired;
CREATE TABLE buffer_setting (
  buffer INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (buffer, name)
) WITHOUT ROWID;
)sql";

// Files that users uploaded, in a copy (storage/open/carried_files.h).
constexpr std::string_view kCarriedFiles = R"sql(
CREATE TABLE carried_file (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
);
)sql";

// What a device logs in with besides its token.
constexpr std::string_view kDeviceKeys = R"sql(
ALTER TABLE device ADD COLUMN scram_keys TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
)sql";

// Codes for those who have no login: for a user's password, or (user 0) invitations.
constexpr std::string_view kTickets = R"sql(
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  code_hash TEXT NOT NULL,
  uses INTEGER NOT NULL,
  note TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
);
INSERT INTO meta (key, value) VALUES ('last_ticket', 0);
)sql";

// Passkeys of users' browsers (storage/api/rows.h).
constexpr std::string_view kPasskeys = R"sql(
CREATE TABLE passkey (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  host TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  handle BLOB NOT NULL,
  public_key BLOB NOT NULL,
  algorithm INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL
);
INSERT INTO meta (key, value) VALUES ('last_passkey', 0);
)sql";

// Events that are shown at a time more than ten minutes before their id's (they came late, from a network's
// own history): who looks for what was said before a time begins there, and finds these besides. They are
// few.
constexpr std::string_view kLateEvents = R"sql(
CREATE INDEX event_shown_earlier ON event (user, id) WHERE skew < -600000;
)sql";

// How much of each user stands in the log: lines, and bytes as base/event_bytes.h counts them.
constexpr std::string_view kUsage = R"sql(
CREATE TABLE usage (
  user INTEGER PRIMARY KEY,
  lines INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);
INSERT INTO usage (user, lines, bytes)
  SELECT user, count(*), sum(length(CAST(line AS BLOB)) + ifnull(length(CAST(msgid AS BLOB)), 0) +
                             ifnull(length(CAST(tags AS BLOB)), 0))
  FROM event GROUP BY user;
)sql";

// Step n takes a database of version n to version n + 1. Only ever appended to.
constexpr std::array kSteps{
    kSchemaVersion1, kStateTable, kSettings, kMoments,  kDamage,     kBufferSettings,
    kCarriedFiles,   kDeviceKeys, kTickets,  kPasskeys, kLateEvents, kUsage,
};

void take_steps(Db& db, std::size_t from, std::size_t to) {
  Transaction transaction{db};
  for (std::size_t step = from; step < to; ++step) db.exec(std::string{kSteps[step]});
  db.exec(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, to));
  transaction.commit();
}

}  // namespace

void lay_out_version(Db& db, int version) {
  take_steps(db, 0, static_cast<std::size_t>(version));
}

int newest_version() {
  return static_cast<int>(kSteps.size());
}

std::expected<void, std::string> migrate(Db& db, const std::filesystem::path& file) {
  const auto application = db.number("PRAGMA application_id");
  const auto version = db.number("PRAGMA user_version");
  const bool empty = db.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty && application != kApplicationId) {
    return std::unexpected(
        fmt::format("{} is an SQLite database, but not Halley's; move it away, or name another data "
                    "directory",
                    file.string()));
  }
  if (version > newest_version()) {
    return std::unexpected(
        fmt::format("{} was written by a newer Halley (schema {}; this one knows up to {}): install "
                    "that version, or restore a backup",
                    file.string(), version, newest_version()));
  }
  if (version == newest_version()) return {};
  take_steps(db, static_cast<std::size_t>(version), kSteps.size());
  return {};
}

}  // namespace halley::storage
