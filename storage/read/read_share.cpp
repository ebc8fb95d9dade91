#include "storage/read/read_share.h"

#include <algorithm>

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

constexpr ReadShare::SteadyClock::duration kMostRest = 250ms;  // others wait for their answers, too

}  // namespace

ReadShare::SteadyClock::duration ReadShare::rest(SteadyClock::time_point now, SteadyClock::duration worked,
                                                 bool speaking) {
  if (!speaking) {
    owed_ = {};
    return {};
  }
  const SteadyClock::duration free = quota_.at_once * quota_.one_in;
  // What is beyond the longest rest is forgiven.
  owed_ = std::min(std::max(owed_ - (now - at_), SteadyClock::duration{}) + quota_.one_in * worked,
                   free + kMostRest);
  at_ = now;
  return std::max(owed_ - free, SteadyClock::duration{});
}

}  // namespace halley::storage
