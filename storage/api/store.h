// What the bouncer asks of the database. The loop's thread calls; the work is done on the storage thread (the
// only writer) or on one of the reader threads (a read-only connection each); answers come back on the loop's
// thread through the Post that the store was made with. Destroying the store drops answers still on their
// way.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/api/journal.h"
#include "storage/api/rows.h"

namespace halley::storage {

using Status = std::expected<void, std::string>;
using Post = std::function<void(std::function<void()>)>;  // thread-safe: run on the loop's thread

// Everything but the log, as it is after the journal was applied at start.
struct Loaded {
  std::string epoch;       // names this database; changes when it is restored from a backup
  EventId last_event = 0;  // the largest event id ever given: rows and journal looked at
  std::vector<UserRow> users;
  std::vector<NetworkRow> networks;
  std::vector<ChannelRow> channels;
  std::vector<DeviceRow> devices;
  std::vector<BufferRow> buffers;
  std::vector<SessionRow> sessions;
  std::vector<TicketRow> tickets;
  std::vector<PasskeyRow> passkeys;
  std::vector<StateRow>
      states;  // those written longest ago first; only of users, networks and devices that are there
  // The newest event of each user, also when it has been removed since.
  std::vector<std::pair<UserId, EventId>> heads;
  std::vector<DamageRow> damage;  // not yet forgotten, the oldest first: the newest 16
  // The largest ids ever given, also of rows since removed.
  UserId last_user = 0;
  NetworkId last_network = 0;
  DeviceId last_device = 0;
  BufferId last_buffer = 0;
  std::uint64_t last_session = 0;
  std::uint64_t last_ticket = 0;
  std::uint64_t last_passkey = 0;
};

struct PutUser {
  UserRow row;
};
struct RemoveUser {
  UserId id;
};  // with all that belongs to it; its log goes in slices, in the background, until no file holds anything of
    // it
// Events of the user that came before this time (0: none) go, in slices, in the
// background, with all that was derived from them. A line that came late counts
// from when it came. An event of several buffers goes from each in its time, and
// is gone with the last.
struct RemoveEvents {
  UserId user;
  std::int64_t before_ms;
  // A buffer with a time of its own.
  struct Own {
    BufferId buffer;
    std::int64_t before_ms;
  };
  std::vector<Own> own = {};
  // Behind that nothing of what was removed so far is left in any file.
  bool overwrite = false;
};
// The settings of a buffer; the buffer itself comes by the journal.
struct PutBufferSettings {
  BufferRow row;
  bool other_retention =
      true;  // its lines are kept another time from now on: what was begun to be removed stays
};
// With its settings, and what no other buffer shows, until no file holds anything of it.
struct RemoveBuffer {
  BufferId id;
  bool overwrite =
      true;  // false: nothing is shown in it, and its name may stay in a file until the next time
};
// An event turned out to be another: what was logged as said was refused. Its id, network and time stay; it
// is shown in `buffer` from now on, and bears our msgid. Nothing happens when it is no more.
struct ReplaceEvent {
  UserId user;
  EventId id;
  std::uint8_t kind = 0;
  std::uint16_t text_at = 0;
  BufferId buffer = kNoBuffer;
  std::string line;
};
// What was said is taken back: of the events that bear this msgid of the network's, in this buffer, the text
// goes from the log and from the index, and their tags; who said it, where and when stays. Nothing happens
// when there is none.
struct EraseText {
  UserId user;
  NetworkId network;
  BufferId buffer;
  std::string msgid;
  std::uint8_t kind = 0;      // what such an event is from now on
  std::uint32_t kinds = ~0U;  // bit k: events of kind k are meant
};
// What EraseText has left in the files is overwritten, in the background; without any nothing happens.
struct ForgetErased {};
struct PutNetwork {
  // Shared: whoever waits for a commit holds no copy of a whole row, and a Change is no larger for it.
  explicit PutNetwork(SharedNetworkRow shared) : row(std::move(shared)) {}
  explicit PutNetwork(NetworkRow own) : row(std::make_shared<const NetworkRow>(std::move(own))) {}

