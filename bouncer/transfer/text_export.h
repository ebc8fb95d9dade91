// A user's whole log as plain-text files for reading, in a new folder: NETWORK/WINDOW/YYYY-MM-DD.log, as
// running text logs have them (text_files.h). The folder has another name, with ".part" behind it, until it
// is whole; it goes when it never is.
//
// Thread: any, one at a time: the errand's. Owner: the errand. Errors name the file, and why.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <unordered_map>

#include "storage/api/store.h"

namespace halley::transfer {

class TextExport final : public storage::LogTaker {
 public:
  // Lines that are in memory at once: a QUIT stands in each window that it is shown in.
  static constexpr std::size_t kMostExportedLines = 2000;

  // "libera/#halley" for each buffer that is written, of parts that znc_log.h has made.
  using Windows = std::unordered_map<storage::BufferId, std::string>;
  TextExport(const std::filesystem::path& folder, Windows windows);
  ~TextExport() override;
  TextExport(const TextExport&) = delete;
  TextExport& operator=(const TextExport&) = delete;

  storage::Status take(const storage::Page& page) override;
  storage::Status finish() override;

 private:
  storage::Status begin();

  const std::filesystem::path folder_, part_;
  const Windows windows_;
  bool begun_ = false;  // part_ is ours
};

}  // namespace halley::transfer
