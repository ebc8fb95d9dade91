// One user's export as JSON lines: what is in its database (storage/open/copies.h), a row a line, and back.
// The first line says what it is, {"halley":"export","format":1,"schema":11}; then come the rows, each with
// its table and all columns of that schema, and the last line is {"end":{"rows":N}}. A text that is not UTF-8
// is {"text64":...}, bytes are {"base64":...}, and an event's buffers a list. The bytes of a file that its
// user uploaded follow its row, of which "bytes" is their number, as lines {"piece":...} in base64. What
// follows from these rows (places, index) is not in it.
//
// A line is in memory at a time. Any thread, which has the database; throw SqliteError for what the disk
// refuses.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

#include "storage/base/sqlite.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

// A longer line is not written, and not read. A piece of a file takes 350 KB, an event 200 KB at most.
inline constexpr std::size_t kMostJsonLine = std::size_t{4} << 20;

// Into `to`, which is there and empty.
std::expected<void, std::string> write_json_lines(Db& exported, const std::filesystem::path& to,
                                                  WorkWatch& watch);

// Lays the database out in `into`, which is there and empty, as the version of the export had it. An error
// names the line that is broken, unknown or missing; what is in `into` is of no use then.
std::expected<void, std::string> read_json_lines(const std::filesystem::path& from,
                                                 const std::filesystem::path& into, WorkWatch& watch);

}  // namespace halley::storage
