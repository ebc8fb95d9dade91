#include "storage/base/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace halley::storage {

namespace {

// A store that was made in vain goes with its lock file: a lock on what is no longer there is none.
bool is_still(int fd, const std::filesystem::path& file) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 && ::stat(file.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

}  // namespace

std::expected<std::unique_ptr<LockFile>, std::string> LockFile::take(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return std::unexpected(fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)));
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    std::array<char, 32> bytes{};
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    ::close(fd);
    if (error != EWOULDBLOCK) {
      return std::unexpected(fmt::format("cannot lock {}: {}", file.string(), std::strerror(error)));
    }
    std::string_view holder{bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    holder = holder.substr(0, holder.find('\n'));
    return std::unexpected(
        fmt::format("{} is in use by process {}: stop it first, or name another data directory",
                    file.parent_path().string(), holder.empty() ? "(starting)" : holder));
  }
  if (!is_still(fd, file)) {
    ::close(fd);
    return std::unexpected(
        fmt::format("{} was being removed at the same time; try again", file.parent_path().string()));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  // Only for the message above: a disk too full for it does not matter.
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) errno = 0;
  return std::unique_ptr<LockFile>{new LockFile{fd}};
}

// The file stays; it goes only with all others (discard_empty_store).
LockFile::~LockFile() {
  ::close(fd_);
}

}  // namespace halley::storage
