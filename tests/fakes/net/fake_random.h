// Reproducible randomness: the same seed gives the same bytes on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bouncer/net/clock.h"

namespace halley::fakes {

class FakeRandom final : public net::Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed) {}

  void fill(std::span<unsigned char> out) override {
    for (auto& byte : out) byte = static_cast<unsigned char>(word() >> 32);
  }
  // A number in [low, high], both included.
  std::size_t between(std::size_t low, std::size_t high) { return low + word() % (high - low + 1); }

 private:
  // splitmix64: any seed will do, 0 too.
  std::uint64_t word() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace halley::fakes
