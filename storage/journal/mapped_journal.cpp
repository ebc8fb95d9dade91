#include "storage/journal/mapped_journal.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "storage/base/require.h"

namespace halley::storage {
namespace {

// The first page holds the header.
constexpr std::size_t kHeaderPage = 4096;
// Between the newest record and the oldest that is still needed: the zero length behind the newest, and a
// lap's end too short for a header.
constexpr std::size_t kGap = 64;
// When the consumer has caught up beyond this, the producer starts the next lap: moderate load then lives in
// the first pages, and only those are in memory.
constexpr std::size_t kRewindBeyond = 256 * 1024;
constexpr std::size_t kMarkEvery = 64 * 1024;
// Once more than this was touched, and is no longer needed, the pages leave our address space (not the page
// cache).
constexpr std::size_t kKeepMapped = 1024 * 1024;

constexpr const char* kOlderDatabase =
    "the database is older than the journal (a restored backup, or a damaged write-ahead log): what was said "
    "in between is lost";
constexpr const char* kChangesLost =
    "the database has lost its newest changes (a restored backup, or a damaged write-ahead log): what was "
    "said is there again from the journal, but changes of accounts, networks and settings are lost";

}  // namespace

MappedJournal::MappedJournal(const Mapping& mapping, std::uint64_t applied, format::Recovered recovered)
    : mapping_(mapping),
      guard_(mapping.fd, mapping.base, mapping.size),
      ring_{mapping.base + kHeaderPage, mapping.size - kHeaderPage},
      head_(recovered.head),
      floor_(recovered.start),
      rewound_from_(applied),
      last_floor_(applied),
      shares_(ring_.size),
      applied_(applied),
      released_(applied),
      touched_(ring_.size) {
  find_damage(recovered);
  format::end_at(ring_, recovered.head);
  // What an earlier history of this file (before a restored backup) left at the next lap's start must not be
  // found through an unused end of this lap. It is in the way only when nothing there is still needed.
  const std::uint64_t lap = format::next_lap(recovered.head, ring_.size);
  if (recovered.start + ring_.size > lap) format::end_at(ring_, lap);
}

MappedJournal::~MappedJournal() {
  ::munmap(mapping_.base, mapping_.size);
  ::close(mapping_.fd);
}

// What cannot be reached is wiped: it would be found again at the next start.
void MappedJournal::find_damage(const format::Recovered& recovered) {
  const format::End end = format::end_of(ring_, recovered.head);
  if (header().released > recovered.head) {
    damage_ = kOlderDatabase;
  } else if (end == format::End::kMoreBeyond) {
    damage_ = "the journal is damaged: what was said behind the damage, at most the last moments, is lost";
  } else if (end == format::End::kTorn) {
    damage_ = "the journal ends in the middle of a line (a power cut?): that line is lost";
  }
  if (end != format::End::kClean) {
    for (std::uint64_t at = recovered.head; at < recovered.start + ring_.size;) {
      const std::size_t here = at % ring_.size;
      const std::size_t size = std::min<std::uint64_t>(ring_.size - here, recovered.start + ring_.size - at);
      std::memset(ring_.data + here, 0, size);
      at += size;
    }
  }
  header().released = rewound_from_;
}

// A record that begins a lap does not tell whether others stood before it: with an older database they did.
std::string MappedJournal::damage_of_database(std::uint64_t transactions) const {
  if (header().written <= transactions || !damage_.empty()) return damage_;
  return floor_.load(std::memory_order_relaxed) > rewound_from_ ? kOlderDatabase : kChangesLost;
}

std::uint64_t MappedJournal::needed_from(std::uint64_t offset) const {
  return std::max(offset, floor_.load(std::memory_order_relaxed));
}

bool MappedJournal::fits(std::size_t bytes, std::uint64_t released, std::size_t kept_back) const {
  // The end of a lap may stay unused for want of room for a whole record.
  const std::size_t lost = std::min(bytes, kMaxRecord);
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  return head + bytes + lost + kept_back + kGap <= needed_from(released) + ring_.size;
}

bool MappedJournal::has_last_room(std::size_t bytes) const {
  return fits(bytes, released(), 0);
}

bool MappedJournal::has_room(std::size_t bytes) const {
  // For what is appended without asking (new buffers), and as the process ends.
  const std::size_t kept_back = ring_.size / 16;
  if (fits(bytes, released_.load(std::memory_order_acquire), kept_back)) [[likely]]
    return true;
  // Say so first and look again then: either we see the consumer's newest release, or it sees that we wait.
  refused_.store(true, std::memory_order_seq_cst);
  if (!fits(bytes, released_.load(std::memory_order_seq_cst), kept_back)) return false;
  refused_.store(false, std::memory_order_relaxed);
  return true;
}

bool MappedJournal::allows(UserId user, std::size_t bytes) const {
  const std::uint64_t released = released_.load(std::memory_order_seq_cst);
  shares_.release(released);
  return shares_.allows(user, bytes,
                        head_.load(std::memory_order_relaxed) - std::min(head(), needed_from(released)));
}

bool MappedJournal::has_room(UserId user, std::size_t bytes) const {
  if (!has_room(bytes)) return false;
  if (allows(user, bytes)) [[likely]]
    return true;
  refused_.store(true, std::memory_order_seq_cst);  // as above
  if (!allows(user, bytes)) return false;
  refused_.store(false, std::memory_order_relaxed);
  return true;
}

// Where the next record of `size` bytes goes.
std::uint64_t MappedJournal::place(std::size_t size) {
  const std::uint64_t released = released_.load(std::memory_order_acquire);
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  std::uint64_t at = head;
  if (released == head && at % ring_.size > kRewindBeyond) {
    at = format::next_lap(at, ring_.size);
    last_floor_ = floor_.load(std::memory_order_relaxed);
    rewound_from_ = head;
    floor_.store(at, std::memory_order_relaxed);  // published by the head
  } else if (ring_.size - at % ring_.size < size) {
    at = format::next_lap(at, ring_.size);
  }
  require(at + size + kGap <= needed_from(released) + ring_.size,
          "an append to a full journal: has_room() was not asked");
  return at;
}

template <class R>
std::uint64_t MappedJournal::lay(const R& record) {
  const std::size_t size = format::record_size(format::body_size(record));
  require(size <= kMaxRecord, "a journal record of more than 32 KiB");
  const std::uint64_t at = place(size);
  if (shares_.add(record.user, at, size)) shares_.release(released());
  head_.store(format::write(ring_, at, record), std::memory_order_release);
  return at;
}

void MappedJournal::append(const BufferRecord& record) {
  lay(record);
}
void MappedJournal::append(const StateRecord& record) {
  require(record.key.size() <= kMaxStateKey && record.value.size() <= kMaxStateValue,
          "a state beyond the journal's format");
  lay(record);
}

Event MappedJournal::append(const Event& event) {
  require(event.buffers.size() <= 255 && event.line.size() <= 0xFFFF && event.msgid.size() <= 0xFFFF &&
              event.tags.size() <= 0xFFFF && event.text_at <= event.line.size(),
          "an event beyond the journal's format");
  const std::uint64_t at = lay(event);
  mark(event.id, at);
  return format::view_event(ring_, at, event);
}

// Remembers an event's place once in a while: at most 16 bytes for each 64 KiB of the ring.
void MappedJournal::mark(EventId id, std::uint64_t at) {
  if (!marks_.empty() && at < marks_.back().at + kMarkEvery) return;
  if (marks_.size() > ring_.size / kMarkEvery) marks_.erase(marks_.begin());
  marks_.push_back({id, at});
}

std::optional<std::uint64_t> MappedJournal::find(EventId id) const {
  const auto newer = std::ranges::upper_bound(marks_, id, {}, &Mark::id);
  if (newer == marks_.begin()) return std::nullopt;
  return std::prev(newer)->at;
}

std::optional<std::uint64_t> MappedJournal::scan(std::uint64_t from, const Take& take) const {
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  const std::uint64_t floor = floor_.load(std::memory_order_relaxed);
  if (from > head || (from < wiped_below_ && from != rewound_from_)) return std::nullopt;
  if (from >= floor) {
    if (head + kGap > from + ring_.size) return std::nullopt;
  } else if (from != rewound_from_) {
    // Before the newest rewind: still there if that lap has not come so far yet.
    const bool same_lap = from / ring_.size == rewound_from_ / ring_.size;
    if (from < last_floor_ || from > rewound_from_ || !same_lap) return std::nullopt;
    if (head - floor + kGap > from % ring_.size) return std::nullopt;
  }
  while (from < head) {
    if (from == rewound_from_ && from < floor) from = floor;
    const auto found = format::read(ring_, from, format::Trust::kOwn);
    if (!found) return std::nullopt;  // `from` was no record's offset
    if (!take(found->record)) return from;
    from = found->end;
  }
  return head;
}

// Free is what lies between the head and, a lap later, the oldest record that is still needed: more of it
// becomes free meanwhile, and the producer writes its beginning.
bool MappedJournal::wipe(std::size_t bytes) {
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  if (wipe_end_ == 0) {
    wiped_below_ = needed_from(released());
    wipe_at_ = head;
    wipe_end_ = wiped_below_ + ring_.size;
    std::erase_if(marks_, [this](const Mark& mark) { return mark.at < wiped_below_; });
  }
  wipe_at_ = std::max(wipe_at_, head);
  while (bytes > 0 && wipe_at_ < wipe_end_) {
    const std::size_t here = wipe_at_ % ring_.size;
    const std::size_t size =
        std::min({bytes, ring_.size - here, static_cast<std::size_t>(wipe_end_ - wipe_at_)});
    std::memset(ring_.data + here, 0, size);
    wipe_at_ += size;
    bytes -= size;
  }
  if (wipe_at_ < wipe_end_) return true;
  wipe_end_ = 0;
  ::madvise(ring_.data, ring_.size, MADV_DONTNEED);  // all of it was touched
  return false;
}

std::uint64_t MappedJournal::consume(std::uint64_t from, std::size_t max_bytes, const Visit& visit) {
  const std::uint64_t head = head_.load(std::memory_order_acquire);
  std::size_t bytes = 0;
  while (from < head && bytes < max_bytes) {
    const std::uint64_t at = needed_from(from);
    const auto found = format::read(ring_, at, format::Trust::kOwn);
    if (!found && cut_short()) return head;
    require(found.has_value(), "the journal's consumer has lost the thread");
    visit(found->record);
    bytes += found->end - at;
    from = found->end;
  }
  return from;
}

void MappedJournal::release(std::uint64_t offset) {
  const std::uint64_t before = released_.load(std::memory_order_relaxed);
  if (applied_.load(std::memory_order_relaxed) < offset) applied(offset);
  const bool wrapped = offset / ring_.size != before / ring_.size;
  touched_ = std::max(touched_, wrapped ? ring_.size : offset % ring_.size);
  released_.store(offset, std::memory_order_seq_cst);
  header().released = offset;
  if (touched_ > kKeepMapped && used() < kKeepMapped) forget_pages();
}

// The whole mapping: the kernel looks for changed pages only.
bool MappedJournal::sync() {
  return ::msync(mapping_.base, mapping_.size, MS_SYNC) == 0;
}

std::uint64_t MappedJournal::behind(const std::atomic<std::uint64_t>& offset) const {
  const std::uint64_t head = head_.load(std::memory_order_acquire);
  const std::uint64_t from = needed_from(offset.load(std::memory_order_acquire));
  return head > from ? head - from : 0;
}

bool MappedJournal::room_again() {
  if (!refused_.load(std::memory_order_seq_cst)) return false;
  if (used() > ring_.size / 2) return false;
  return refused_.exchange(false, std::memory_order_acq_rel);
}

// Drops our mapping of all pages, which a burst, or the start's look at the whole ring, has touched; their
// bytes stay in the file and the page cache. The producer may be writing there at this moment: a page that is
// needed is mapped in again.
void MappedJournal::forget_pages() {
  ::madvise(ring_.data, ring_.size, MADV_DONTNEED);
  touched_ = 0;
}

}  // namespace halley::storage
