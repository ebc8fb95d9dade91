#include "storage/open/sqlite_store.h"

#include <sys/stat.h>

#include <utility>

#include "storage/read/history_pieces.h"

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

// While people are spoken to. A thousand clients that come back ask small questions, which are answered at
// once; of searches, which take half a millisecond, there are as many at once as a person types, and ten a
// second: at thirty others' p99 was 1.3 to 2.7 times its quiet value, at a hundred their median was a quarter
// above it (tests/bench, long-reads-awake).
// A thousand clients of one user that come back at once ask a few questions each; a person searches for one
// thing at a time.
constexpr std::size_t kMostReads = 16'384, kMostReadsOfUser = 4096;
constexpr std::size_t kMostSearches = 4096, kMostSearchesOfUser = 32;
constexpr ReadThread::Limits kReads{{20ms, 10}, kMostReadsOfUser, kMostReads},
    kSearches{{4ms, 200}, kMostSearchesOfUser, kMostSearches};

}  // namespace

SqliteStore::SqliteStore(Parts parts, const StoreOptions& options, Post post)
    : file_(std::move(parts.file)),
      lock_(std::move(parts.lock)),
      journal_(parts.journal),
      post_(std::move(post)),
      search_lag_(options.search_lag),
      reads_(std::make_unique<ReadThread>(file_, spoken_, kReads)),
      searches_(std::make_unique<ReadThread>(file_, spoken_, kSearches)) {
  StorageThread::Hooks hooks;
  hooks.answer = [this](std::function<void(Status)> done, Status status) {
    if (!done) return;
    post_([callbacks = callbacks_, done = std::move(done), status = std::move(status)] {
      if (callbacks->open) done(status);
    });
  };
  hooks.room = [this] {
    post_([callbacks = callbacks_] {
      if (callbacks->open && callbacks->on_room) callbacks->on_room();
    });
  };
  hooks.wipe_ring = [this] {
    post_([this, callbacks = callbacks_] {
      if (callbacks->open) wipe_ring();
    });
  };
  callbacks_->on_trouble = options.on_trouble;
  hooks.trouble = [this](const std::string& what) {
    post_([callbacks = callbacks_, what] {
      if (callbacks->open && callbacks->on_trouble) callbacks->on_trouble(what);
    });
  };
  storage_ = std::make_unique<StorageThread>(
      std::move(parts.writer), journal_,
      std::vector<FileIdentity>{FileIdentity{file_}, FileIdentity{std::move(parts.journal_file)}},
      std::move(hooks));
  if (options.on_damage) check_behind_start(options);
}

SqliteStore::~SqliteStore() {
  callbacks_->open = false;
  callbacks_->callbacks.clear();
  storage_->closing();  // wakes readers that wait for it
  check_.reset();
  errand_.reset();
  searches_.reset();
  reads_.reset();
  storage_.reset();
}

void SqliteStore::check_behind_start(const StoreOptions& options) {
  callbacks_->on_damage = options.on_damage;
  callbacks_->on_unchecked = options.on_unchecked;
  const auto unchecked = [this](const std::string& what) {
    post_([callbacks = callbacks_, what] {
      if (callbacks->open && callbacks->on_unchecked) callbacks->on_unchecked(what);
    });
  };
  const auto damaged = [this](const std::string& what) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    DamageRow found{.found_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                    .what = what};
    post_([this, callbacks = callbacks_, found = std::move(found)] {
      if (!callbacks->open) return;
      storage_->commit({PutDamage{.found_ms = found.found_ms, .what = found.what}}, nullptr);
      callbacks->on_damage(found);
    });
  };
  check_ = std::make_unique<StartCheck>(file_, StartCheck::Limits{},
                                        StartCheck::Told{.damage = damaged, .unchecked = unchecked});
}

// A megabyte in each turn of the loop: a quarter of a millisecond.
void SqliteStore::wipe_ring() {
  if (!journal_.wipe(std::size_t{1} << 20)) return storage_->ring_wiped();
  post_([this, callbacks = callbacks_] {
    if (callbacks->open) wipe_ring();
  });
}

