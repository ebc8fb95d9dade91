// Time and randomness, passed in so that a whole bouncer runs in a test with a fake clock.
//
// Any thread. Owner: the composition root, or a test; they outlive who uses them.
#pragma once
#include <cstdint>
#include <span>

namespace halley::net {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::uint64_t monotonic_us() const = 0;  // never goes back; for timers and limits
  std::uint64_t monotonic_ms() const { return monotonic_us() / 1000; }
  virtual std::int64_t wall_us() const = 0;  // microseconds since 1970; for people and for event ids
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) = 0;  // cryptographically strong in production
  std::uint64_t next() {
    std::uint64_t value = 0;
    fill({reinterpret_cast<unsigned char*>(&value), sizeof value});
    return value;
  }
};

}  // namespace halley::net