  SharedNetworkRow row;  // never null
};
struct PutDamage {
  std::int64_t found_ms = 0;
  std::string what;
  bool once = true;  // nothing happens when the same is still remembered
};
// Users have been told of all damage so far.
struct DamageTold {};
// An administrator has seen it.
struct ForgetDamage {};
// What the changes beside it replaced is overwritten in all files, in the background.
struct ForgetReplaced {};
struct RemoveNetwork {
  NetworkId id;
};  // likewise
struct PutChannel {
  ChannelRow row;
};
struct RemoveChannel {
  NetworkId network;
  std::string name;
};
struct PutDevice {
  DeviceRow row;
};
struct RemoveDevice {
  DeviceId id;
};
struct PutSession {
  SessionRow row;
};
struct RemoveSession {
  std::uint64_t id;
};
struct PutTicket {
  TicketRow row;
};
struct RemoveTicket {
  std::uint64_t id;
};
struct PutPasskey {
  PasskeyRow row;
};
struct RemovePasskey {
  std::uint64_t id;
};
using Change =
    std::variant<PutUser, RemoveUser, RemoveEvents, ReplaceEvent, EraseText, ForgetErased, PutNetwork,
                 RemoveNetwork, PutChannel, RemoveChannel, PutDevice, RemoveDevice, PutSession, RemoveSession,
                 PutTicket, RemoveTicket, PutPasskey, RemovePasskey, ForgetReplaced, PutDamage, DamageTold,
                 ForgetDamage, PutBufferSettings, RemoveBuffer>;

// A page of the log or of a buffer's history. Events view `memory`.
struct Page {
  std::vector<Event> events;  // in id order
  std::vector<EventId> prev;  // read_log only: the id before each event in the user's whole log (0: none)
  bool more = false;          // the limit ended it; there is more in the asked range
  // search only, when there is more: the SearchQuery::before that goes on behind this page
  EventId go_on_before = 0;
  // log and history: the last event that was looked at in the direction of the walk, given or passed over
  EventId passed = 0;
  bool newest_first = false;  // history: that was down, from the newest one
  bool unfinished = false;    // history: it ended because so many events were looked at
  EventId looked_at = 0;      // history: the last of the events, those that were left out since among them
  std::uint64_t applied = 0;  // journal offset up to which this page's snapshot had everything
  std::size_t bytes = 0;      // of memory, roughly
  // memory behind the views
  std::shared_ptr<const void> memory;
};

// Which of the events that a question is about are given, by their kind and line; null: all of them. It is
// asked on a thread of the store's: pure, and a copy of all that it looks at. A log or history that is
// thinned out so ends its page (`more`) once some thousand events were looked at, also if none was given.
using LineFilter = std::function<bool(std::uint8_t kind, std::string_view line)>;

// Events of one user in id order with after < id <= until.
struct LogQuery {
  UserId user = 0;
  NetworkId network = 0;  // 0: all
  EventId after = 0, until = ~EventId{0};
  std::size_t max_rows = 4096,
              max_bytes = 256 * 1024;  // large enough to amortise the hand-over between threads
  bool newest = false;  // the newest max_rows of the range instead of the oldest (still given in id order)
  // The database is read as it is: what the journal holds beyond page.applied is for the caller to scan.
  // Otherwise each page of a long replay would have a line or two written in a transaction of their own.
  bool as_it_is = false;
  LineFilter only = {};
};

// Where to begin when only the newest query.max_rows of a range are wanted.
struct Skip {
  EventId after = 0;           // query.after, or the newest event that is left out
  std::uint64_t left_out = 0;  // events between query.after and there, counted up to 100,000
};

// How many events of a network came behind each mark: one walk from the newest event down, over the newest
// kMostLagRows of the user's at most.
inline constexpr std::size_t kMostLagRows = 10'000;
struct LagMark {
  NetworkId network = 0;
  EventId at = 0;
};
struct LagQuery {
  UserId user = 0;
  std::vector<LagMark> marks;
};
struct Lag {  // one for each mark, in their order
  std::uint64_t events = 0;
  bool more = false;  // and there are older ones behind the mark, which were not counted
};

// What stands in the log of a user: rows, and the bytes of what was said, with its msgids and tags. The rows
// themselves, places and the full-text index need about as much again, which is not told by user.
struct LogUsage {
  UserId user = 0;
  std::uint64_t lines = 0, bytes = 0;
};

// A place in a buffer's history: an id, a time, or a msgid (resolved by the store).
struct Bound {
  enum class By { kNone, kId, kTime, kMsgid } by = By::kNone;
  EventId id = 0;
  std::int64_t time_ms = 0;
  std::string msgid;
};
struct HistoryQuery {
  UserId user = 0;
  BufferId buffer = 0;
  // kBefore: the newest before `a`. kAfter: the oldest after `a`. kLatest: the
  // newest, after `a` when given. kFrom: the oldest from `a` on. kAround: half
  // before, the rest from `a` on.
  // kBetween: from `a` towards `b`, both excluded; a later than b: backwards
  // (the ones nearest to `a`). Asked for and returned in the order of ids;
  // where a bound is a time, in that of the times shown (and ids within a
  // millisecond).
  enum class What { kBefore, kAfter, kLatest, kFrom, kAround, kBetween } what = What::kLatest;
  Bound a, b;
  std::uint32_t kinds = ~0U;  // bit k: events of kind k
  std::size_t limit = 100;
  // With more the page ends earlier (one line more at most), and has `more`.
  std::size_t max_bytes = 512 * 1024;
  LineFilter only = {};
  // Not 0: goes on behind this event, in the direction of the walk.
  EventId go_on_from = 0;
};

struct TargetsQuery {
  UserId user = 0;
  NetworkId network = 0;
  std::int64_t from_ms = 0, to_ms = 0;
  std::size_t limit = 100;
  std::uint32_t kinds = ~0U;
  std::vector<BufferId> without = {};  // as if there were none of these. REQUIRES: by id
};
struct TargetRow {
  BufferId buffer;
  std::int64_t latest_ms;
  EventId latest_id;
};

struct SearchQuery {
  UserId user = 0;
  std::string text;       // words, all of them; a "quoted phrase" in order; a trailing * completes a word
  NetworkId network = 0;  // 0: all
  std::vector<BufferId> buffers;  // empty: all
  EventId before = ~EventId{0}, after = 0;
  // The times that are shown, from the first on, before the second. They are no ids: what came late (a
  // network's replay) has a later id than its time says.
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::min(),
               to_ms = std::numeric_limits<std::int64_t>::max();
  std::size_t limit = 50;
  LineFilter only = {};
};

// How far long work has got, for a person who looks on. `of` 0: nobody knows how much there is.
struct WorkProgress {
  std::string what;  // "pages copied"
  std::uint64_t done = 0, of = 0;
};
using OnProgress = std::function<void(const WorkProgress&)>;

// Who takes a user's whole log, a page at a time. Thread: the errand's, one call at a time; let go there. An
// error ends the errand, with its words.
class LogTaker {
 public:
  virtual ~LogTaker() = default;
  virtual Status take(const Page& page) = 0;  // what it views goes when this returns
  virtual Status finish() = 0;                // behind the last page
};

struct Errand {
  // kBackup: all of it into `file`, with the files that users uploaded: a database that Halley starts from.
  // kExport: what is one user's, without web logins, likewise. kExportLines: the same as JSON lines
  // (storage/open/json_lines.h). All are checked before the file gets its name, which nothing must have yet;
  // mode 0600. kLog: a user's log, for `taker`. kCheck: SQLite's own check of the whole database, and of the
  // full-text index. kReindex: has that index built anew. kSettle: waits until all that was removed before
  // the call is gone, and overwritten if that was asked for.
  enum class What { kBackup, kExport, kExportLines, kLog, kCheck, kReindex, kSettle } what = What::kCheck;
  std::filesystem::path file = {};
  UserId user = 0;
  std::shared_ptr<LogTaker> taker = {};  // kLog: not null
  // Called on the loop's thread, ten times a second at most, before `done`. May be null.
  OnProgress on_progress = {};
};
struct ErrandReport {
  std::uint64_t events = 0, files = 0, bytes = 0;  // in the file; of users, carried in it
  std::vector<std::string> problems;               // kCheck: what is wrong, in SQLite's words
  std::string index_problem = {};                  // kCheck: of the full-text index, likewise
};

struct StoreFigures {
  std::uint64_t events = 0, journal_used = 0, journal_size = 0, database_bytes = 0, wal_bytes = 0;
  std::uint64_t indexed_behind = 0;  // rows the full-text index has yet to take
  std::int64_t last_group_us = 0;    // how long the last group commit took
  bool removing = false;      // of removed accounts, or of what was too old, something is still in the files
  std::uint64_t removed = 0;  // rows of the log that were removed since the start
  // Not empty: the last write failed, and is being tried again; or the files were deleted while they are
  // open: why.
  std::string trouble;
};

// Whether the thread that writes still does: while it is not at rest, its rounds grow, also while the disk is
// in trouble (it tries again once a second). At rest there is nothing to be written.
struct StoreProgress {
  std::uint64_t rounds = 0;
  bool resting = true;
};

// The error of a read that was not taken on, as too many wait already, of its user (32 searches, 4,096 other
// reads) or of all.
inline constexpr std::string_view kBusy = "too many questions wait for the database; try again in a moment";

class Store {
 public:
  virtual ~Store() = default;

