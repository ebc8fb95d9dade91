#include "storage/journal/bus_guard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "storage/base/require.h"

namespace halley::storage {
namespace {

struct Slot {
  std::atomic<bool> taken{false}, struck{false};
  std::atomic<std::uintptr_t> base{0};
  std::atomic<std::size_t> size{0};
  std::atomic<int> fd{-1};
};
constinit std::array<Slot, 8> slots;

// Makes the page readable and writable again: by the file's own bytes, or, with no room on the disk for them,
// by memory that nothing keeps.
bool make_whole(const Slot& slot, std::uintptr_t address) {
  const auto size = static_cast<off_t>(slot.size.load());
  if (::fallocate(slot.fd, 0, 0, size) == 0) return true;
  if (errno == EOPNOTSUPP && ::ftruncate(slot.fd, size) == 0) return true;
  const std::uintptr_t page = address / 4096 * 4096;
  return ::mmap(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

// Only what signal-safety(7) allows, and fallocate(2), which is a mere system call. On return the access is
// tried again.
void on_bus_error(int signal, siginfo_t* info, void*) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    const std::uintptr_t base = slot.base;
    if (base == 0 || address < base || address >= base + slot.size) continue;
    slot.struck = true;
    if (make_whole(slot, address)) {
      errno = error;
      return;
    }
  }
  ::signal(signal, SIG_DFL);  // not ours: ends the process, as it should
}

void install() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

BusGuard::BusGuard(int fd, std::byte* base, std::size_t size) {
  const auto free = std::ranges::find_if(slots, [](Slot& slot) { return !slot.taken.exchange(true); });
  require(free != slots.end(), "more than eight journals open at once");
  slot_ = static_cast<std::size_t>(free - slots.begin());
  free->struck = false;
  free->fd = fd;
  free->size = size;
  free->base = reinterpret_cast<std::uintptr_t>(base);
  install();
}

BusGuard::~BusGuard() {
  slots[slot_].base = 0;
  slots[slot_].taken = false;
}

bool BusGuard::struck() const {
  return slots[slot_].struck;
}

}  // namespace halley::storage
