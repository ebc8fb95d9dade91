// Where lines that are imported go: finds their buffers, leaves out what is there already, counts them, and
// tells how far it has got. Owner: whoever imports; not thread safe.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "bouncer/accounts/ids.h"
#include "bouncer/transfer/import_report.h"
#include "bouncer/transfer/line_writer.h"
#include "storage/api/log_import.h"

namespace halley::transfer {

// How many lines were read; called now and then.
using Progress = std::function<void(std::uint64_t lines)>;

class LogSink {
 public:
  LogSink(storage::LogImport& import, ImportReport& report, Progress progress)
      : import_(import), report_(report), progress_(std::move(progress)) {}

  // Whose lines come next.
  std::expected<void, std::string> begin(UserId user, NetworkId network);
  // An error: the disk fails, and nothing more can be taken. REQUIRES (these): begin() has succeeded.
  std::expected<void, std::string> add(const ForeignLine& line, const LogPlace& place);
  std::expected<void, std::string> add_raw(std::string_view raw, std::int64_t time_ms, const LogPlace& place);
  void not_taken() { ++report_.unreadable_lines; }

 private:
  std::expected<void, std::string> put(std::optional<storage::Event> event, const LogPlace& place);
  std::expected<bool, std::string> is_there(const storage::Event& event, BufferId buffer);
  std::expected<BufferId, std::string> buffer_of(const std::string& name);

  storage::LogImport& import_;
  ImportReport& report_;
  const Progress progress_;
  LineWriter writer_;
  UserId user_ = 0;
  NetworkId network_ = 0;
  std::map<std::pair<NetworkId, std::string>, BufferId> buffers_;  // of the user; names as networks fold them
  std::map<NetworkId, std::size_t> counts_;                        // of them
  std::pair<std::string, BufferId> newest_;
  // What a buffer had of a second before the import, and nobody has brought again: as text logs have it,
  // which keep less of a line than the log does. Of a file whose times go to and fro a second is read once
  // only.
  std::map<std::pair<BufferId, std::int64_t>, std::unordered_map<std::string, std::size_t>> had_;
  std::uint64_t read_ = 0;
};

}  // namespace halley::transfer
