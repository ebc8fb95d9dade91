// A mapped file that somebody cuts short must not end the process: touching what is gone raises SIGBUS. The
// guard makes the file whole again (its lost part reads as zeros) and remembers that this happened.
//
// The one place with state of the whole process: a signal handler is given nothing but the address. Thread:
// made and destroyed by one; struck() on any. At most eight at a time.
#pragma once

#include <cstddef>

namespace halley::storage {

class BusGuard {
 public:
  // REQUIRES: `size` bytes of `fd` are mapped at `base`; both outlive the guard; fewer than eight of them
  // live.
  BusGuard(int fd, std::byte* base, std::size_t size);
  ~BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;

  bool struck() const;

 private:
  std::size_t slot_;
};

}  // namespace halley::storage
