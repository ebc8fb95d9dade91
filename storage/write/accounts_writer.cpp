#include "storage/write/accounts_writer.h"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include "storage/base/moment.h"
#include "storage/write/remover.h"
#include "storage/write/scrubber.h"

namespace halley::storage {

constexpr std::int64_t kMostDamage = 16;  // that is remembered

void AccountsWriter::apply(const Change& change) {
  std::visit(
      [this]<class One>(const One& one) {
        constexpr bool kOfTheLog = std::is_same_v<One, ReplaceEvent> || std::is_same_v<One, EraseText>;
        if constexpr (!kOfTheLog) put(one);  // those are the Writer's
      },
      change);
}

// Rare next to the log's rows: prepared each time, nothing is kept.
template <class... Values>
void AccountsWriter::run(std::string_view sql, const Values&... values) {
  Statement{db_, sql}.bind(values...).run();
}

void AccountsWriter::put_settings(UserId user, NetworkId network, const std::vector<SettingRow>& settings) {
  run("DELETE FROM setting WHERE user = ? AND network = ?", user, network);
  for (const SettingRow& setting : settings) {
    run("INSERT INTO setting (user, network, name, value) VALUES (?, ?, ?, ?)", user, network, setting.name,
        setting.value);
  }
}

void AccountsWriter::put(const PutUser& change) {
  const UserRow& row = change.row;
  run("INSERT INTO user (id, name, password_hash, admin, enabled, created_ms) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash, "
      "admin = excluded.admin, enabled = excluded.enabled, created_ms = excluded.created_ms",
      row.id, row.name, row.password_hash, row.admin, row.enabled, row.created_ms);
  put_settings(row.id, 0, row.settings);
  meta_.raise("last_user", row.id);
}

void AccountsWriter::put(const RemoveUser& change) {
  run("DELETE FROM channel WHERE network IN (SELECT id FROM network WHERE user = ?)", change.id);
  run("DELETE FROM buffer_setting WHERE buffer IN (SELECT id FROM buffer WHERE user = ?)", change.id);
  for (const char* table : {"network", "setting", "device", "session", "ticket", "passkey", "state", "buffer",
                            "doomed", "outdated", "carried_file"})
    run(std::string{"DELETE FROM "} + table + " WHERE user = ?", change.id);
  run("DELETE FROM user WHERE id = ?", change.id);
  run("INSERT INTO doomed (user, network, after) VALUES (?, 0, 0)", change.id);
  Scrubber::begin(meta_);
}

void AccountsWriter::outdate(UserId user, BufferId buffer, EventId before) {
  run("INSERT INTO outdated (user, buffer, before) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (user, buffer) DO UPDATE SET before = max(before, excluded.before)",
      user, buffer, before);
}

std::vector<BufferId> AccountsWriter::buffers_of(UserId user) {
  std::vector<BufferId> all;
  Statement statement{db_, "SELECT id FROM buffer WHERE user = ?"};
  for (statement.bind(user); statement.step();) all.push_back(static_cast<BufferId>(statement.number(0)));
  return all;
}

// With exceptions each buffer goes by itself: what one keeps longer is then not passed over again each time.
void AccountsWriter::put(const RemoveEvents& change) {
  const auto before = [](std::int64_t ms) {
    return ms <= 0 ? EventId{0} : static_cast<EventId>(1000 * moment_of(0, ms).first);
  };
  if (change.overwrite) Scrubber::begin(meta_);
  if (change.own.empty()) {
    if (change.before_ms > 0) outdate(change.user, kOfAllBuffers, before(change.before_ms));
    return;
  }
  // What was begun by another rule.
  run("DELETE FROM outdated WHERE user = ? AND before < ?", change.user, kAnyId);
  std::vector<BufferId> all = buffers_of(change.user);
  all.push_back(kOfNoBuffer);
  for (const BufferId buffer : all) {
    const auto own = std::ranges::find(change.own, buffer, &RemoveEvents::Own::buffer);
    const std::int64_t ms = own == change.own.end() ? change.before_ms : own->before_ms;
    if (ms > 0) outdate(change.user, buffer, before(ms));
  }
}

void AccountsWriter::put(const PutBufferSettings& change) {
  run("DELETE FROM buffer_setting WHERE buffer = ?", change.row.id);
  // What was begun by the rule that it had until now.
  if (change.other_retention)
    run("DELETE FROM outdated WHERE buffer = ? AND before < ?", change.row.id, kAnyId);
  for (const SettingRow& setting : change.row.settings) {
    run("INSERT INTO buffer_setting (buffer, name, value) VALUES (?, ?, ?)", change.row.id, setting.name,
        setting.value);
  }
}

void AccountsWriter::put(const RemoveBuffer& change) {
  run("INSERT OR REPLACE INTO outdated (user, buffer, before) SELECT user, id, ?2 FROM buffer WHERE id = ?1",
      change.id, kAnyId);
  run("DELETE FROM buffer_setting WHERE buffer = ?", change.id);
  run("DELETE FROM buffer WHERE id = ?", change.id);
  if (change.overwrite) Scrubber::begin(meta_);
}

void AccountsWriter::put(const PutNetwork& change) {
  const NetworkRow& row = *change.row;
  run("INSERT INTO network (id, user, name, urls, nick, alt_nick, username, realname, sasl_mechanism, "
      "sasl_account, "
      "sealed_sasl_password, sealed_password, cert_pins, sealed_client_cert, on_connect, enabled) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET user = excluded.user, name = excluded.name, urls = excluded.urls, "
      "nick = excluded.nick, alt_nick = excluded.alt_nick, username = excluded.username, realname = "
      "excluded.realname, "
      "sasl_mechanism = excluded.sasl_mechanism, sasl_account = excluded.sasl_account, "
      "sealed_sasl_password = excluded.sealed_sasl_password, sealed_password = excluded.sealed_password, "
      "cert_pins = excluded.cert_pins, sealed_client_cert = excluded.sealed_client_cert, "
      "on_connect = excluded.on_connect, enabled = excluded.enabled",
      row.id, row.user, row.name, row.urls, row.nick, row.alt_nick, row.username, row.realname,
      row.sasl_mechanism, row.sasl_account, Statement::blob_of(row.sealed_sasl_password),
      Statement::blob_of(row.sealed_password), row.cert_pins, Statement::blob_of(row.sealed_client_cert),
      row.on_connect, row.enabled);
  put_settings(row.user, row.id, row.settings);
  meta_.raise("last_network", row.id);
}

void AccountsWriter::put(const RemoveNetwork& change) {
  run("INSERT OR IGNORE INTO doomed (user, network, after) SELECT user, id, 0 FROM network WHERE id = ?",
      change.id);
  run("DELETE FROM state WHERE user = (SELECT user FROM network WHERE id = ?1) AND network = ?1", change.id);
  run("DELETE FROM buffer_setting WHERE buffer IN (SELECT id FROM buffer WHERE network = ?)", change.id);
  for (const char* table : {"channel", "setting", "buffer"})
    run(std::string{"DELETE FROM "} + table + " WHERE network = ?", change.id);
  run("DELETE FROM network WHERE id = ?", change.id);
  Scrubber::begin(meta_);
}

void AccountsWriter::put(const PutChannel& change) {
  run("INSERT OR REPLACE INTO channel (network, name, key) VALUES (?, ?, ?)", change.row.network,
      change.row.name, change.row.key);
}

void AccountsWriter::put(const RemoveChannel& change) {
  run("DELETE FROM channel WHERE network = ? AND name = ?", change.network, change.name);
}

void AccountsWriter::put(const PutDevice& change) {
  const DeviceRow& row = change.row;
  run("INSERT INTO device (id, user, name, token_hash, created_ms, seen_ms, scram_keys, certificate) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET user = excluded.user, name = excluded.name, token_hash = "
      "excluded.token_hash, created_ms = excluded.created_ms, seen_ms = excluded.seen_ms, "
      "scram_keys = excluded.scram_keys, certificate = excluded.certificate",
      row.id, row.user, row.name, row.token_hash, row.created_ms, row.seen_ms, row.scram_keys,
      row.certificate);
  meta_.raise("last_device", row.id);
}

void AccountsWriter::put(const RemoveDevice& change) {
  run("DELETE FROM state WHERE user = (SELECT user FROM device WHERE id = ?1) AND device = ?1", change.id);
  run("DELETE FROM device WHERE id = ?", change.id);
}

void AccountsWriter::put(const PutSession& change) {
  const SessionRow& row = change.row;
  run("INSERT OR REPLACE INTO session (id, user, token_hash, agent, address, created_ms, seen_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.id, row.user, row.token_hash, row.agent, row.address, row.created_ms, row.seen_ms);
  meta_.raise("last_session", row.id);
}

void AccountsWriter::put(const RemoveSession& change) {
  run("DELETE FROM session WHERE id = ?", change.id);
}

void AccountsWriter::put(const PutTicket& change) {
  const TicketRow& row = change.row;
  run("INSERT OR REPLACE INTO ticket (id, user, code_hash, uses, note, created_ms, until_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.id, row.user, row.code_hash, row.uses, row.note, row.created_ms, row.until_ms);
  meta_.raise("last_ticket", row.id);
}

void AccountsWriter::put(const RemoveTicket& change) {
  run("DELETE FROM ticket WHERE id = ?", change.id);
}

void AccountsWriter::put(const PutPasskey& change) {
  const PasskeyRow& row = change.row;
  run("INSERT OR REPLACE INTO passkey (id, user, name, host, credential_id, handle, public_key, algorithm, "
      "counter, created_ms, used_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.id, row.user, row.name, row.host, Statement::blob_of(row.credential_id),
      Statement::blob_of(row.handle), Statement::blob_of(row.public_key), row.algorithm, row.counter,
      row.created_ms, row.used_ms);
  meta_.raise("last_passkey", row.id);
}

void AccountsWriter::put(const RemovePasskey& change) {
  run("DELETE FROM passkey WHERE id = ?", change.id);
}

void AccountsWriter::put(const PutDamage& change) {
  run("INSERT INTO damage (found_ms, what, told) SELECT ?1, ?2, 0 "
      "WHERE NOT (?3 AND EXISTS (SELECT 1 FROM damage WHERE what = ?2))",
      change.found_ms, change.what, static_cast<int>(change.once));
  run("DELETE FROM damage WHERE id <= (SELECT max(id) FROM damage) - ?", kMostDamage);
}

void AccountsWriter::put(const DamageTold&) {
  db_.exec("UPDATE damage SET told = 1");
}

void AccountsWriter::put(const ForgetDamage&) {
  db_.exec("DELETE FROM damage");
}

void AccountsWriter::put(const ForgetReplaced&) {
  Scrubber::begin(meta_);
}

// See Eraser.
void AccountsWriter::put(const ForgetErased&) {
  run("DELETE FROM meta WHERE key = 'erased'");
  if (db_.changes() > 0) Scrubber::begin(meta_);
}

}  // namespace halley::storage
