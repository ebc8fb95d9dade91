#include "storage/open/start_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "storage/base/priority.h"

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto kMostCheckRest = 1s;
constexpr int kOpsBetweenLooks = 10'000;  // of SQLite's machine: below a millisecond

// Whatever else is wrong (memory, a lock, a table that is gone) is no damage.
bool is_damage(const SqliteError& error) {
  constexpr std::array kUnread = {SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_CORRUPTFS,
                                  SQLITE_IOERR_DATA};
  return error.damage() || std::ranges::find(kUnread, error.code()) != kUnread.end();
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

struct Columns {
  std::string key, key_literals, all;
  int count = 0;
};

Columns columns_of(Db& db, std::string_view table, bool has_rowid) {
  Columns columns;
  const auto add_key = [&columns](const std::string& name) {
    columns.key += (columns.key.empty() ? "" : ", ") + name;
    columns.key_literals += (columns.key_literals.empty() ? "quote(" : " || ', ' || quote(") + name + ")";
  };
  if (has_rowid) add_key("rowid");
  Statement names{db, "SELECT name, pk FROM pragma_table_info(?) ORDER BY pk"};
  for (names.bind(table); names.step(); ++columns.count) {
    const std::string name = quoted(names.text(0));
    columns.all += ", " + name;
    if (!has_rowid && names.number(1) > 0) add_key(name);
  }
  return columns;
}

}  // namespace

StartCheck::StartCheck(std::filesystem::path database, Limits limits, Told told)
    : database_(std::move(database)), limits_(limits), told_(std::move(told)), thread_([this] { run(); }) {}

StartCheck::~StartCheck() {
  {
    const std::lock_guard lock{mutex_};
    stop_.store(true);
  }
  wake_.notify_one();
  thread_.join();
}

void StartCheck::run() {
  give_way();
  std::string problem;
  try {
    problem = look_through();
  } catch (const SqliteError& error) {
    if (is_damage(error))
      problem = error.what();
    else
      tell_unchecked("the database", error);
  }
  trim_memory();
  if (problem.empty() || stop_) return;
  std::ranges::replace(problem, '\n', ' ');
  told_.damage(
      fmt::format("the database is damaged ({}): lines in it may be lost, and others with them in time; stop "
                  "Halley and put the last backup in its place (halley(1), RESTORING)",
                  problem));
}

void StartCheck::tell_unchecked(std::string_view what, const SqliteError& why) const {
  if (stop_ || !told_.unchecked) return;
  told_.unchecked(
      fmt::format("{} could not be looked through behind the start ({}); see doctor", what, why.what()));
}

std::string StartCheck::look_through() {
  Db db{database_, Db::OpenMode::kReadOnly};
  const auto interrupts = [](void* self) {
    return static_cast<const StartCheck*>(self)->stop_.load() ? 1 : 0;
  };
  sqlite3_progress_handler(db.handle(), kOpsBetweenLooks, interrupts, this);
  std::vector<std::pair<std::string, bool>> tables;  // virtual ones have no pages
  {
    Statement names{db,
                    "SELECT name, instr(upper(sql), 'WITHOUT ROWID') = 0 FROM sqlite_schema "
                    "WHERE type = 'table' AND rootpage > 0"};
    while (names.step()) tables.emplace_back(names.text(0), names.number(1) != 0);
  }
  const bool small = db.number("PRAGMA page_count") * db.number("PRAGMA page_size") <= limits_.quick_check;
  for (const auto& [table, has_rowid] : tables) {
    const auto started = CheckClock::now();
    try {
      std::string problem = small ? quick_check(db, table) : read_all(db, table, has_rowid);
      if (!problem.empty()) return problem;
    } catch (const SqliteError& error) {
      if (is_damage(error)) return fmt::format("{}: {}", table, error.what());
      tell_unchecked(fmt::format("table {} of the database", table), error);
    }
    if (!rest(small ? CheckClock::now() - started : CheckClock::duration{})) break;
  }
  return {};
}

std::string StartCheck::quick_check(Db& db, std::string_view table) {
  Statement check{db, fmt::format("PRAGMA quick_check({})", quoted(table))};
  while (check.step()) {
    if (check.text(0) != "ok") return fmt::format("{}: {}", table, check.text(0));
  }
  return {};
}

// A key that does not grow would come again for ever.
std::string StartCheck::read_all(Db& db, std::string_view table, bool has_rowid) {
  const Columns columns = columns_of(db, table, has_rowid);
  const std::string select =
      fmt::format("SELECT {}{} FROM {}", columns.key_literals, columns.all, quoted(table));
  const std::int64_t most_pieces = 1 + db.number("PRAGMA page_count") * 4096 / limits_.piece_rows;
  std::string last;
  for (std::int64_t piece = 0; piece < most_pieces; ++piece) {
    const auto started = CheckClock::now();
    const std::string behind = last.empty() ? "" : fmt::format(" WHERE ({}) > ({})", columns.key, last);
    int rows = 0;
    {
      Statement read{
          db, fmt::format("{}{} ORDER BY {} LIMIT {}", select, behind, columns.key, limits_.piece_rows)};
      for (; read.step(); ++rows) {
        for (int column = 1; column <= columns.count; ++column) (void)read.text(column);
        last = read.text(0);
      }
    }
    if (rows < limits_.piece_rows || !rest(CheckClock::now() - started)) return {};
  }
  return fmt::format("{}: it has no end", table);
}

// Three times as long as it worked. False: the store closes.
bool StartCheck::rest(CheckClock::duration worked) {
  std::unique_lock lock{mutex_};
  return !wake_.wait_for(lock, std::min<CheckClock::duration>(3 * worked, kMostCheckRest),
                         [this] { return stop_.load(); });
}

}  // namespace halley::storage
