#include "storage/search/search_index.h"

#include <algorithm>
#include <queue>
#include <span>

#include "storage/api/plain_text.h"
#include "storage/search/search_text.h"

namespace halley::storage {
namespace {

// Events of a slice: larger ones leave fewer pieces to merge, smaller ones take less memory and let the
// next group in sooner (about 10 ms).
constexpr std::size_t kIndexedAtOnce = 2048;
// More than this is not kept in memory until it is indexed: in a flood the index waits, and reads the log
// then.
constexpr std::size_t kMostRecentTexts = 4 * kIndexedAtOnce, kMostRecentBytes = 1024 * 1024;
// Changes when what is indexed changes: another number in the database means that the index is built anew.
constexpr std::uint64_t kMake = 3;

constexpr const char* kCreate =
    "CREATE VIRTUAL TABLE search USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = "
    "'halley');"
    "INSERT INTO search (search, rank) VALUES ('automerge', 8), ('hashsize', 524288);"
    "CREATE TABLE IF NOT EXISTS late (user INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (user, id)) "
    "WITHOUT ROWID;"
    "DELETE FROM late;"
    "INSERT OR REPLACE INTO meta (key, value) VALUES ('index_make', 0), ('indexed', 0), ('indexed_events', "
    "0);";

void drop_and_create(Db& db, Meta& meta) {
  db.exec("DROP TABLE IF EXISTS search");
  db.exec(kCreate);
  meta.set("index_make", kMake);
}

bool make(Db& db, Meta& meta) {
  if (meta.get("index_make") == kMake) return true;
  Transaction transaction{db};
  drop_and_create(db, meta);
  transaction.commit();
  return true;
}

}  // namespace

SearchIndex::SearchIndex(Db& db, Meta& meta)
    : db_(db),
      meta_(meta),
      tokenizer_(db),
      made_(make(db, meta)),
      insert_late_(db, "INSERT OR IGNORE INTO late (user, id) VALUES (?, ?)"),
      select_late_(db, "SELECT user, id FROM late ORDER BY id LIMIT ?"),
      delete_late_(db, "DELETE FROM late WHERE user = ? AND id = ?"),
      // One seek per user, wherever the accounts are by now.
      users_(db,
             "WITH RECURSIVE u (x) AS (SELECT min(user) FROM event UNION ALL "
             "SELECT (SELECT min(user) FROM event WHERE user > x) FROM u WHERE x IS NOT NULL) "
             "SELECT x FROM u WHERE x IS NOT NULL"),
      ids_(db, "SELECT id FROM event WHERE user = ? AND id > ? AND id <= ? ORDER BY id"),
      texts_of_(db, "SELECT id, text_at, line, msgid FROM event WHERE user = ? AND id > ? AND id <= ?"),
      insert_(db, "INSERT INTO search (rowid, text) VALUES (?, ?)"),
      delete_(db, "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)") {
  read_marks();
}

void SearchIndex::read_marks() {
  indexed_ = meta_.get("indexed");
  events_ = meta_.get("indexed_events");
  late_ = static_cast<std::uint64_t>(db_.number("SELECT count(*) FROM late"));
}

void SearchIndex::rolled_back() {
  read_marks();
  following_ = false;
}

void SearchIndex::written(const Event& event) {
  if (event.id <= indexed_) return late(event.user, event.id);
  if (!following_) return;
  recent_.add(event.id, event.user, event.text_at, event.line, event.msgid);
  following_ = recent_.rows.size() <= kMostRecentTexts && recent_.bytes.size() <= kMostRecentBytes;
  if (!following_) recent_.clear();
}

void SearchIndex::late(UserId user, EventId id) {
  insert_late_.bind(user, id).run();
  ++late_;
}

void SearchIndex::rebuild() {
  drop_and_create(db_, meta_);
  following_ = false;
  read_marks();
}

std::vector<UserId> SearchIndex::users() {
  std::vector<UserId> users;
  for (users_.reset(); users_.step();) users.push_back(static_cast<UserId>(users_.number(0)));
  users_.reset();
  return users;
}

// The log lies user by user, the index wants events by id: finds up to which id the next slice reaches. Keeps
// the smallest kIndexedAtOnce ids that it sees, so that each user's walk ends where no id of it can count any
// more.
EventId SearchIndex::end_of_slice(const std::vector<UserId>& users, EventId newest) {
  EventId end = width_ == 0 ? newest : std::min(newest, indexed_ + 2 * width_);
  std::priority_queue<EventId> smallest;
  for (const UserId user : users) {
    ids_.bind(user, indexed_, end);
    while (ids_.step()) {
      const auto id = static_cast<EventId>(ids_.number(0));
      if (id > end) break;
      smallest.push(id);
      if (smallest.size() > kIndexedAtOnce) smallest.pop();
      if (smallest.size() == kIndexedAtOnce) end = smallest.top();
    }
    ids_.reset();
  }
  return end;
}

void SearchIndex::Texts::add(EventId id, UserId user, std::size_t text_at, std::string_view line,
                             std::string_view msgid) {
  const std::string_view text =
      text_at == 0 ? std::string_view{} : line.substr(std::min(text_at, line.size()));
  rows.push_back({.id = id, .user = user, .at = bytes.size(), .msgid = msgid.size(), .size = text.size()});
  bytes.append(msgid).append(text);
}

void SearchIndex::Texts::drop_first(std::size_t count) {
  Texts rest;
  for (const Row& row : std::span{rows}.subspan(count)) {
    rest.rows.push_back(
        {.id = row.id, .user = row.user, .at = rest.bytes.size(), .msgid = row.msgid, .size = row.size});
    rest.bytes.append(bytes, row.at, row.msgid + row.size);
  }
  *this = std::move(rest);
}

void SearchIndex::Texts::clear() {
  rows.clear();
  bytes.clear();
}

// Assigning an empty one would keep what the string has.
void SearchIndex::Texts::release() {
  Texts empty;
  std::swap(*this, empty);
}

void SearchIndex::gather(UserId user, EventId after, EventId until) {
  texts_of_.bind(user, after, until);
  while (texts_of_.step()) {
    read_.add(static_cast<EventId>(texts_of_.number(0)), user, static_cast<std::size_t>(texts_of_.number(1)),
              texts_of_.text(2), texts_of_.text(3));
  }
  texts_of_.reset();
}

// The first `count` rows by id. FTS5 begins a new piece of the index whenever ids do not rise.
void SearchIndex::write_rows(Texts& texts, std::size_t count) {
  if (!std::ranges::is_sorted(texts.rows, {}, &Row::id)) std::ranges::sort(texts.rows, {}, &Row::id);
  for (const Row& row : std::span{texts.rows}.first(count)) {
    if (row.msgid + row.size == 0) continue;
    const std::string_view bytes = std::string_view{texts.bytes}.substr(row.at, row.msgid + row.size);
    begin_indexed(row.user, bytes.substr(0, row.msgid), text_);
    append_plain(bytes.substr(row.msgid), text_);
    insert_.bind(row.id, text_).run();
  }
  events_ += count;
  meta_.set("indexed_events", events_);
}

std::size_t SearchIndex::take_late() {
  if (late_ == 0) return 0;
  read_.clear();
  std::vector<std::pair<UserId, EventId>> late;
  for (select_late_.bind(kIndexedAtOnce); select_late_.step();)
    late.emplace_back(static_cast<UserId>(select_late_.number(0)),
                      static_cast<EventId>(select_late_.number(1)));
  select_late_.reset();
  late_ = late.size() < kIndexedAtOnce ? 0 : late_ - late.size();
  for (const auto& [user, id] : late) {
    gather(user, id - 1, id);
    delete_late_.bind(user, id).run();
  }
  write_rows(read_, read_.rows.size());
  return late.size();
}

std::size_t SearchIndex::slice(EventId newest) {
  if (const std::size_t late = take_late(); late > 0) return late;
  if (newest <= indexed_) return 0;
  const std::size_t taken = following_ ? recent_slice(newest) : log_slice(newest);
  meta_.set("indexed", indexed_);
  return taken;
}

std::size_t SearchIndex::recent_slice(EventId newest) {
  const std::size_t count = std::min(recent_.rows.size(), kIndexedAtOnce);
  write_rows(recent_, count);
  indexed_ = count == recent_.rows.size() ? newest : recent_.rows[count - 1].id;
  recent_.drop_first(count);
  return count;
}

std::size_t SearchIndex::log_slice(EventId newest) {
  const auto all = users();
  const EventId end = end_of_slice(all, newest);
  read_.clear();
  for (const UserId user : all) gather(user, indexed_, end);
  const std::size_t count = read_.rows.size();
  write_rows(read_, count);
  width_ = end - indexed_;
  indexed_ = end;
  following_ = end == newest;
  recent_.clear();
  return count;
}

void SearchIndex::forget(UserId user, EventId id, std::string_view msgid, std::string_view text) {
  if (id > indexed_) {
    following_ = false;  // what is kept may hold it
    return;
  }
  --events_;
  meta_.set("indexed_events", events_);
  if (text.empty() && msgid.empty()) return;
  begin_indexed(user, msgid, text_);
  append_plain(text, text_);
  delete_.bind(id, text_).run();
}

// FTS5 counts its own writes as changes: fewer than two, and a merge had nothing to do (its documentation).
bool SearchIndex::merge(bool all) {
  const std::int64_t before = db_.number("SELECT total_changes()");
  db_.exec(all ? "INSERT INTO search (search, rank) VALUES ('merge', -256)"
               : "INSERT INTO search (search, rank) VALUES ('merge', 256)");
  return db_.number("SELECT total_changes()") - before >= 2;
}

void SearchIndex::release_memory() {
  read_.release();
  if (!following_ || recent_.rows.empty()) recent_.release();
  decltype(text_){}.swap(text_);
}

}  // namespace halley::storage
