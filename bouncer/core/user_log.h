// One user's ordered log: gives each event its id, appends it to the journal, and reads it back from the
// journal's ring or from the store.
//
// Thread: the loop's. Owner: the User. What it is given outlives it. A successor finds its head where a start
// does.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/corrections.h"
#include "bouncer/core/event_kind.h"
#include "storage/api/store.h"

namespace halley {

class EventIds;
class Redactions;

// An event that is about to be logged. Views are copied into the journal.
struct Draft {
  EventKind kind{};
  std::uint8_t flags = 0;
  std::int64_t time_ms = 0;   // the network's; 0, or too far off and not `past`: now
  bool past = false;          // time_ms is to be believed, however long ago
  std::uint16_t text_at = 0;  // where the searchable text begins in `line`; 0: there is none
  std::span<const BufferId> buffers = {};
  std::string_view msgid = {}, tags = {}, line = {};
};

class UserLog {
 public:
  struct Parts {
    storage::Journal& journal;
    storage::Store& store;
    EventIds& ids;
    const std::string& epoch;  // names the database: a cursor is EPOCH:ID
  };
  UserLog(const Parts& parts, UserId user, EventId head) : parts_(parts), user_(user), head_(head) {}

  UserId user() const { return user_; }
  EventId head() const { return head_; }  // the newest event's id; 0: none yet
  const std::string& epoch() const { return parts_.epoch; }

  // Is there room for `bytes` more in the journal, and in the user's share of it?
  bool has_room(std::size_t bytes) const { return parts_.journal.has_room(user_, bytes); }
  // The event as it stands in the journal, valid until the end of the loop's turn. From here on it survives
  // the process.
  // REQUIRES: has_room() for what the turn's input may append, this event with it.
  storage::Event append(NetworkId network, const Draft& draft);

  // What was logged turned out to be something else. As Corrections::put. Whoever scans the ring or reads the
  // log as it is asks outdated() for each event; history() and search() leave out what is no more.
  void correct(EventId id, Correction correction, std::function<void()> done) {
    if (!corrections_) corrections_ = std::make_unique<Corrections>(parts_.store, user_);
    corrections_->put(id, std::move(correction), std::move(done));
  }
  bool outdated(const storage::Event& event) const;
  // The event as it is now. REQUIRES: outdated().
  storage::Event as_it_is_now(const storage::Event& event) const;

  // --- The journal's ring ---
  // Where in it all that is newer than `after` is found; nothing: read the store.
  std::optional<std::uint64_t> find(EventId after) const { return parts_.journal.find(after); }
  // As Journal::scan; visits the records of all users.
  std::optional<std::uint64_t> scan(std::uint64_t from, const storage::Journal::Take& take) const {
    return parts_.journal.scan(from, take);
  }

  // Lines that no history and no search shows from now on, and no replay with their text. They outlive it.
  void leave_out(const Redactions& redactions) { redactions_ = &redactions; }

  // --- The store; `user` of each query is filled in, and `done` is called later on the loop's thread ---
  using PageDone = std::function<void(std::expected<storage::Page, std::string>)>;
  using SkipDone = std::function<void(std::expected<storage::Skip, std::string>)>;
  using TargetsDone = std::function<void(std::expected<std::vector<storage::TargetRow>, std::string>)>;
  void read(storage::LogQuery query, PageDone done) const;
  void skip_to_newest(storage::LogQuery query, SkipDone done) const;
  void history(storage::HistoryQuery query, PageDone done) const;
  void targets(storage::TargetsQuery query, TargetsDone done) const;
  void search(storage::SearchQuery query, PageDone done) const;

 private:
  PageDone without_outdated(PageDone done) const;

  Parts parts_;
  UserId user_;
  EventId head_;
  const Redactions* redactions_ = nullptr;    // null: there are none
  std::unique_ptr<Corrections> corrections_;  // null: there were none; most users have none
};

}  // namespace halley
