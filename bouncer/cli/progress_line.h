// How far long work has got, for a person who looks on: one line on standard error that is written over, ten
// times a second at most. Nothing where standard error is no terminal.
//
// Owner and thread: the command that works.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace halley::cli {

class ProgressLine {
 public:
  explicit ProgressLine(std::string what);
  ~ProgressLine();  // takes the line away
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `of` 0: nobody knows how much there is.
  void show(std::uint64_t done, std::uint64_t of);

  // The line itself; a bar where the whole is known.
  static std::string text(const std::string& what, std::uint64_t done, std::uint64_t of);

 private:
  const std::string what_;
  const bool shown_;
  bool any_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace halley::cli
