// One process at a time has the data directory open. The lock is the kernel's (flock): it goes with the
// process.
//
// Any thread. Owner: what has the folder open: the store, an import, a repair.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

namespace halley::storage {

class LockFile {
 public:
  // The error names the process that holds it.
  static std::expected<std::unique_ptr<LockFile>, std::string> take(const std::filesystem::path& file);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace halley::storage
