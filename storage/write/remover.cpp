#include "storage/write/remover.h"

#include <cstring>
#include <string>
#include <vector>

namespace halley::storage {
namespace {

constexpr std::size_t kRemovedAtOnce = 2000;

struct Doomed {
  EventId id;
  std::vector<BufferId> buffers;
  std::string msgid, text;
};

std::vector<BufferId> buffers_of(const Statement& row, int column) {
  if (row.is_number(column)) return {static_cast<BufferId>(row.number(column))};
  const std::string_view bytes = row.blob(column);
  if (bytes.empty()) return {kNoBuffer};
  std::vector<BufferId> buffers(bytes.size() / sizeof(BufferId));
  std::memcpy(buffers.data(), bytes.data(), buffers.size() * sizeof(BufferId));
  return buffers;
}

}  // namespace

Remover::Remover(Db& db, SearchIndex& index)
    : index_(index),
      doomed_(db, "SELECT user, network, after FROM doomed LIMIT 1"),
      rows_(db,
            "SELECT id, network, buffers, text_at, line, msgid FROM event WHERE user = ? AND id > ? ORDER BY "
            "id "
            "LIMIT ?"),
      delete_event_(db, "DELETE FROM event WHERE user = ? AND id = ?"),
      delete_place_(db, "DELETE FROM place WHERE buffer = ? AND event = ?"),
      go_on_(db, "UPDATE doomed SET after = ? WHERE user = ? AND network = ?"),
      done_(db, "DELETE FROM doomed WHERE user = ? AND network = ?") {}

bool Remover::pending() {
  doomed_.reset();
  const bool pending = doomed_.step();
  doomed_.reset();
  return pending;
}

std::size_t Remover::slice() {
  doomed_.reset();
  if (!doomed_.step()) return 0;
  const auto user = static_cast<UserId>(doomed_.number(0));
  const auto network = static_cast<NetworkId>(doomed_.number(1));
  auto after = static_cast<EventId>(doomed_.number(2));
  doomed_.reset();

  std::vector<Doomed> slice;
  std::size_t seen = 0;
  for (rows_.bind(user, after, kRemovedAtOnce); rows_.step(); ++seen) {
    after = static_cast<EventId>(rows_.number(0));
    if (network != 0 && static_cast<NetworkId>(rows_.number(1)) != network) continue;
    const auto text_at = static_cast<std::size_t>(rows_.number(3));
    const std::string_view line = rows_.text(4);
    std::string text{text_at == 0 || text_at > line.size() ? std::string_view{} : line.substr(text_at)};
    slice.push_back({after, buffers_of(rows_, 2), std::string{rows_.text(5)}, std::move(text)});
  }
  rows_.reset();
  for (const Doomed& row : slice) {
    index_.forget(user, row.id, row.msgid, row.text);
    for (const BufferId buffer : row.buffers) delete_place_.bind(buffer, row.id).run();
    delete_event_.bind(user, row.id).run();
  }
  if (seen < kRemovedAtOnce) {
    done_.bind(user, network).run();
  } else {
    go_on_.bind(after, user, network).run();
  }
  return slice.size();
}

}  // namespace halley::storage
