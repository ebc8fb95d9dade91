// Whether a file that is open is still the one of its name: a deleted or replaced file can be written on, and
// all of that is lost when it is closed.
//
// A value; any thread. Owner: whoever looks after the file.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace halley::storage {

class FileIdentity {
 public:
  // REQUIRES: the file is there, opened by the caller.
  explicit FileIdentity(std::filesystem::path file);

  const std::filesystem::path& file() const { return file_; }
  bool still_there() const;

 private:
  std::filesystem::path file_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace halley::storage
