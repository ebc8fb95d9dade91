// Opening the journal's file: header, size, recovery.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "storage/api/journal.h"
#include "storage/journal/mapped_journal.h"

namespace halley::storage {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::size_t kPage =
    4096;  // header page and rounding; a larger page size of the machine divides into it
constexpr std::array<char, 8> kMagic{'H', 'a', 'l', 'l', 'e', 'y', '\r', '\n'};
constexpr std::size_t kLeast = 4 * kMaxRecord, kMost = std::size_t{1} << 32;

using format::JournalHeader;

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string failed(const char* doing, const std::filesystem::path& file, int error) {
  return fmt::format("cannot {} the journal {}: {}", doing, file.string(), std::strerror(error));
}

// Lays out a new file: all of its blocks are taken now, so that a full disk cannot kill us in the middle of a
// store.
std::expected<JournalHeader, std::string> create(const File& file, const std::filesystem::path& path,
                                                 std::size_t size) {
  JournalHeader header{.magic = kMagic, .version = format::kFormatVersion, .header_bytes = kPage};
  header.ring_bytes = (std::clamp(size, kLeast, kMost) + kPage - 1) / kPage * kPage;
  const auto bytes = static_cast<off_t>(kPage + header.ring_bytes);
  if (const int error = ::posix_fallocate(file.get(), 0, bytes); error != 0) {
    return Error(
        fmt::format("{}; it needs {} bytes on its disk", failed("make room for", path, error), bytes));
  }
  if (::pwrite(file.get(), &header, sizeof header, 0) != sizeof header)
    return Error(failed("write", path, errno));
  if (::fdatasync(file.get()) != 0) return Error(failed("sync", path, errno));
  return header;
}

// Says whose it is, and that from now on records of this version follow: an older Halley must not take them
// for the end of the journal.
bool claim(const File& file, JournalHeader header, std::uint64_t owner) {
  if (header.version == format::kFormatVersion && (owner == 0 || header.owner == owner)) return true;
  header.version = format::kFormatVersion;
  header.owner = owner;
  return ::pwrite(file.get(), &header, sizeof header, 0) == sizeof header && ::fdatasync(file.get()) == 0;
}

// The header of an existing file; nothing when it has none yet (new, or we were killed while making it).
using HeaderBytes = std::array<char, sizeof(JournalHeader)>;

bool is_blank(const HeaderBytes& bytes) {
  return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

std::expected<std::optional<JournalHeader>, std::string> read_header(const File& file,
                                                                     const std::filesystem::path& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return Error(failed("read", path, errno));
  if (!S_ISREG(info.st_mode))
    return Error(fmt::format("{} is not a regular file; move it away", path.string()));
  HeaderBytes bytes{};
  const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) return Error(failed("read", path, errno));
  if (is_blank(bytes)) return std::nullopt;
  JournalHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kMagic) {
    return Error(fmt::format("{} is not Halley's journal; move it away, or name another data directory",
                             path.string()));
  }
  if (header.version > format::kFormatVersion || header.version == 0) {
    return Error(fmt::format(
        "{} was written by another Halley (journal format {}; this one knows {}): start that version "
        "once and stop it cleanly, then move the journal away",
        path.string(), header.version, format::kFormatVersion));
  }
  const bool whole = header.header_bytes == kPage && header.ring_bytes >= kLeast &&
                     header.ring_bytes <= kMost && header.ring_bytes % kPage == 0 &&
                     static_cast<std::uint64_t>(info.st_size) >= kPage + header.ring_bytes;
  if (!whole) {
    return Error(
        fmt::format("{} is damaged or cut short; move it away (what it held beyond the database, at most the "
                    "last moments, is lost)",
                    path.string()));
  }
  return header;
}

}  // namespace

bool holds_journal(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  HeaderBytes bytes{};
  in.read(bytes.data(), bytes.size());
  return !is_blank(bytes);
}

std::expected<std::unique_ptr<Journal>, std::string> Journal::open(const std::filesystem::path& path,
                                                                   std::uint64_t applied, std::size_t size,
                                                                   std::uint64_t owner) {
  File file{path};
  if (file.get() < 0) return Error(failed("open", path, errno));
  auto header = read_header(file, path);
  if (!header) return Error(header.error());
  if (!*header) {
    auto created = create(file, path, size);
    if (!created) return Error(created.error());
    *header = *created;
  }
  if (owner != 0 && (*header)->owner != 0 && (*header)->owner != owner) {
    return Error(fmt::format(
        "{} belongs to another database than the one beside it: put the two that belong together back, or "
        "move the journal away (the lines in it that its own database does not have yet are then lost)",
        path.string()));
  }
  const std::size_t mapped = kPage + (*header)->ring_bytes;
  // An old file may have holes (copied by a tool that makes them).
  if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(mapped)); error != 0) {
    return Error(failed("make room for", path, error));
  }
  if (!claim(file, **header, owner)) return Error(failed("write", path, errno));
  void* base = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (base == MAP_FAILED) return Error(failed("map", path, errno));
  auto* bytes = static_cast<std::byte*>(base);
  applied = (applied + format::kAlignment - 1) / format::kAlignment * format::kAlignment;
  const auto recovered = format::recover({bytes + kPage, mapped - kPage}, applied);
  return std::make_unique<MappedJournal>(MappedJournal::Mapping{file.release(), bytes, mapped}, applied,
                                         recovered);
}

}  // namespace halley::storage
