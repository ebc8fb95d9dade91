#include "storage/base/sqlite.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sqlite3.h>

namespace halley::storage {

void prepare_sqlite() {
  // Refused, without harm, when SQLite already runs.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void trim_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

bool SqliteError::trouble() const {
  switch (code_ & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return true;
    default:
      return false;
  }
}

bool SqliteError::damage() const {
  const int code = code_ & 0xFF;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

void Db::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Db::Db(const std::filesystem::path& file, OpenMode mode) {
  const bool write = mode == OpenMode::kReadWrite;
  const int flags =
      (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail("open");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 2'000);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // No file is made anywhere else: the daemon may write to its own folder alone.
  exec("PRAGMA temp_store = MEMORY");
  // Only the writer checkpoints (Debian 12's 3.40.1 loses data when two connections race at that).
  if (!write) sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Db::fail(const char* doing) const {
  if (handle_ == nullptr) throw SqliteError(SQLITE_NOMEM, "out of memory");
  const int code = sqlite3_extended_errcode(handle_.get());
  throw SqliteError(code, fmt::format("{}: {} (SQLite {})", doing, sqlite3_errmsg(handle_.get()), code));
}

void Db::exec(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

std::int64_t Db::number(const char* sql) {
  Statement statement{*this, sql};
  return statement.step() ? statement.number(0) : 0;
}

std::string Db::text(const char* sql) {
  Statement statement{*this, sql};
  return statement.step() ? std::string{statement.text(0)} : std::string{};
}

bool Db::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

std::int64_t Db::changes() const {
  return sqlite3_changes64(handle_.get());
}

void Db::leave_log() {
  log_left_ = true;
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Db::checkpoint(bool wait) {
  if (log_left_) return;
  int left = 0, done = 0;
  const int mode = wait ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, mode, &left, &done);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) fail("checkpoint");
  // All copied: the next commit begins the log anew, if no reader still needs it.
  if (left == done) *wal_pages_ = 0;
}

bool Db::empty_log() {
  if (log_left_) return true;
  int left = 0, done = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, &done);
  if ((code & 0xFF) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) fail("checkpoint");
  *wal_pages_ = 0;
  return true;
}

// PRAGMA wal_autocheckpoint is this same hook: it must not be set afterwards.
void Db::watch_wal() {
  const auto hook = [](void* pages, sqlite3*, const char*, int now) {
    *static_cast<int*>(pages) = now;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_.get(), hook, wal_pages_.get());
}

void Db::sync_wal() {
  sqlite3_file* wal = nullptr;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&wal)) !=
      SQLITE_OK)
    fail("sync");
  if (wal == nullptr || wal->pMethods == nullptr) return;
  const int code = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (code != SQLITE_OK)
    throw SqliteError(code, fmt::format("sync: {} (SQLite {})", sqlite3_errstr(code), code));
}

void Db::release_memory() {
  sqlite3_db_release_memory(handle_.get());
}

void Db::interrupt() {
  sqlite3_interrupt(handle_.get());
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
  sqlite3_finalize(handle);
}

Statement::Statement(Db& db, std::string_view sql) : db_(&db) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &handle, nullptr) != SQLITE_OK)
    db.fail(std::string{sql}.c_str());
  handle_.reset(handle);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  try {
    db_->fail("write or read");
  } catch (const SqliteError&) {
    reset();
    throw;
  }
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return text == nullptr
             ? std::string_view{}
             : std::string_view{text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return bytes == nullptr
             ? std::string_view{}
             : std::string_view{bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
bool Statement::is_number(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_INTEGER;
}
bool Statement::is_blob(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_BLOB;
}

void Statement::put_number(int index, std::int64_t value) {
  if (sqlite3_bind_int64(handle_.get(), index, value) != SQLITE_OK) db_->fail("bind");
}
void Statement::put_text(int index, std::string_view value) {
  // A null pointer would bind NULL.
  const char* text = value.data() == nullptr ? "" : value.data();
  if (sqlite3_bind_text64(handle_.get(), index, text, value.size(), SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
    db_->fail("bind");
}
void Statement::put_blob(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  if (sqlite3_bind_blob64(handle_.get(), index, bytes, value.size(), SQLITE_STATIC) != SQLITE_OK)
    db_->fail("bind");
}
void Statement::put_null(int index) {
  sqlite3_bind_null(handle_.get(), index);
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself (a full disk).
  if (db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Snapshot::~Snapshot() {
  if (db_.in_transaction()) sqlite3_exec(db_.handle(), "COMMIT", nullptr, nullptr, nullptr);
}

}  // namespace halley::storage
