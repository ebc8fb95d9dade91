#include "storage/open/data_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kWriteOfOthers = S_IWGRP | S_IWOTH, kAllOfOthers = S_IRWXG | S_IRWXO;
constexpr const char* kFiles[] = {"halley.db", "halley.db-wal", "halley.db-shm", "halley.journal",
                                  "halley.lock"};

std::expected<void, std::string> close_to_others(const fs::path& path, mode_t closed,
                                                 std::vector<std::string>& notices) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || (info.st_mode & closed) == 0) return {};
  const char* may = (info.st_mode & kWriteOfOthers) != 0 ? "changed" : "read";
  const auto mode = static_cast<unsigned>(info.st_mode & 07777);
  const auto right = static_cast<unsigned>(info.st_mode & 0777 & ~closed);
  // A folder with the sticky bit is everybody's by purpose.
  const bool shared = (info.st_mode & S_ISVTX) != 0;
  if (shared || ::chmod(path.c_str(), static_cast<mode_t>(right)) != 0) {
    return std::unexpected(fmt::format("{} can be {} by others (mode {:04o}): {}", path.string(), may, mode,
                                       shared ? std::string{"name a data directory of Halley's own"}
                                              : fmt::format("chmod {:o} it as its owner", right)));
  }
  notices.push_back(fmt::format(
      "{} could be {} by others (mode {:04o}): it has been closed to them (mode {:04o}); if they were "
      "strangers, change passwords",
      path.string(), may, mode, right));
  return {};
}

}  // namespace

std::expected<void, std::string> prepare_data_folder(const fs::path& folder,
                                                     std::vector<std::string>& notices) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(
        fmt::format("cannot make the data directory {}: {}", folder.string(), std::strerror(errno)));
  }
  if (auto closed = close_to_others(folder, kWriteOfOthers, notices); !closed) return closed;
  for (const char* file : kFiles) {
    if (auto closed = close_to_others(folder / file, kAllOfOthers, notices); !closed) return closed;
  }
  return {};
}

}  // namespace halley::storage
