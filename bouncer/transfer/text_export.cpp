#include "bouncer/transfer/text_export.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "bouncer/transfer/text_files.h"

namespace halley::transfer {
namespace {

namespace fs = std::filesystem;
using storage::Status;

// All that was written to where this folder is: one call, however many files there are.
bool sync_all(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::syncfs(fd) == 0;
  ::close(fd);
  return done;
}

// "kit-logs/" is "kit-logs".
fs::path named(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

}  // namespace

bool rename_to_new(const fs::path& from, const fs::path& to) {
  // Whoever else makes it now fails, or we do; and no rename goes over a folder that has something in it.
  if (::mkdir(to.c_str(), 0700) != 0) return false;
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  const int why = errno;
  ::rmdir(to.c_str());
  errno = why;
  return false;
}

TextExport::TextExport(const fs::path& folder, Windows windows)
    : folder_(named(folder)), part_(folder_.string() + ".part"), windows_(std::move(windows)) {}

TextExport::~TextExport() {
  std::error_code ignored;  // it is of no use, and its name says so
  if (begun_) fs::remove_all(part_, ignored);
}

Status TextExport::begin() {
  if (begun_) return {};
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder_, error)))
    return std::unexpected(fmt::format("{} is there already; name another folder", folder_.string()));
  if (::mkdir(part_.c_str(), 0700) != 0) {
    if (errno == EEXIST)
      return std::unexpected(
          fmt::format("{} is there, as of an export that was broken off; remove it, or name another folder",
                      part_.string()));
    return std::unexpected(
        fmt::format("cannot make {}: {}; while Halley runs it writes this itself, as its own user and in its "
                    "sandbox: name a folder below its data, or one that its user may write to and that "
                    "sandbox.write of halley.toml names (under systemd ReadWritePaths= of the unit, too)",
                    part_.string(), std::strerror(errno)));
  }
  begun_ = true;
  return {};
}

Status TextExport::take(const storage::Page& page) {
  if (auto begun = begin(); !begun) return begun;
  const auto window = [this](storage::BufferId buffer) {
    const auto at = windows_.find(buffer);
    return at == windows_.end() ? nullptr : &at->second;
  };
  std::vector<TextLine> lines;
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    add_text_lines(page.events[i], window, lines);
    if (lines.size() < kMostExportedLines && i + 1 < page.events.size()) continue;
    TextPage text(std::exchange(lines, {}));
    if (auto written = text.write(part_, TextPage::Sync::kLater); !written)
      return std::unexpected(fmt::format("cannot write {}", written.error()));
    *lines_ += text.lines();
  }
  return {};
}

Status TextExport::finish() {
  if (auto begun = begin(); !begun) return begun;
  if (!sync_all(part_))
    return std::unexpected(
        fmt::format("{} cannot be brought to the disk: {}", part_.string(), std::strerror(errno)));
  // In the place of an empty folder that somebody made meanwhile a plain rename would put it.
  bool named = ::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, folder_.c_str(), RENAME_NOREPLACE) == 0;
  if (!named && (errno == EINVAL || errno == ENOSYS)) named = rename_to_new(part_, folder_);
  if (!named)
    return std::unexpected(
        fmt::format("cannot give {} its name: {}", folder_.string(), std::strerror(errno)));
  begun_ = false;
  sync_all(folder_);
  return {};
}

}  // namespace halley::transfer
