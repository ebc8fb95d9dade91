// A disk that can be made to fail, and that tells what is synced: an SQLite VFS over the usual one, made the
// default while the object lives.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>

namespace halley::fakes {

class FailingDisk {
 public:
  FailingDisk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "halley-failing-disk";
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  void fill() { code_ = SQLITE_FULL; }
  void break_down() { code_ = SQLITE_IOERR_WRITE; }
  void mend() { code_ = SQLITE_OK; }
  int refused() const { return refused_; }  // writes
  // Called on the thread that syncs a file, before its bytes are safe. Set it before the disk is used.
  void before_sync(std::function<void(const std::string& file)> told) { before_sync_ = std::move(told); }

 private:
  // The real file follows it in memory, and does everything but writing.
  struct File {
    sqlite3_file base;
    FailingDisk* disk;
    const char* name;  // SQLite keeps it while the file is open; none: a temporary file
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    auto* self = static_cast<FailingDisk*>(vfs->pAppData);
    auto* ours = reinterpret_cast<File*>(file);
    ours->disk = self;
    ours->name = name;
    file->pMethods = nullptr;
    const int code = self->real_->xOpen(self->real_, name, ours->real(), flags, out);
    if (code == SQLITE_OK) file->pMethods = methods();
    return code;
  }

  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    FailingDisk* disk = reinterpret_cast<File*>(file)->disk;
    if (disk->code_ != SQLITE_OK) {
      ++disk->refused_;
      return disk->code_;
    }
    return real(file)->pMethods->xWrite(real(file), bytes, size, at);
  }

  static int sync(sqlite3_file* file, int flags) {
    const auto* ours = reinterpret_cast<File*>(file);
    if (ours->disk->before_sync_ && ours->name != nullptr) ours->disk->before_sync_(ours->name);
    return real(file)->pMethods->xSync(real(file), flags);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kMethods{
        2,
        [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
        [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
          return real(f)->pMethods->xRead(real(f), p, n, at);
        },
        write,
        [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
        sync,
        [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
        [](sqlite3_file* f, int n) { return real(f)->pMethods->xLock(real(f), n); },
        [](sqlite3_file* f, int n) { return real(f)->pMethods->xUnlock(real(f), n); },
        [](sqlite3_file* f, int* n) { return real(f)->pMethods->xCheckReservedLock(real(f), n); },
        [](sqlite3_file* f, int n, void* p) { return real(f)->pMethods->xFileControl(real(f), n, p); },
        [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
        [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        [](sqlite3_file* f, int a, int b, int c, void volatile** p) {
          return real(f)->pMethods->xShmMap(real(f), a, b, c, p);
        },
        [](sqlite3_file* f, int a, int b, int c) { return real(f)->pMethods->xShmLock(real(f), a, b, c); },
        [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
        [](sqlite3_file* f, int n) { return real(f)->pMethods->xShmUnmap(real(f), n); },
        nullptr,
        nullptr,
    };
    return &kMethods;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  std::atomic<int> code_{SQLITE_OK}, refused_{0};
  std::function<void(const std::string&)> before_sync_;
};

}  // namespace halley::fakes
