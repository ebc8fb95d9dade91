// Folders of plain-text logs: which file holds the lines of which channel or query, and of which day.
// Blocking; not thread safe.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/transfer/local_time.h"
#include "bouncer/transfer/log_sink.h"

namespace halley::transfer {

struct LogFile {
  std::filesystem::path path;
  std::string target;  // a channel or query; "": the network itself
  LogDate date;        // of its name; year 0: it has none
};

// Of a path below the folder of one network's logs, as the programs named in text_log.h lay them out.
LogFile log_file(const std::filesystem::path& below);

// All logs below `folder`, in the order of targets and dates; links are not followed. What is more than
// `most` is left out, and told.
inline constexpr std::size_t kMostLogFiles = 1'000'000;
std::expected<std::vector<LogFile>, std::string> log_files(const std::filesystem::path& folder,
                                                           ImportReport& report,
                                                           std::size_t most = kMostLogFiles);

// Reads all of them into `sink`. REQUIRES: its begin() has succeeded. `own_nick`: the user's.
std::expected<void, std::string> import_log_files(const std::filesystem::path& folder,
                                                  const std::string& own_nick, LogSink& sink,
                                                  ImportReport& report);

}  // namespace halley::transfer
