// How far long work has got, for a person who looks on: one line on standard error that is written over, ten
// times a second at most. Nothing where standard error is no terminal.
//
// Owner and thread: the command that works.
#pragma once

#include <chrono>
#include <string>

#include "storage/api/store.h"

namespace halley::cli {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // takes the line away
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Does anybody look on?
  bool shown() const { return shown_; }
  // What comes next is shown at once.
  void show(const storage::WorkProgress& progress);
  // For who works; null: nobody looks on. REQUIRES: called while this lives.
  storage::OnProgress teller();

  // The line itself; a bar where the whole is known.
  static std::string text(const storage::WorkProgress& progress);

 private:
  const bool shown_;
  std::string what_;
  bool any_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace halley::cli
