// Writes plain-text logs: the lines of a page, each at the end of its window's file of its day (znc_log.h),
// as the machine's time zone has it. Files are 0600, folders 0700; one file is open at a time.
//
// Thread: any, one at a time for one folder. Nothing to hand over: what is in it is on its way.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/api/event.h"

namespace halley::transfer {

struct TextLine {
  std::int64_t time_ms = 0;
  std::string window;  // "kit/libera/#halley", of parts that znc_log.h has made
  std::string line;    // as the log has it
  bool multiline = false;
};

// Adds an event's line for each window that it is shown in, if it is of a kind that is shown at all; `window`
// gives a buffer's, null: it has none.
void add_text_lines(const storage::Event& event,
                    const std::function<const std::string*(storage::BufferId)>& window,
                    std::vector<TextLine>& lines);

// What is yet to be written of a page. A value.
class TextPage {
 public:
  TextPage() = default;
  explicit TextPage(std::vector<TextLine> lines) : lines_(std::move(lines)) {}

  // kEach: what is written is on the disk when this returns. kLater: the caller sees to that.
  enum class Sync { kEach, kLater };
  // Appends what is left, below `folder`. An error: the file, and why it cannot be written. Of that file
  // nothing of this page is there then; what others got is not written again by the next call.
  std::expected<void, std::string> write(const std::filesystem::path& folder, Sync sync = Sync::kEach);
  // Of text, that the page has made: what is of no kind that such logs have makes none.
  std::uint64_t lines() const { return made_; }

 private:
  struct File {
    std::string path, text;
  };
  void sort();

  std::vector<TextLine> lines_;  // not yet sorted into files
  std::vector<File> files_;      // to be written, the last one first
  std::uint64_t made_ = 0;
};

}  // namespace halley::transfer
