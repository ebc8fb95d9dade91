#include "storage/open/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

bool sync_path(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::fsync(fd) == 0;
  ::close(fd);
  return done;
}

}  // namespace

std::expected<NewFile, std::string> NewFile::make(const fs::path& name) {
  std::error_code error;
  if (fs::exists(name, error))
    return std::unexpected(fmt::format("{} is there already; name another file", name.string()));
  NewFile file(name);
  const int fd = ::open(file.part_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return std::unexpected(
        fmt::format("cannot make {}: {}; while Halley runs it writes this itself, as its own user and in its "
                    "sandbox: name a folder below its data, or one that its user may write to and that "
                    "sandbox.write of halley.toml names (under systemd ReadWritePaths= of the unit, too)",
                    file.part_.string(), std::strerror(errno)));
  ::close(fd);
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : name_(std::move(other.name_)), part_(std::exchange(other.part_, fs::path())) {}

NewFile::~NewFile() {
  if (!part_.empty()) remove_database(part_);
}

std::expected<std::uint64_t, std::string> NewFile::finish() const {
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(part_, error);
  if (error || !sync_path(part_, O_RDWR))
    return std::unexpected(fmt::format("{} cannot be brought to the disk", part_.string()));
  if (::link(part_.c_str(), name_.c_str()) != 0) {
    return std::unexpected(fmt::format("cannot give {} its name: {}", name_.string(), std::strerror(errno)));
  }
  sync_path(name_.parent_path().empty() ? fs::path(".") : name_.parent_path(), O_RDONLY | O_DIRECTORY);
  return bytes;  // the other name goes with this
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(file.string() + end, ignored);
}

}  // namespace halley::storage