void SqliteStore::commit(std::vector<Change> changes, std::function<void(Status)> done) {
  if (!done) return storage_->commit(std::move(changes), {});
  storage_->commit(std::move(changes), [callbacks = callbacks_, id = callbacks_->keep(std::move(done))](
                                           Status status) { callbacks->answer(id, std::move(status)); });
}

// Puts a question to a reader thread, which asks it again in later turns until it has an answer; the storage
// thread is told at once that the journal's records up to `applied` are wanted.
template <class Answer>
void SqliteStore::ask(ReadThread& thread, UserId user, std::uint64_t applied,
                      std::function<void(std::expected<Answer, std::string>)> done,
                      std::function<std::optional<std::expected<Answer, std::string>>(Reader&)> question) {
  storage_->hurry(applied);
  // Shared: std::function must be copyable, and an answer is not cheap to copy.
  const auto answer = [this,
                       id = callbacks_->keep(std::move(done))](std::expected<Answer, std::string> result) {
    auto shared = std::make_shared<std::expected<Answer, std::string>>(std::move(result));
    post_([callbacks = callbacks_, id, shared] { callbacks->answer(id, std::move(*shared)); });
  };
  const bool taken = thread.ask(
      user, [this, applied, question = std::move(question), answer](Reader* reader, const std::string& why) {
        if (reader == nullptr) {
          answer(std::unexpected("the database cannot be read: " + why));
          return false;
        }
        storage_->wait_applied(applied);
        try {
          auto result = question(*reader);
          if (!result) return true;
          answer(std::move(*result));
        } catch (const SqliteError& error) {
          answer(std::unexpected(std::string{"the database cannot be read: "} + error.what()));
        }
        return false;
      });
  if (!taken) answer(std::unexpected(std::string{kBusy}));
}

void SqliteStore::read_log(LogQuery query, std::function<void(std::expected<Page, std::string>)> done) {
  ask<Page>(*reads_, query.user, query.as_it_is ? 0 : journal_.head(), std::move(done),
            [query](Reader& reader) { return reader.log(query); });
}

void SqliteStore::skip_to_newest(LogQuery query, std::function<void(std::expected<Skip, std::string>)> done) {
  ask<Skip>(*reads_, query.user, journal_.head(), std::move(done),
            [query](Reader& reader) { return reader.skip(query); });
}

void SqliteStore::read_lags(LagQuery query,
                            std::function<void(std::expected<std::vector<Lag>, std::string>)> done) {
  const UserId user = query.user;
  ask<std::vector<Lag>>(*reads_, user, journal_.head(), std::move(done),
                        [query = std::move(query)](Reader& reader) { return reader.lags(query); });
}

void SqliteStore::read_history(HistoryQuery query,
                               std::function<void(std::expected<Page, std::string>)> done) {
  const UserId user = query.user;
  ask<Page>(*reads_, user, journal_.head(), std::move(done),
            [pieces = std::make_shared<HistoryPieces>(std::move(query))](Reader& reader) {
              return pieces->go_on(reader);
            });
}

void SqliteStore::read_targets(TargetsQuery query,
                               std::function<void(std::expected<std::vector<TargetRow>, std::string>)> done) {
  struct Pieces {
    TargetsQuery query;
    std::vector<TargetRow> rows;
    BufferId after = 0;
  };
  using Rows = std::expected<std::vector<TargetRow>, std::string>;
  const UserId user = query.user;
  ask<std::vector<TargetRow>>(*reads_, user, journal_.head(), std::move(done),
                              [pieces = std::make_shared<Pieces>(Pieces{std::move(query), {}})](
                                  Reader& reader) -> std::optional<Rows> {
                                const TargetsPart part = reader.targets(pieces->query, pieces->after);
                                pieces->rows.insert(pieces->rows.end(), part.rows.begin(), part.rows.end());
                                settle_targets(pieces->query, pieces->rows);
                                pieces->after = part.go_on_after;
                                if (pieces->after != 0) return std::nullopt;
                                return std::move(pieces->rows);
                              });
}

void SqliteStore::search(SearchQuery query, std::function<void(std::expected<Page, std::string>)> done) {
  const auto now = std::chrono::steady_clock::now();
  const bool settle = !settled_at_ || now - *settled_at_ >= search_lag_;
  if (settle) settled_at_ = now;
  ask<Page>(*searches_, query.user, settle ? journal_.head() : 0, std::move(done),
            [this, settle, query](Reader& reader) {
              if (settle) storage_->wait_indexed();
              return reader.search(query);
            });
}

