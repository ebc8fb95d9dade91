#include "storage/api/log_import.h"

#include <fmt/format.h>

#include <cstring>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "storage/base/lock_file.h"
#include "storage/base/migrations.h"
#include "storage/write/writer.h"

namespace halley::storage {
namespace {

// A group: written in one transaction. Larger ones are hardly faster.
constexpr std::size_t kMostGroupLines = 16'384, kMostGroupBytes = std::size_t{8} << 20;
constexpr EventId kSecond = 1'000'000;
// Moments with so many lines of one buffer are remembered, and so many of them.
constexpr std::uint64_t kCrowd = 16;
constexpr std::size_t kMostCrowded = 65'536;

// Lines that others log within the same second begin elsewhere in it, so that they seldom meet.
EventId spread(BufferId buffer) {
  return (buffer * 2'654'435'761U) % 1000;
}

// An event with its own memory.
struct KeptEvent {
  Event event;
  BufferId buffer;
  std::string msgid, tags, line;
  explicit KeptEvent(const Event& from)
      : event(from), buffer(from.buffers[0]), msgid(from.msgid), tags(from.tags), line(from.line) {}
  Event view() const {
    Event out = event;
    out.buffers = {&buffer, 1};
    out.msgid = msgid;
    out.tags = tags;
    out.line = line;
    return out;
  }
};

class SqliteLogImport final : public LogImport {
 public:
  SqliteLogImport(std::unique_ptr<LockFile> lock, Db db, std::int64_t now_ms)
      : lock_(std::move(lock)),
        writer_(std::move(db), false),
        find_(writer_.db(), "SELECT buffers, line FROM event WHERE user = ? AND id = ?"),
        between_(writer_.db(),
                 "SELECT e.line, e.flags FROM moment m CROSS JOIN event e ON e.user = ?1 AND "
                 "e.id = 1000 * m.ms + m.rest WHERE m.buffer = ?2 AND m.ms >= ?3 AND m.ms < ?4"),
        last_buffer_(static_cast<BufferId>(writer_.meta().get("last_buffer"))),
        now_ms_(now_ms) {}

  std::expected<std::vector<BufferRow>, std::string> buffers(UserId user) override {
    return guarded([&] {
      std::vector<BufferRow> all;
      Statement statement{writer_.db(), "SELECT id, network, name FROM buffer WHERE user = ? ORDER BY id"};
      for (statement.bind(user); statement.step();) {
        all.push_back({.id = static_cast<BufferId>(statement.number(0)),
                       .user = user,
                       .network = static_cast<NetworkId>(statement.number(1)),
                       .name = std::string{statement.text(2)}});
      }
      return all;
    });
  }

  std::expected<BufferId, std::string> make_buffer(UserId user, NetworkId network,
                                                   std::string_view name) override {
    return guarded([&] {
      const BufferId id = ++last_buffer_;
      writer_.transact([&](Writer::Inside& inside) {
        inside.events.apply(BufferRecord{.id = id, .user = user, .network = network, .name = name});
        return true;
      });
      return id;
    });
  }

  std::expected<Added, std::string> add(const Event& event) override {
    if (event.time_ms <= 0 || event.time_ms > now_ms_) return Added::kBadTime;
    return guarded([&] {
      const EventId id = place(event);
      if (id == 0) return Added::kKnown;
      group_.emplace_back(event).event.id = id;
      taken_.insert(id);
      bytes_ += event.line.size() + event.tags.size();
      if (group_.size() >= kMostGroupLines || bytes_ >= kMostGroupBytes) commit();
      return Added::kNew;
    });
  }

  Status lines_between(UserId user, BufferId buffer, std::int64_t from_ms, std::int64_t to_ms,
                       const OnLine& on_line) override {
    const auto done = guarded([&] {
      for (between_.bind(user, buffer, from_ms, to_ms); between_.step();)
        on_line(between_.text(0), static_cast<std::uint8_t>(between_.number(1)));
      between_.reset();
      return true;
    });
    return done ? Status{} : std::unexpected(done.error());
  }

  std::uint64_t looked_at() const override { return looked_at_; }

  Status finish() override {
    const auto done = guarded([&] {
      commit();
      while (writer_.index_slice()) {
      }
      writer_.settle();
      return true;
    });
    return done ? Status{} : std::unexpected(done.error());
  }

 private:
  template <typename Work>
  auto guarded(const Work& work) -> std::expected<decltype(work()), std::string> {
    try {
      return work();
    } catch (const SqliteError& error) {
      return std::unexpected(fmt::format("cannot write the database: {}", error.what()));
    }
  }

  // A free id for it, behind what this buffer had in that second; 0: it is there already.
  EventId place(const Event& event) {
    if (event.user != user_) commit();  // ids are one user's
    user_ = event.user;
    const BufferId buffer = event.buffers[0];
    EventId id = static_cast<EventId>(event.time_ms) * 1000 + spread(buffer);
    const std::pair<BufferId, EventId> moment{buffer, id};
    EventId& last = last_[buffer];
    if (last >= id && last < id + kSecond) {
      id = last + 1;
    } else if (const auto known = crowded_.find(moment); known != crowded_.end()) {
      id = known->second + 1;
    }
    const std::uint64_t before = looked_at_;
    while (true) {
      ++looked_at_;
      if (!taken_.contains(id)) {
        find_.bind(event.user, id);
        if (!find_.step()) break;
        const bool same = find_.is_number(0) && static_cast<BufferId>(find_.number(0)) == buffer &&
                          find_.text(1) == event.line;
        if (same) {
          find_.reset();
          settle(moment, last = id, before);
          return 0;
        }
      }
      ++id;
    }
    find_.reset();
    settle(moment, last = id, before);
    return id;
  }

  // Of a file whose times go to and fro: where a moment's lines end is not looked for from its beginning each
  // time.
  void settle(const std::pair<BufferId, EventId>& moment, EventId last, std::uint64_t looked_at_before) {
    if (looked_at_ - looked_at_before < kCrowd && !crowded_.contains(moment)) return;
    if (crowded_.size() >= kMostCrowded) crowded_.clear();
    crowded_[moment] = last;
  }

  void commit() {
    if (group_.empty()) return;
    writer_.transact([this](Writer::Inside& inside) {
      for (const KeptEvent& kept : group_) inside.events.apply(kept.view());
      inside.events.flush();  // what it views goes with the group
      return true;
    });
    group_.clear();
    taken_.clear();
    bytes_ = 0;
    writer_.checkpoint(false);
  }

  const std::unique_ptr<LockFile> lock_;
  Writer writer_;
  Statement find_, between_;
  BufferId last_buffer_;
  const std::int64_t now_ms_;
  UserId user_ = 0;  // of the group
  std::deque<KeptEvent> group_;
  std::unordered_set<EventId> taken_;  // by the group
  std::size_t bytes_ = 0;
  std::unordered_map<BufferId, EventId> last_;
  std::map<std::pair<BufferId, EventId>, EventId> crowded_;  // the last id of a buffer's moment
  std::uint64_t looked_at_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<LogImport>, std::string> LogImport::open(const StoreOptions& options,
                                                                       std::int64_t now_ms) {
  prepare_sqlite();
  auto lock = LockFile::take(options.directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const std::filesystem::path file = options.directory / "halley.db";
  try {
    Db db = open_for_writing(file, false);
    if (options.replicated) db.leave_log();
    if (auto migrated = migrate(db, file); !migrated) return std::unexpected(migrated.error());
    // Pages that are far apart are written again and again: a daemon has no such work.
    db.exec("PRAGMA cache_size = -65536");
    return std::make_unique<SqliteLogImport>(std::move(*lock), std::move(db), now_ms);
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot open the database {}: {}", file.string(), error.what()));
  }
}

}  // namespace halley::storage
