// bench_sqlite: what SQLite itself can do with rows like ours, on one thread: rows a second in, rows a second
// out, bytes a row on disk. WAL, synchronous=NORMAL, one index, prepared statements, rows of about 120 bytes.
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/arguments.h"
#include "tests/bench/control.h"
#include "tests/bench/line_format.h"
#include "tests/bench/sockets.h"

namespace {

class Database {
 public:
  explicit Database(const std::string& file) {
    check(sqlite3_open(file.c_str(), &handle_), "open");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=NORMAL");
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql) { check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr), sql); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr), sql);
    return statement;
  }
  void check(int code, const char* what) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "bench_sqlite: %s: %s\n", what, sqlite3_errmsg(handle_));
    std::exit(1);
  }

 private:
  sqlite3* handle_ = nullptr;
};

double seconds_since(std::uint64_t start) {
  return static_cast<double>(bench::now_ns() - start) / 1e9;
}

double insert_rows(Database& database, std::int64_t rows, std::int64_t per_transaction) {
  const bench::LineWriter writer;
  sqlite3_stmt* const insert = database.prepare("INSERT INTO line VALUES(?1, ?2, ?3, ?4)");
  const std::uint64_t start = bench::now_ns();
  std::string line;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % per_transaction == 0) database.run("BEGIN");
    line.clear();
    writer.append(line, "#c0", 50, bench::Stamp{static_cast<std::uint64_t>(row), start});
    sqlite3_bind_int64(insert, 1, 1'700'000'000'000'000 + row);
    sqlite3_bind_int64(insert, 2, 1 + row % 5);
    sqlite3_bind_int64(insert, 3, 1'700'000'000'000 + row);
    sqlite3_bind_text(insert, 4, line.data(), static_cast<int>(line.size()), SQLITE_STATIC);
    database.check(sqlite3_step(insert), "insert");
    sqlite3_reset(insert);
    if ((row + 1) % per_transaction == 0 || row + 1 == rows) database.run("COMMIT");
  }
  const double seconds = seconds_since(start);
  sqlite3_finalize(insert);
  return seconds;
}

double select_rows(Database& database, std::int64_t rows) {
  sqlite3_stmt* const select =
      database.prepare("SELECT id, buffer, time, line FROM line WHERE id > ?1 ORDER BY id");
  sqlite3_bind_int64(select, 1, 0);
  const std::uint64_t start = bench::now_ns();
  std::int64_t found = 0;
  std::uint64_t bytes = 0;
  while (sqlite3_step(select) == SQLITE_ROW) {
    ++found;
    bytes += static_cast<std::uint64_t>(sqlite3_column_bytes(select, 3)) +
             (sqlite3_column_text(select, 3)[0] == ':');
  }
  const double seconds = seconds_since(start);
  sqlite3_finalize(select);
  if (found != rows || bytes == 0) bench::fail("rows are missing");
  return seconds;
}

}  // namespace

int main(int count, char** values) {
  const bench::Arguments arguments(count, values, "bench_sqlite --file F [--rows N] [--transaction N]");
  const std::string file = arguments.text("file", "floor.db");
  const std::int64_t rows = arguments.number("rows", 200'000);
  const std::int64_t per_transaction = arguments.number("transaction", 500);
  double insert = 0;
  double select = 0;
  {
    Database database(file);
    database.run("CREATE TABLE line(id INTEGER PRIMARY KEY, buffer INTEGER, time INTEGER, line TEXT)");
    database.run("CREATE INDEX line_by_buffer ON line(buffer, time)");
    insert = insert_rows(database, rows, per_transaction);
    select = select_rows(database, rows);
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) bench::fail("stat");
  char text[200];
  std::snprintf(
      text, sizeof text,
      "{\"event\":\"result\",\"insert_per_second\":%.0f,\"select_per_second\":%.0f,\"bytes_per_row\":%.1f}",
      static_cast<double>(rows) / insert, static_cast<double>(rows) / select,
      static_cast<double>(status.st_size) / static_cast<double>(rows));
  bench::say(text);
}
