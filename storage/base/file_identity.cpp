#include "storage/base/file_identity.h"

#include <sys/stat.h>

#include <utility>

namespace halley::storage {

FileIdentity::FileIdentity(std::filesystem::path file) : file_(std::move(file)) {
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return;
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

bool FileIdentity::still_there() const {
  struct stat info {};
  return ::stat(file_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

}  // namespace halley::storage
