// A user's whole log as plain-text files for reading, in a new folder: NETWORK/WINDOW/YYYY-MM-DD.log, as
// running text logs have them (text_files.h). The folder has another name, with ".part" behind it, until it
// is whole; it goes when it never is.
//
// Thread: any, one at a time: the errand's. Owner: the errand. Errors name the file, and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "storage/api/store.h"

namespace halley::transfer {

// Gives a folder a name that nothing has, where the file system knows no rename that sees to that: over an
// empty folder, which is made, and which others must not have made. errno says why not.
bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to);

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
  // Lines that stand in the files: what is shown in no window stands in none, a QUIT in several. Of the
  // errand's thread, until it is done.
  std::shared_ptr<const std::uint64_t> lines() const { return lines_; }

 private:
  storage::Status begin();

  const std::filesystem::path folder_, part_;
  const Windows windows_;
  const std::shared_ptr<std::uint64_t> lines_ = std::make_shared<std::uint64_t>(0);
  bool begun_ = false;  // part_ is ours
};

}  // namespace halley::transfer
