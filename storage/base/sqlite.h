// A thin cover over SQLite: handles that close themselves, and errors as an exception that never leaves this
// folder (the threads and open_store() turn it into a std::expected). One thread at a time uses a Db and its
// statements. Owner: the Writer, a Reader, or who copies a database. A Db outlives its statements.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace halley::storage {

// REQUIRES: called once per process, before the first Db. No statistics of memory, whose lock every
// allocation would take.
void prepare_sqlite();

// Gives memory that nobody uses back to the kernel: after a connection was closed, or has been idle.
void trim_memory();

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  int code() const { return code_; }  // extended
  // The disk is full, broken or read-only: the same work may succeed later.
  bool trouble() const;
  bool damage() const;  // the file is no whole database

 private:
  int code_;
};

class Db {
 public:
  enum class OpenMode { kReadWrite, kReadOnly };
  Db(const std::filesystem::path& file, OpenMode mode);

  void exec(const char* sql);
  void exec(const std::string& sql) { exec(sql.c_str()); }
  std::int64_t number(const char* sql);  // the first column of the first row; 0 if there is none
  std::string text(const char* sql);
  bool in_transaction() const;
  std::int64_t changes() const;
  // Copies the write-ahead log into the database file as far as readers let it; `wait`: for them, and empties
  // the log.
  void checkpoint(bool wait);
  bool empty_log();  // copies all of the write-ahead log back and cuts it to nothing; false: a reader still
                     // needs it
  // The write-ahead log is another program's to copy back and to cut, now and at the end: this connection
  // does neither (checkpoint() and empty_log() do nothing). Two that do it race.
  void leave_log();
  void watch_wal();  // turns automatic checkpoints off and counts the log's pages instead
  int wal_pages() const { return *wal_pages_; }  // as of this connection's last commit
  void sync_wal();                               // the write-ahead log's bytes reach the disk; may take long
  void release_memory();                         // gives back what the page cache can spare
  void interrupt();                              // from any thread: the running statement ends with an error
  sqlite3* handle() const { return handle_.get(); }
  [[noreturn]] void fail(const char* doing) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  bool log_left_ = false;
  std::unique_ptr<int> wal_pages_ = std::make_unique<int>(0);  // SQLite's hook holds the address
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement, kept and used again. REQUIRES: what is bound lives until step() or run() is over: it
// is not copied.
class Statement {
 public:
  Statement(Db& db, std::string_view sql);

  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (put(++index, values), ...);
    return *this;
  }
  // REQUIRES: what was bound lives still.
  bool step();                                             // true: a row is there
  std::int64_t changes() const { return db_->changes(); }  // rows that the last run() changed
  void run();                                              // steps to the end and resets
  void reset();

  // REQUIRES (these): step() was true.
  std::int64_t number(int column) const;
  std::string_view text(int column) const;  // valid until the next step or reset
  std::string_view blob(int column) const;
  bool is_null(int column) const;
  bool is_number(int column) const;
  bool is_blob(int column) const;

  struct Blob {
    std::string_view bytes;
  };
  static Blob blob_of(std::string_view bytes) { return {bytes}; }

  void put_number(int index, std::int64_t value);
  void put_text(int index, std::string_view value);
  void put_blob(int index, std::string_view value);
  void put_null(int index);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  template <std::integral T>
  void put(int index, T value) {
    put_number(index, static_cast<std::int64_t>(value));
  }
  void put(int index, std::string_view value) { put_text(index, value); }
  void put(int index, const std::string& value) { put_text(index, value); }
  void put(int index, Blob value) { put_blob(index, value.bytes); }

  Db* db_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// BEGIN IMMEDIATE now; rolls back when it goes out of scope uncommitted. REQUIRES: none is open.
class Transaction {
 public:
  explicit Transaction(Db& db) : db_(db) { db_.exec("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() { db_.exec("COMMIT"); }

 private:
  Db& db_;
};

// One snapshot for several reads; ends with the scope. REQUIRES: no transaction is open.
class Snapshot {
 public:
  explicit Snapshot(Db& db) : db_(db) { db_.exec("BEGIN"); }
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Db& db_;
};

}  // namespace halley::storage
