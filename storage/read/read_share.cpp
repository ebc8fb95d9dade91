#include "storage/read/read_share.h"

#include <algorithm>

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

constexpr ReadShare::Clock::duration kMostRest = 250ms;  // others wait for their answers, too

}  // namespace

ReadShare::Clock::duration ReadShare::rest(Clock::time_point now, Clock::duration worked, bool speaking) {
  if (!speaking) {
    owed_ = {};
    return {};
  }
  const Clock::duration free = quota_.at_once * quota_.one_in;
  // What is beyond the longest rest is forgiven.
  owed_ =
      std::min(std::max(owed_ - (now - at_), Clock::duration{}) + quota_.one_in * worked, free + kMostRest);
  at_ = now;
  return std::max(owed_ - free, Clock::duration{});
}

}  // namespace halley::storage
