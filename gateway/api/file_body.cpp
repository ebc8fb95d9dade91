#include "gateway/api/file_body.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace halley::gateway {
namespace {

constexpr std::size_t kFilePiece = 64 * 1024;
constexpr std::uint64_t kTakeFileMs = 60'000;

}  // namespace

struct FileBody::Open {
  std::filesystem::path path;
  int fd = -1;
  std::string piece;

  ~Open() {
    if (fd >= 0) ::close(fd);
  }
  // An empty piece: there is no more.
  void read(std::size_t bytes) {
    piece.clear();
    if (fd < 0) fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return;
    piece.resize(bytes);
    ssize_t taken = 0;
    do taken = ::read(fd, piece.data(), bytes);
    while (taken < 0 && errno == EINTR);
    piece.resize(taken > 0 ? static_cast<std::size_t>(taken) : 0);
  }
};

FileBody::FileBody(net::Loop& loop, net::Stream& stream, std::string_view head, std::filesystem::path path,
                   std::uint64_t bytes)
    : loop_(loop),
      stream_(stream),
      timer_(loop.timer([this] { end(); })),
      file_(std::make_shared<Open>()),
      state_{.out = std::string(head), .left = bytes} {
  file_->path = std::move(path);
  timer_->start(kTakeFileMs);
}

void FileBody::read_on() {
  reading_ = true;
  timer_->stop();  // it is our turn
  const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(state_.left, kFilePiece));
  loop_.work([file = file_, bytes] { file->read(bytes); },
             [this, alive = std::weak_ptr(alive_)] {
               if (alive.expired()) return;
               reading_ = false;
               if (gone_ || state_.ended) return;
               timer_->start(kTakeFileMs);
               // It was removed meanwhile: the answer stays shorter than it promised.
               if (file_->piece.empty()) return end();
               state_.left -= file_->piece.size();
               state_.out = std::exchange(file_->piece, {});
               state_.out_at = 0;
               flush();
             });
}

void FileBody::flush() {
  if (gone_ || state_.ended || reading_) return;
  while (state_.out_at < state_.out.size()) {
    const std::string_view rest = std::string_view(state_.out).substr(state_.out_at);
    const std::size_t taken = stream_.write({&rest, 1});
    if (taken > 0) timer_->start(kTakeFileMs);
    state_.out_at += taken;
    if (taken < rest.size()) return;
  }
  state_.left == 0 ? end() : read_on();
}

void FileBody::end() {
  if (std::exchange(state_.ended, true)) return;
  timer_->stop();
  if (!gone_) stream_.close();
}

void FileBody::closed() {
  gone_ = true;
  timer_->stop();
}

}  // namespace halley::gateway