  // `done` (may be null) once the changes are on disk in one transaction, applied after every journal record
  // that was appended before this call; or with an error that says why the database refuses them for good.
  // While the disk is in trouble they wait and are tried again: who would rather refuse than wait looks at
  // figures().trouble before.
  virtual void commit(std::vector<Change> changes, std::function<void(Status)> done) = 0;
  // Whether somebody's change should become a commit now: not while thousands wait (the disk is in trouble).
  // Those that come by themselves are one for each user at most, and are always taken.
  virtual bool takes_commits() const { return true; }

  // Reads see every journal record that was appended before the call (the store applies them first, but see
  // as_it_is). They are served one of each user in turn; too many at once are refused with kBusy. An unknown
  // msgid in a Bound is the error "unknown msgid".
  virtual void read_log(LogQuery query, std::function<void(std::expected<Page, std::string>)> done) = 0;
  // Finds where the newest query.max_rows of the range begin (query.newest and max_bytes do not matter).
  virtual void skip_to_newest(LogQuery query, std::function<void(std::expected<Skip, std::string>)> done) = 0;
  virtual void read_lags(LagQuery query,
                         std::function<void(std::expected<std::vector<Lag>, std::string>)> done) = 0;
  virtual void read_history(HistoryQuery query,
                            std::function<void(std::expected<Page, std::string>)> done) = 0;
  virtual void read_targets(TargetsQuery query,
                            std::function<void(std::expected<std::vector<TargetRow>, std::string>)> done) = 0;
  // Newest first; what was said in the last StoreOptions::search_lag may be missing. A page may hold less
  // than its limit, even nothing, and say that there is more: when the words stand in very many lines of
  // other places. Whatever a person types can be looked for; what holds no word is found nowhere.
  virtual void search(SearchQuery query, std::function<void(std::expected<Page, std::string>)> done) = 0;

