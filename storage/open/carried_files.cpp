#include "storage/open/carried_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "storage/open/carried_blob.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kUnfinished = ".part";  // a file that is still on its way in

// A name that leads nowhere else, whoever made the copy.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
         !name.ends_with(kUnfinished) && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string failed(std::string_view doing, const fs::path& path) {
  return fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(errno));
}

// nullopt: no number.
std::optional<UserId> user_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  UserId user = 0;
  const auto [rest, bad] = std::from_chars(name.data(), name.data() + name.size(), user);
  if (bad != std::errc{} || rest != name.data() + name.size()) return std::nullopt;
  return user;
}

// What is in a folder, in the order of names; a folder that is not there is empty.
std::expected<std::vector<fs::path>, std::string> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    entries.push_back(at->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return std::unexpected(fmt::format("cannot read {}: {}", folder.string(), error.message()));
  std::ranges::sort(entries);
  return entries;
}

std::optional<std::string> read_into(CarriedBlob blob, int fd, const fs::path& path) {
  std::vector<char> piece(CarriedBlob::kPieceBytes);
  for (std::size_t at = 0; at < blob.size();) {
    const ssize_t got = ::read(fd, piece.data(), std::min(piece.size(), blob.size() - at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return fmt::format("{} has become shorter while it was read", path.string());
    blob.write(at, {piece.data(), static_cast<std::size_t>(got)});
    at += static_cast<std::size_t>(got);
  }
  return std::nullopt;
}

// Passes over what is none, or is there no more.
std::expected<void, std::string> carry_file(Db& copy, UserId user, const fs::path& path) {
  if (!is_plain_name(path.filename().string())) return {};
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.open() && (errno == ENOENT || errno == ELOOP)) return {};
  struct stat status {};
  if (!file.open() || ::fstat(file.get(), &status) != 0) return std::unexpected(failed("read", path));
  if (!S_ISREG(status.st_mode)) return {};
  const std::string name = path.filename().string();
  Statement row{copy, "INSERT INTO carried_file (user, name, time_ms, bytes) VALUES (?, ?, ?, zeroblob(?))"};
  row.bind(user, name, std::int64_t{status.st_mtime} * 1000, std::int64_t{status.st_size}).run();
  CarriedBlob blob(copy, sqlite3_last_insert_rowid(copy.handle()), CarriedBlob::Use::kWrite);
  if (auto error = read_into(std::move(blob), file.get(), path)) return std::unexpected(std::move(*error));
  return {};
}

bool sync_folder(const fs::path& folder) {
  const Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // EINVAL: a file system that cannot, and has no more to promise.
  return at.open() && (::fsync(at.get()) == 0 || errno == EINVAL);
}

std::optional<std::string> write_out(CarriedBlob blob, int fd, const fs::path& path) {
  std::vector<char> piece(CarriedBlob::kPieceBytes);
  for (std::size_t at = 0; at < blob.size();) {
    const std::size_t count = std::min(piece.size(), blob.size() - at);
    blob.read(at, piece.data(), count);
    for (std::size_t done = 0; done < count;) {
      const ssize_t put = ::write(fd, piece.data() + done, count - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed("write", path);
      done += static_cast<std::size_t>(put);
    }
    at += count;
  }
  return std::nullopt;
}

struct Carried {
  std::int64_t row = 0;
  std::string name;
  std::int64_t time_ms = 0;
};

// One that is there already is the same: its name is nobody else's.
std::optional<std::string> lay_out(Db& db, const Carried& file, const fs::path& folder) {
  const fs::path place = folder / file.name;
  std::error_code error;
  if (fs::exists(fs::symlink_status(place, error))) return std::nullopt;
  fs::create_directories(folder, error);
  if (error) return fmt::format("cannot make {}: {}", folder.string(), error.message());
  ::chmod(folder.parent_path().c_str(), 0700);
  ::chmod(folder.c_str(), 0700);
  fs::path part = place;
  part += kUnfinished;
  fs::remove(part, error);  // of an earlier try
  {
    const Descriptor out(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.open()) return failed("make", part);
    CarriedBlob blob(db, file.row, CarriedBlob::Use::kRead);
    if (auto problem = write_out(std::move(blob), out.get(), part)) return problem;
    const timespec time{.tv_sec = file.time_ms / 1000, .tv_nsec = 0};
    const timespec times[] = {time, time};
    if (::futimens(out.get(), times) != 0 || ::fsync(out.get()) != 0) return failed("write", part);
  }
  if (::rename(part.c_str(), place.c_str()) != 0) return failed("make", place);
  for (const fs::path& above : {folder, folder.parent_path(), folder.parent_path().parent_path()})
    if (!sync_folder(above)) return failed("write", above);
  return std::nullopt;
}

}  // namespace

std::expected<void, std::string> carry_files(Db& copy, const fs::path& uploads, WorkWatch& watch) {
  const auto folders = entries_of(uploads);
  if (!folders) return std::unexpected(folders.error());
  Statement known{copy, "SELECT 1 FROM user WHERE id = ?"};
  Transaction transaction{copy};
  std::uint64_t files_done = 0;
  for (const fs::path& folder : *folders) {
    const auto user = user_of(folder);
    if (!user || !known.bind(*user).step()) continue;
    const auto files = entries_of(folder);
    if (!files) return std::unexpected(files.error());
    for (const fs::path& file : *files) {
      if (watch.stopped()) return std::unexpected("Halley was stopped meanwhile; nothing was written");
      watch.at("uploaded files copied", files_done++);
      if (auto carried = carry_file(copy, *user, file); !carried) return carried;
    }
  }
  known.reset();
  transaction.commit();
  return {};
}

void lay_out_files(Db& db, const fs::path& uploads, std::vector<std::string>& notices) {
  std::int64_t after = 0;
  for (;;) {
    Statement next{db, "SELECT id, user, name, time_ms FROM carried_file WHERE id > ? ORDER BY id LIMIT 1"};
    if (!next.bind(after).step()) return;
    const Carried file{.row = next.number(0), .name = std::string(next.text(2)), .time_ms = next.number(3)};
    const auto user = static_cast<UserId>(next.number(1));
    next.reset();
    after = file.row;
    Statement known{db, "SELECT 1 FROM user WHERE id = ?"};
    const bool wanted = is_plain_name(file.name) && known.bind(user).step();
    known.reset();
    if (wanted) {
      if (auto problem = lay_out(db, file, uploads / std::to_string(user))) {
        notices.push_back(fmt::format(
            "uploaded files of the backup are not all back yet: {}; mend that, and start Halley again",
            *problem));
        return;
      }
    }
    Statement{db, "DELETE FROM carried_file WHERE id = ?"}.bind(file.row).run();
  }
}

std::expected<void, std::string> import_files(Db& exported, const fs::path& uploads, UserId user) {
  Statement rows{exported, "SELECT id, name, time_ms FROM carried_file ORDER BY id"};
  while (rows.step()) {
    const Carried file{.row = rows.number(0), .name = std::string(rows.text(1)), .time_ms = rows.number(2)};
    if (!is_plain_name(file.name)) continue;
    if (auto problem = lay_out(exported, file, uploads / std::to_string(user)))
      return std::unexpected(std::move(*problem));
  }
  return {};
}

}  // namespace halley::storage