void SqliteStore::read_buffers(UserId user,
                               std::function<void(std::expected<std::vector<BufferRow>, std::string>)> done) {
  ask<std::vector<BufferRow>>(*reads_, user, journal_.head(), std::move(done),
                              [user](Reader& reader) { return reader.buffers(user); });
}

void SqliteStore::read_states(UserId user, std::uint16_t kind,
                              std::function<void(std::expected<std::vector<StateRow>, std::string>)> done) {
  ask<std::vector<StateRow>>(*reads_, user, journal_.head(), std::move(done),
                             [user, kind](Reader& reader) { return reader.states(user, kind); });
}

void SqliteStore::read_usage(UserId user,
                             std::function<void(std::expected<std::vector<LogUsage>, std::string>)> done) {
  ask<std::vector<LogUsage>>(*reads_, user, journal_.head(), std::move(done),
                             [user](Reader& reader) { return reader.usage(user); });
}

// A loop that is held up has one news of it waiting, not ten a second.
OnProgress SqliteStore::telling(CallbackId id) {
  const auto on_its_way = std::make_shared<std::atomic<bool>>(false);
  return [this, id, on_its_way](const WorkProgress& progress) {
    if (on_its_way->exchange(true)) return;
    post_([callbacks = callbacks_, id, on_its_way, progress] {
      on_its_way->store(false);
      callbacks->tell(id, progress);
    });
  };
}

void SqliteStore::run_errand(Errand errand,
                             std::function<void(std::expected<ErrandReport, std::string>)> done) {
  const auto id = callbacks_->keep(std::move(done));
  const CallbackId told = errand.on_progress ? callbacks_->keep(std::move(errand.on_progress)) : 0;
  const auto answer = [this, id, told](std::expected<ErrandReport, std::string> result) {
    auto shared = std::make_shared<std::expected<ErrandReport, std::string>>(std::move(result));
    post_([callbacks = callbacks_, id, told, shared] {
      callbacks->callbacks.erase(told);
      callbacks->answer(id, std::move(*shared));
    });
  };
  if (errand_ && !errand_->over())
    return answer(std::unexpected("a backup, an export or a check is under way already; wait for its end"));
  const std::uint64_t applied = journal_.head();
  storage_->hurry(applied);
  errand.on_progress = told == 0 ? OnProgress() : telling(told);
  const Errand::What what = errand.what;
  errand_ = std::make_unique<ErrandThread>(
      file_, std::move(errand),
      [this, applied, what](WorkWatch& watch) { return ready(what, applied, watch); }, answer);
}

// On the errand's thread.
Status SqliteStore::ready(Errand::What what, std::uint64_t applied, WorkWatch& watch) {
  if (what == Errand::What::kReindex)
    return storage_->reindex([&watch](std::uint64_t done, std::uint64_t of) {
      watch.at(of == 0 ? "emptying the index" : "lines indexed", done, of);
    });
  const bool settle = what == Errand::What::kSettle;
  const auto removed = [&watch](std::uint64_t done, std::uint64_t of) {
    watch.at("lines removed", done, of);
  };
  if (storage_->wait_applied(applied) && (!settle || storage_->wait_removed(removed))) return {};
  return std::unexpected("the database cannot be brought up to date; see status, and try again");
}

void SqliteStore::on_room(std::function<void()> notify) {
  callbacks_->on_room = std::move(notify);
}

StoreFigures SqliteStore::figures() const {
  const StorageThread::Figures now = storage_->figures();
  StoreFigures figures;
  figures.events = now.events;
  figures.journal_used = journal_.pending();
  figures.journal_size = journal_.size();
  figures.wal_bytes = now.wal_bytes;
  figures.indexed_behind = now.unindexed;
  figures.last_group_us = now.last_group_us;
  figures.removing = now.removing;
  figures.removed = now.removed;
  figures.trouble = now.trouble.empty() ? now.lost : now.trouble;
  struct stat info {};
  if (::stat(file_.c_str(), &info) == 0) figures.database_bytes = static_cast<std::uint64_t>(info.st_size);
  return figures;
}

}  // namespace halley::storage