  // A user's buffers, by id.
  virtual void read_buffers(UserId user,
                            std::function<void(std::expected<std::vector<BufferRow>, std::string>)> done) = 0;
  // A user's small states of one kind, those written longest ago first.
  virtual void read_states(UserId user, std::uint16_t kind,
                           std::function<void(std::expected<std::vector<StateRow>, std::string>)> done) = 0;
  // Work on the whole database, on a thread of its own, as it is when all that was journalled before the call
  // is in it. One at a time: another is refused. See Errand.
  virtual void run_errand(Errand errand,
                          std::function<void(std::expected<ErrandReport, std::string>)> done) = 0;

  // Called on the loop's thread whenever a Journal that had no room has some again; null: nobody
  // is told. REQUIRES: what it calls outlives it, or it is taken away before.
  virtual void on_room(std::function<void()> notify) = 0;
  // The producer calls this after appending in a turn; wakes the storage thread if it sleeps (cheap
  // otherwise).
  virtual void journal_grew() = 0;
  // REQUIRES: the event is in the journal.
  // The event was just given to somebody who is listening: for a second, long reads give way (see ReadShare).
  // Ids are the time an event came.
  virtual void spoken(EventId id) = 0;

  virtual StoreFigures figures() const = 0;
  // Touches no file: it answers also while the disk does not.
  virtual StoreProgress progress() const { return {}; }
  // Of this user (0: of each who has lines), by id: a lookup, however many lines there are.
  virtual void read_usage(UserId user,
                          std::function<void(std::expected<std::vector<LogUsage>, std::string>)> done) = 0;
};

struct StoreOptions {
  std::filesystem::path directory;  // made if absent, mode 0700; holds halley.db, halley.journal, halley.lock
  bool power_durability = false;    // sync each group commit (50 ms) instead of once a second
  // Another program replicates the database as it is written, and copies its write-ahead log back
  // (Litestream): nobody here does.
  bool replicated = false;
  std::size_t journal_bytes = std::size_t{16} << 20;
  // A search has the journal applied and the index brought up to date, but not again within this time of the
  // last one that did: else somebody who searches without pause has each line written and indexed by itself.
  std::chrono::milliseconds search_lag{0};
  // Called on the loop's thread when writing begins to fail, with what a person should know, and with "" when
  // that is over. May be null.
  std::function<void(const std::string& what)> on_trouble = {};
  // The database is looked through behind the start (storage/open/start_check.h). Called on the loop's
  // thread, once at most, with what is damaged, which the store remembers from then on; null: nobody looks.
  std::function<void(const DamageRow& found)> on_damage = {};
  // On the loop's thread, with what could not be looked at then, and why: no damage. May be null.
  std::function<void(const std::string& what)> on_unchecked = {};
};

struct OpenStore {
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Store> store;  // destroy before the journal: applies what is left, stops the threads
  Loaded loaded;
  // What a person should know of this start, a sentence each: damage that cost lines, files that were open to
  // others.
  std::vector<std::string> notices;
};
// Takes the lock (an error names the process that holds it), migrates, applies what the journal holds beyond
// SQLite's position, loads. A database of a newer version is refused and left untouched.
std::expected<OpenStore, std::string> open_store(const StoreOptions& options, Post post);

// Takes the user of an export into the store of `options`, with all that is in the file; nobody may have
// the store open. The user gets the name `name`, which must be free, and new ids; events keep theirs, and so
// cursors. Uploaded files keep their names. An export of JSON lines is known by its content. `options`: here
// and below, as for open_store(), of which the directory and `replicated` count.
struct Imported {
  std::uint64_t events = 0;
  UserRow user;
  std::vector<NetworkRow> networks;
  // Devices that lost these: another user's has the same here, and it is one device's.
  std::vector<std::string> without_token = {}, without_certificate = {};
};
// What a small state's key and value say is its owner's: adds `added` to the ids of buffers in them.
using MoveState = std::function<void(StateRow& row, BufferId added)>;
std::expected<Imported, std::string> import_user(const StoreOptions& options,
                                                 const std::filesystem::path& file, const std::string& name,
                                                 const MoveState& move_state,
                                                 const OnProgress& on_progress = {});

// Removes the files of a store that was made in vain: one without users. Takes the lock. The directory stays.
Status discard_empty_store(const std::filesystem::path& directory);

}  // namespace halley::storage
