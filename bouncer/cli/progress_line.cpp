#include "bouncer/cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iostream>

namespace halley::cli {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(100);
constexpr std::uint64_t kBarColumns = 30;

}  // namespace

ProgressLine::ProgressLine() : shown_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (any_) std::cerr << "\r\x1b[K" << std::flush;
}

std::string ProgressLine::text(const storage::WorkProgress& progress) {
  const auto& [what, done, of] = progress;
  if (of == 0) return done == 0 ? what + " ..." : fmt::format("{}: {}", what, done);
  const std::uint64_t share = std::min(done, of);
  // Shares of time are in microseconds: a hundred times as much may be too large a number.
  const auto part = [share, of = of](std::uint64_t whole) {
    return of > UINT64_MAX / whole ? share / (of / whole) : share * whole / of;
  };
  const std::uint64_t filled = std::min(part(kBarColumns), kBarColumns);
  return fmt::format("{} [{:#<{}}{:.<{}}] {:>3} %", what, "", filled, "", kBarColumns - filled,
                     std::min<std::uint64_t>(part(100), 100));
}

void ProgressLine::show(const storage::WorkProgress& progress) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ && progress.what == what_) return;
  next_ = now + kEvery;
  what_ = progress.what;
  any_ = true;
  std::cerr << '\r' << text(progress) << "\x1b[K" << std::flush;
}

storage::OnProgress ProgressLine::teller() {
  if (!shown_) return {};
  return [this](const storage::WorkProgress& progress) { show(progress); };
}

}  // namespace halley::cli
