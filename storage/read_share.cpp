#include "storage/read_share.h"

#include <algorithm>

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

constexpr int kTimePerWork = 10;  // the work itself included
constexpr ReadShare::Clock::duration kAtOnce = 20ms * kTimePerWork;
constexpr ReadShare::Clock::duration kMostRest = 250ms;  // others wait for their answers, too

}  // namespace

ReadShare::Clock::duration ReadShare::rest(Clock::time_point now, Clock::duration worked, bool speaking) {
  if (!speaking) {
    owed_ = {};
    return {};
  }
  // What is beyond the longest rest is forgiven.
  owed_ = std::min(std::max(owed_ - (now - at_), Clock::duration{}) + kTimePerWork * worked, kAtOnce + kMostRest);
  at_ = now;
  return std::max(owed_ - kAtOnce, Clock::duration{});
}

}  // namespace halley::storage
