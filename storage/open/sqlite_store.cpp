#include "storage/open/sqlite_store.h"

#include <sys/stat.h>

#include <utility>

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
constexpr ReadThread::Limits kReads{{20ms, 10}, {kMostReadsOfUser, kMostReads}},
    kSearches{{4ms, 200}, {kMostSearchesOfUser, kMostSearches}};

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
    post_([desk = desk_, done = std::move(done), status = std::move(status)] {
      if (desk->open) done(status);
    });
  };
  hooks.room = [this] {
    post_([desk = desk_] {
      if (desk->open && desk->on_room) desk->on_room();
    });
  };
  hooks.wipe_ring = [this] {
    post_([this, desk = desk_] {
      if (desk->open) wipe_ring();
    });
  };
  desk_->on_trouble = options.on_trouble;
  hooks.trouble = [this](const std::string& what) {
    post_([desk = desk_, what] {
      if (desk->open && desk->on_trouble) desk->on_trouble(what);
    });
  };
  storage_ = std::make_unique<StorageThread>(
      std::move(parts.writer), journal_,
      std::vector<FileIdentity>{FileIdentity{file_}, FileIdentity{std::move(parts.journal_file)}},
      std::move(hooks));
}

SqliteStore::~SqliteStore() {
  desk_->open = false;
  desk_->callbacks.clear();
  storage_->closing();  // wakes readers that wait for it
  errand_.reset();
  searches_.reset();
  reads_.reset();
  storage_.reset();
}

// A megabyte in each turn of the loop: a quarter of a millisecond.
void SqliteStore::wipe_ring() {
  if (!journal_.wipe(std::size_t{1} << 20)) return storage_->ring_wiped();
  post_([this, desk = desk_] {
    if (desk->open) wipe_ring();
  });
}

void SqliteStore::commit(std::vector<Change> changes, std::function<void(Status)> done) {
  if (!done) return storage_->commit(std::move(changes), {});
  storage_->commit(std::move(changes), [desk = desk_, ticket = desk_->keep(std::move(done))](Status status) {
    desk->answer(ticket, std::move(status));
  });
}

