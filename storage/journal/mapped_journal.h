// The Journal that is: a mapped file. Beyond the interface it tells the storage thread when the producer
// waits for room. Owner: who opened the store. Threads: one producer (the loop's), one consumer (the storage
// thread's).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/api/journal.h"
#include "storage/journal/bus_guard.h"
#include "storage/journal/journal_format.h"
#include "storage/journal/ring_shares.h"

namespace halley::storage {

// Has the file a journal? One that is missing, was emptied or is all zeros (a power cut) has none; nor one
// that cannot be read, which opening it says.
bool holds_journal(const std::filesystem::path& file);

class MappedJournal final : public Journal {
 public:
  // The file's header page and ring, mapped.
  struct Mapping {
    int fd;
    std::byte* base;
    std::size_t size;
  };
  // Takes over the mapping. `applied` is where the consumer stands; nothing before it is needed. REQUIRES:
  // what is mapped has been recovered, as `recovered` says.
  MappedJournal(const Mapping& mapping, std::uint64_t applied, format::Recovered recovered);
  ~MappedJournal() override;
  MappedJournal(const MappedJournal&) = delete;
  MappedJournal& operator=(const MappedJournal&) = delete;

  bool has_room(std::size_t bytes) const override;
  bool has_room(UserId user, std::size_t bytes) const override;
  bool has_last_room(std::size_t bytes) const override;
  Event append(const Event& event) override;
  void append(const BufferRecord& record) override;
  void append(const StateRecord& record) override;
  std::uint64_t head() const override { return head_.load(std::memory_order_acquire); }
  // The oldest offset that is still needed, as last told.
  std::uint64_t released() const { return released_.load(std::memory_order_acquire); }
  std::optional<std::uint64_t> scan(std::uint64_t from, const Take& take) const override;
  std::optional<std::uint64_t> find(EventId id) const override;

  // The producer: overwrites what is free of the ring, `bytes` at most in a call; what was read from it
  // before is found there no more. False: all that was free at the first call has been overwritten.
  bool wipe(std::size_t bytes);

  std::uint64_t consume(std::uint64_t from, std::size_t max_bytes, const Visit& visit) override;
  void applied(std::uint64_t offset) override { applied_.store(offset, std::memory_order_release); }
  void release(std::uint64_t offset) override;
  bool sync() override;

  // Consumer: did has_room() say no, and is there now a good piece of room? True once for each such time.
  bool room_again();
  // Any thread: bytes that wait to be applied, and bytes that cannot be overwritten yet (both more than there
  // are while a lap's end is skipped).
  std::uint64_t pending() const { return behind(applied_); }
  std::uint64_t used() const { return behind(released_); }
  // Consumer: bytes that are applied and not released.
  std::uint64_t unreleased() const { return applied_.load(std::memory_order_relaxed) - released(); }
  std::size_t size() const { return ring_.size; }
  // Any thread: the file was cut short since it was opened; what had not been consumed of the part that went
  // is lost.
  bool cut_short() const { return guard_.struck(); }
  // What was lost before this start, in a sentence for people; empty: nothing.
  const std::string& damage() const { return damage_; }
  // The same of a database that has so many transactions now: fewer than it had on the disk when on_disk()
  // was last told. SQLite leaves out without a word what stands behind damage in its write-ahead log.
  std::string damage_of_database(std::uint64_t transactions) const;
  // Consumer: so many transactions of the database are on the disk.
  void on_disk(std::uint64_t transactions) { header().written = transactions; }

 private:
  bool fits(std::size_t bytes, std::uint64_t released, std::size_t kept_back) const;
  std::uint64_t needed_from(std::uint64_t offset) const;
  std::uint64_t behind(const std::atomic<std::uint64_t>& offset) const;
  std::uint64_t place(std::size_t size);
  template <class R>
  std::uint64_t lay(const R& record);
  bool allows(UserId user, std::size_t bytes) const;
  void forget_pages();
  void mark(EventId id, std::uint64_t at);

  format::JournalHeader& header() const { return *reinterpret_cast<format::JournalHeader*>(mapping_.base); }
  void find_damage(const format::Recovered& recovered);

  const Mapping mapping_;
  const BusGuard guard_;
  const format::Ring ring_;
  std::string damage_;
  alignas(64) std::atomic<std::uint64_t> head_;  // written by the producer
  // The newest rewind: all before `rewound_from_` was released, and the next record was put at `floor_`, a
  // lap's start.
  std::atomic<std::uint64_t> floor_;  // written by the producer, before the head
  std::uint64_t rewound_from_ = 0;    // producer's own, as is the floor before that
  std::uint64_t last_floor_ = 0;
  struct Mark {
    EventId id;
    std::uint64_t at;
  };
  mutable RingShares shares_;                 // producer's own
  std::uint64_t wiped_below_ = 0;             // producer's own: scan() finds nothing before it
  std::uint64_t wipe_at_ = 0, wipe_end_ = 0;  // producer's own: what wipe() has yet to do
  std::vector<Mark> marks_;                   // producer's own; oldest first, both grow
  mutable std::atomic<bool> refused_{false};  // has_room() said no
  alignas(64) std::atomic<std::uint64_t> applied_, released_;  // written by the consumer
  std::uint64_t touched_ = 0;  // consumer: physical high-water mark since forget_pages()
};

}  // namespace halley::storage
