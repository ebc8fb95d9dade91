// Lines of other programs' logs, into the log of users that are there. A line takes its place in time: its id
// is made of that, so that no client is given it as news, and histories by id and by time have it where it
// belongs. A line that is there already (an earlier import) is not taken again.
//
// Thread: the caller's; blocking. Nobody may have the store open. Memory: a group of lines.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/store.h"

namespace halley::storage {

class LogImport {
 public:
  // Takes the lock (an error names the process that holds it). `options`: as for open_store(), of which the
  // directory and `replicated` count. `now_ms`: lines of the future are refused.
  // REQUIRES: the journal has been applied, by whoever opened the store last.
  static std::expected<std::unique_ptr<LogImport>, std::string> open(const StoreOptions& options,
                                                                     std::int64_t now_ms);
  virtual ~LogImport() = default;

  // A user's buffers, by id, and one more.
  virtual std::expected<std::vector<BufferRow>, std::string> buffers(UserId user) = 0;
  virtual std::expected<BufferId, std::string> make_buffer(UserId user, NetworkId network,
                                                           std::string_view name) = 0;

  // What the buffer has of that time, for each event its line and flags; without what this import has added
  // since its last commit.
  using OnLine = std::function<void(std::string_view line, std::uint8_t flags)>;
  virtual Status lines_between(UserId user, BufferId buffer, std::int64_t from_ms, std::int64_t to_ms,
                               const OnLine& on_line) = 0;

  enum class Added { kNew, kKnown, kBadTime };
  // All of the event but its id.
  // REQUIRES: it has one buffer; lines of a buffer come in their order; no call of this gave an error before.
  // An error of the disk: then what came since the last commit is not there.
  virtual std::expected<Added, std::string> add(const Event& event) = 0;
  // Ids that were looked at in search of a free one; so far only tests ask.
  virtual std::uint64_t looked_at() const = 0;
  // Commits the rest, and brings all to the disk. REQUIRES: called once, behind the last line.
  virtual Status finish() = 0;
};

}  // namespace halley::storage
