#include "gateway/api/upload_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace halley::gateway {
namespace {

constexpr Refusal kOver{403, "no_account", "This account has been removed."};

}  // namespace

// Touched by one job at a time: each keeps the sink, which asks for the next one when it is done, and for the
// removal of what is half there when the last of them is.
struct UploadSink::Part {
  std::filesystem::path path, place;
  int fd = -1;
  std::string error;

  ~Part() {
    if (fd >= 0) ::close(fd);
  }
  void append(std::string_view bytes) {
    if (error.empty() && fd < 0) open();
    while (error.empty() && !bytes.empty()) {
      const ssize_t taken = ::write(fd, bytes.data(), bytes.size());
      if (taken < 0 && errno == EINTR) continue;
      if (taken < 0) return fail("written");
      bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
  }
  void open() {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    ::chmod(path.parent_path().c_str(), 0700);
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) fail("made");
  }
  // What stands under its name is whole there after a power cut, too.
  void put_in_place() {
    if (!error.empty()) return;
    if (::fdatasync(fd) != 0) return fail("written");
    if (::rename(path.c_str(), place.c_str()) != 0) return fail("put in its place");
    path = place;
    // The user's own, which stands in uploads, which stands in the data's: who made it may have broken off.
    std::filesystem::path folder = place;
    for (int above = 0; above < 3; ++above) keep_names(folder = folder.parent_path());
  }
  void keep_names(const std::filesystem::path& folder) {
    const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // EINVAL: a file system that cannot, and has no more to promise.
    if (at < 0 || (::fsync(at) != 0 && errno != EINVAL)) fail("put in its place");
    if (at >= 0) ::close(at);
  }
  void remove() {
    if (fd >= 0) ::unlink(path.c_str());
  }
  void fail(std::string_view what) {
    error = fmt::format("The file cannot be {}: {}", what, std::generic_category().message(errno));
  }
};

UploadSink::UploadSink(UploadStore& store, UploadRequest asked)
    : store_(store),
      store_alive_(store.alive()),
      asked_(std::move(asked)),
      coming_(store.make_coming(asked_.user)),
      part_(std::make_shared<Part>()) {
  part_->place = store_.path(asked_.user, asked_.name);
  part_->path = part_->place;
  part_->path += ".part";
}

UploadSink::~UploadSink() {
  if (store_alive_.expired()) return;  // Halley ends: what is half there is removed at the next start
  coming_->bytes -= state_.bytes;
  if (coming_->over)
    store_.forget(asked_.user);  // its folder may have been made anew meanwhile
  else if (!state_.kept)
    store_.loop().work([part = part_] { part->remove(); }, [] {});
}

bool UploadSink::take(std::string bytes) {
  if (coming_->over) {
    state_.refusal = kOver;
    return false;
  }
  if (state_.bytes + bytes.size() > UploadStore::kMostUpload) return false;
  if (store_.bytes_of(asked_.user) + bytes.size() > asked_.quota) {
    state_.refusal = {413, "quota", "That is more than your quota for uploads: remove some of them first."};
    return false;
  }
  if (!part_->error.empty() && !writing_) {
    state_.refusal = {507, "disk", "The file cannot be kept."};
    return false;
  }
  state_.bytes += bytes.size();
  coming_->bytes += bytes.size();
  state_.waiting += bytes;
  write_on();
  return true;
}

void UploadSink::write_on() {
  if (writing_ || state_.waiting.empty()) return;
  writing_ = true;
  on_its_way_ = state_.waiting.size();
  store_.loop().work([part = part_, bytes = std::make_shared<const std::string>(
                                        std::exchange(state_.waiting, {}))] { part->append(*bytes); },
                     [self = shared_from_this()] {
                       if (!self->store_alive_.expired()) self->written();
                     });
}

void UploadSink::written() {
  writing_ = false;
  on_its_way_ = 0;
  write_on();
  if (room_ && wants_more()) room_();
  if (done_ && !writing_) put_in_place();
}

void UploadSink::finish(std::int64_t now_ms, Done done) {
  state_.finished_ms = now_ms;
  done_ = std::move(done);
  if (!writing_) put_in_place();
}

void UploadSink::put_in_place() {
  writing_ = true;
  store_.loop().work([part = part_] { part->put_in_place(); },
                     [self = shared_from_this()] {
                       if (self->store_alive_.expired()) return;
                       const Done done = std::exchange(self->done_, nullptr);
                       if (self->coming_->over) return done(std::unexpected(kOver));
                       if (!self->part_->error.empty())
                         return done(std::unexpected(Refusal{507, "disk", self->part_->error}));
                       self->state_.kept = true;
                       self->store_.add(self->asked_.user,
                                        {self->asked_.name, self->state_.bytes, self->state_.finished_ms});
                       self->coming_->bytes -= std::exchange(self->state_.bytes, 0);
                       done(self->asked_.name);
                     });
}

}  // namespace halley::gateway
