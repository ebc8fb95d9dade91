#include "bouncer/transfer/text_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <string_view>
#include <utility>

#include "bouncer/core/event_kind.h"
#include "bouncer/transfer/znc_log.h"

namespace halley::transfer {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<std::string> failed(const std::filesystem::path& path) {
  return std::unexpected(fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

// Each folder from `folder` to that of the file.
std::expected<void, std::string> make_folders(const std::filesystem::path& folder,
                                              const std::filesystem::path& file) {
  std::filesystem::path at = folder;
  std::filesystem::path parts = file.parent_path();
  if (::mkdir(at.c_str(), 0700) != 0 && errno != EEXIST) return failed(at);
  for (const auto& part : parts) {
    at /= part;
    if (::mkdir(at.c_str(), 0700) != 0 && errno != EEXIST) return failed(at);
  }
  return {};
}

// False: errno says why.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// All of it, with kEach also after a power cut, or nothing.
std::expected<void, std::string> append_whole(const std::filesystem::path& path, std::string_view text,
                                              TextPage::Sync sync) {
  const OpenFile file(path);
  struct stat before {};
  if (file.fd() < 0 || ::fstat(file.fd(), &before) != 0) return failed(path);
  if (write_all(file.fd(), text) && (sync == TextPage::Sync::kLater || ::fdatasync(file.fd()) == 0))
    return {};
  const auto error = failed(path);
  // What cannot be taken back stands twice after the next try: nothing is lost.
  (void)!::ftruncate(file.fd(), before.st_size);
  return error;
}

}  // namespace

void add_text_lines(const storage::Event& event,
                    const std::function<const std::string*(storage::BufferId)>& window,
                    std::vector<TextLine>& lines) {
  if (!kind_row(static_cast<EventKind>(event.kind)).shown) return;
  for (const storage::BufferId buffer : event.buffers) {
    if (const std::string* const shown_in = window(buffer))
      lines.push_back({.time_ms = event.time_ms,
                       .window = *shown_in,
                       .line = std::string(event.line),
                       .multiline = (event.flags & event_flag::kMultiline) != 0});
  }
}

void TextPage::sort() {
  std::map<std::string, std::string> files;
  for (const TextLine& line : lines_) {
    const auto words = znc_words(line.line, line.multiline);
    if (words.empty()) continue;
    const std::time_t seconds = static_cast<std::time_t>(line.time_ms / 1000);
    std::tm time{};
    ::localtime_r(&seconds, &time);
    std::string& text = files[line.window + "/" + znc_file(time)];
    made_ += words.size();
    for (const std::string& one : words) ((text += znc_stamp(time)) += one) += '\n';
  }
  lines_.clear();
  for (auto& [path, text] : files) files_.push_back({path, std::move(text)});
}

std::expected<void, std::string> TextPage::write(const std::filesystem::path& folder, Sync sync) {
  sort();
  while (!files_.empty()) {
    const File& file = files_.back();
    if (auto made = make_folders(folder, file.path); !made) return made;
    if (auto done = append_whole(folder / file.path, file.text, sync); !done) return done;
    files_.pop_back();
  }
  return {};
}

}  // namespace halley::transfer
