#include "storage/write/state_writer.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace halley::storage {
namespace {

// What format 1's records have become (bouncer/core/state_kinds.h; migrations.cpp has them too).
constexpr std::uint16_t kOldPositionKind = 1, kOldCommandKind = 2;

}  // namespace

StateWriter::StateWriter(Db& db)
    : update_(db,
              "UPDATE state SET value = ?6, written = ?7 "
              "WHERE user = ?1 AND kind = ?2 AND network = ?3 AND device = ?4 AND key = ?5"),
      insert_(db,
              "INSERT INTO state (user, kind, network, device, key, value, written) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      remove_(
          db,
          "DELETE FROM state WHERE user = ?1 AND kind = ?2 AND network = ?3 AND device = ?4 AND key = ?5"),
      count_(db, "SELECT count(*) FROM state WHERE user = ? AND kind = ?"),
      prune_(db,
             "DELETE FROM state WHERE (user, kind, network, device, key) IN (SELECT user, kind, network, "
             "device, key "
             "FROM state WHERE user = ? AND kind = ? ORDER BY written LIMIT ?)"),
      user_of_(db, "SELECT user FROM device WHERE id = ?") {}

StateWriter::StateKey StateWriter::place_of(const StateRecord& record) {
  return {.user = record.user,
          .kind = record.kind,
          .network = record.network,
          .device = record.device,
          .key = record.key};
}

void StateWriter::put(const StateRecord& record) {
  newest_[place_of(record)] = records_.size();
  records_.push_back(record);
}

void StateWriter::put(const OldPosition& old) {
  StateRecord record;
  if (user_of_.bind(old.device).step()) record.user = static_cast<UserId>(user_of_.number(0));
  user_of_.reset();
  if (record.user == 0) return;  // the device is no more
  record.network = old.network;
  record.device = old.device;
  record.kind = kOldPositionKind;
  record.value = old_values_.emplace_back(fmt::format("{}", old.id));
  put(record);
}

void StateWriter::put(const OldCommand& old) {
  StateRecord record;
  record.user = old.user;
  record.kind = kOldCommandKind;
  record.key = old.client;
  record.value = old_values_.emplace_back(fmt::format("{} {}", old.seq, old.result));
  put(record);
}

void StateWriter::finish(std::uint64_t applied) {
  std::set<std::pair<UserId, std::uint16_t>> grown;
  // Each record took more than one byte of the journal: so counted back from its end they rise from group to
  // group.
  std::uint64_t written = applied - records_.size();
  for (std::size_t index = 0; index < records_.size(); ++index, ++written) {
    const StateRecord& record = records_[index];
    if (newest_[place_of(record)] != index) continue;
    if (write(record, written)) grown.emplace(record.user, record.kind);
  }
  for (const auto& [user, kind] : grown) bound(user, kind);
}

bool StateWriter::write(const StateRecord& record, std::uint64_t written) {
  const auto key = Statement::blob_of(record.key), value = Statement::blob_of(record.value);
  if (record.value.empty()) {
    remove_.bind(record.user, record.kind, record.network, record.device, key).run();
    return false;
  }
  update_.bind(record.user, record.kind, record.network, record.device, key, value, written).run();
  if (update_.changes() > 0) return false;
  insert_.bind(record.user, record.kind, record.network, record.device, key, value, written).run();
  return true;
}

void StateWriter::bound(UserId user, std::uint16_t kind) {
  const auto count = count_.bind(user, kind).step() ? static_cast<std::size_t>(count_.number(0)) : 0;
  count_.reset();
  if (count > kMostStates) prune_.bind(user, kind, count - kMostStates).run();
}

void StateWriter::abandon() {
  records_.clear();
  newest_.clear();
  old_values_.clear();
}

void StateWriter::drop_orphans(Db& db) {
  db.exec(
      "DELETE FROM state WHERE user NOT IN (SELECT id FROM user) "
      "OR (network <> 0 AND network NOT IN (SELECT id FROM network)) "
      "OR (device <> 0 AND device NOT IN (SELECT id FROM device))");
}

}  // namespace halley::storage
