#include "bouncer/cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace halley::cli {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(100);
constexpr std::uint64_t kBarColumns = 30;

}  // namespace

ProgressLine::ProgressLine(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (any_) std::cerr << "\r\x1b[K" << std::flush;
}

std::string ProgressLine::text(const std::string& what, std::uint64_t done, std::uint64_t of) {
  if (of == 0) return fmt::format("{}: {}", what, done);
  const std::uint64_t share = std::min(done, of);
  const std::uint64_t filled = share * kBarColumns / of;
  return fmt::format("{} [{:#<{}}{:.<{}}] {:>3} %", what, "", filled, "", kBarColumns - filled,
                     share * 100 / of);
}

void ProgressLine::show(std::uint64_t done, std::uint64_t of) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kEvery;
  any_ = true;
  std::cerr << '\r' << text(what_, done, of) << "\x1b[K" << std::flush;
}

}  // namespace halley::cli