// Puts a question to a reader thread; the storage thread is told at once that the journal's records up to
// `applied` are wanted.
template <class Answer>
void SqliteStore::ask(ReadThread& thread, UserId user, std::uint64_t applied,
                      std::function<void(std::expected<Answer, std::string>)> done,
                      std::function<std::expected<Answer, std::string>(Reader&)> question) {
  storage_->hurry(applied);
  // Shared: std::function must be copyable, and an answer is not cheap to copy.
  const auto answer = [this,
                       ticket = desk_->keep(std::move(done))](std::expected<Answer, std::string> result) {
    auto shared = std::make_shared<std::expected<Answer, std::string>>(std::move(result));
    post_([desk = desk_, ticket, shared] { desk->answer(ticket, std::move(*shared)); });
  };
  const bool taken = thread.ask(
      user, [this, applied, question = std::move(question), answer](Reader* reader, const std::string& why) {
        if (reader == nullptr) {
          answer(std::unexpected("the database cannot be read: " + why));
          return;
        }
        storage_->wait_applied(applied);
        try {
          answer(question(*reader));
        } catch (const SqliteError& error) {
          answer(std::unexpected(std::string{"the database cannot be read: "} + error.what()));
        }
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

// A question in pieces, each of which waits for its turn among all that is asked: between two lines that are
// asked for there may be very many others.
struct SqliteStore::HistoryAsk {
  HistoryQuery query;  // the next piece
  std::function<void(std::expected<Page, std::string>)> done;
  std::optional<HistoryQuery> newer_half;  // of kAround, while the older one is asked for
  Page page;                               // what the pieces have so far
  std::vector<std::shared_ptr<const void>> memory;
  bool begun = false;
  bool older_ones = false;  // beyond the older half

  void take(Page piece);
  // True: there is a next piece to ask for.
  bool goes_on();
  void finish();
};

void SqliteStore::HistoryAsk::take(Page piece) {
  query.go_on_from = piece.passed;
  query.limit -= std::min(query.limit, piece.events.size());
  query.max_bytes -= std::min(query.max_bytes, piece.bytes);
  memory.push_back(std::move(piece.memory));
  if (!std::exchange(begun, true)) {
    page = std::move(piece);
    return;
  }
  page.events.insert(piece.newest_first ? page.events.begin() : page.events.end(), piece.events.begin(),
                     piece.events.end());
  page.more = piece.more;
  page.passed = piece.passed;
  page.unfinished = piece.unfinished;
  page.bytes += piece.bytes;
}

// Whoever has a filter goes on themselves.
bool SqliteStore::HistoryAsk::goes_on() {
  if (page.unfinished && !query.only && query.limit > 0 && query.max_bytes > 0) return true;
  if (!newer_half) return false;
  older_ones = page.more;
  query = *std::exchange(newer_half, std::nullopt);
  query.limit -= std::min(query.limit, page.events.size());
  query.max_bytes -= std::min(query.max_bytes, page.bytes);
  return true;
}

void SqliteStore::HistoryAsk::finish() {
  page.memory = memory.size() == 1
                    ? std::move(memory.front())
                    : std::make_shared<std::vector<std::shared_ptr<const void>>>(std::move(memory));
  page.more = page.more || older_ones;
  done(std::move(page));
}

void SqliteStore::read_history(HistoryQuery query,
                               std::function<void(std::expected<Page, std::string>)> done) {
  std::optional<HistoryQuery> newer_half;
  if (query.what == HistoryQuery::What::kAround && query.limit > 1) {
    newer_half = query;
    newer_half->what = HistoryQuery::What::kFrom;
    query.what = HistoryQuery::What::kBefore;
    query.limit /= 2;
    query.max_bytes /= 2;
  }
  ask_history(std::make_shared<HistoryAsk>(HistoryAsk{.query = std::move(query),
                                                      .done = std::move(done),
                                                      .newer_half = std::move(newer_half),
                                                      .page = {},
                                                      .memory = {},
                                                      .begun = false,
                                                      .older_ones = false}));
}

void SqliteStore::ask_history(const std::shared_ptr<HistoryAsk>& asked) {
  ask<Page>(
      *reads_, asked->query.user, asked->begun ? 0 : journal_.head(),
      [this, asked](std::expected<Page, std::string> piece) {
        if (!piece) return asked->done(std::unexpected(piece.error()));
        asked->take(std::move(*piece));
        asked->goes_on() ? ask_history(asked) : asked->finish();
      },
      [query = asked->query](Reader& reader) { return reader.history(query); });
}

// A question in pieces: each waits for its turn among all that is asked.
struct SqliteStore::TargetsAsk {
  TargetsQuery query;
  std::function<void(std::expected<std::vector<TargetRow>, std::string>)> done;
  std::vector<TargetRow> rows;
};

void SqliteStore::read_targets(TargetsQuery query,
                               std::function<void(std::expected<std::vector<TargetRow>, std::string>)> done) {
  ask_targets(std::make_shared<TargetsAsk>(TargetsAsk{query, std::move(done), {}}), 0);
}

void SqliteStore::ask_targets(const std::shared_ptr<TargetsAsk>& targets, BufferId after) {
  ask<TargetsPart>(
      *reads_, targets->query.user, after == 0 ? journal_.head() : 0,
      [this, targets](std::expected<TargetsPart, std::string> part) {
        if (!part) return targets->done(std::unexpected(part.error()));
        targets->rows.insert(targets->rows.end(), part->rows.begin(), part->rows.end());
        settle_targets(targets->query, targets->rows);
        if (part->go_on_after != 0) return ask_targets(targets, part->go_on_after);
        targets->done(std::move(targets->rows));
      },
      [query = targets->query, after](Reader& reader) { return reader.targets(query, after); });
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

void SqliteStore::run_errand(Errand errand,
                             std::function<void(std::expected<ErrandReport, std::string>)> done) {
  const auto ticket = desk_->keep(std::move(done));
  const auto answer = [this, ticket](std::expected<ErrandReport, std::string> result) {
    auto shared = std::make_shared<std::expected<ErrandReport, std::string>>(std::move(result));
    post_([desk = desk_, ticket, shared] { desk->answer(ticket, std::move(*shared)); });
  };
  if (errand_ && !errand_->over())
    return answer(std::unexpected("a backup, an export or a check is under way already; wait for its end"));
  const std::uint64_t applied = journal_.head();
  storage_->hurry(applied);
  const bool settle = errand.what == Errand::What::kSettle;
  errand_ = std::make_unique<ErrandThread>(
      file_, std::move(errand),
      [this, applied, settle] {
        return storage_->wait_applied(applied) && (!settle || storage_->wait_removed());
      },
      answer);
}

void SqliteStore::on_room(std::function<void()> notify) {
  desk_->on_room = std::move(notify);
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
