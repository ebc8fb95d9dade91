#include "storage/read/loader.h"

#include <algorithm>

#include "storage/base/meta.h"

namespace halley::storage {
namespace {

template <class Id>
Id id_at(const Statement& row, int column) {
  return static_cast<Id>(row.number(column));
}
std::string text_at(const Statement& row, int column) {
  return std::string{row.text(column)};
}
std::string blob_at(const Statement& row, int column) {
  return std::string{row.blob(column)};
}

template <class Read>
void each(Db& db, std::string_view sql, Read&& read) {
  Statement statement{db, sql};
  while (statement.step()) read(statement);
}

// Users and networks were loaded before, by id, which is the order here too.
void load_settings(Db& db, Loaded& loaded) {
  each(db, "SELECT user, name, value FROM setting WHERE network = 0 ORDER BY user, name",
       [&, user = loaded.users.begin()](const Statement& row) mutable {
         while (user != loaded.users.end() && user->id < id_at<UserId>(row, 0)) ++user;
         if (user != loaded.users.end() && user->id == id_at<UserId>(row, 0))
           user->settings.push_back({text_at(row, 1), text_at(row, 2)});
       });
  each(db, "SELECT network, name, value FROM setting WHERE network <> 0 ORDER BY network, name",
       [&, network = loaded.networks.begin()](const Statement& row) mutable {
         while (network != loaded.networks.end() && network->id < id_at<NetworkId>(row, 0)) ++network;
         if (network != loaded.networks.end() && network->id == id_at<NetworkId>(row, 0))
           network->settings.push_back({text_at(row, 1), text_at(row, 2)});
       });
}

void load_accounts(Db& db, Loaded& loaded) {
  each(db, "SELECT id, name, password_hash, admin, enabled, created_ms FROM user ORDER BY id",
       [&](const Statement& row) {
         loaded.users.push_back({.id = id_at<UserId>(row, 0),
                                 .name = text_at(row, 1),
                                 .password_hash = text_at(row, 2),
                                 .admin = row.number(3) != 0,
                                 .enabled = row.number(4) != 0,
                                 .created_ms = row.number(5)});
       });
  each(db,
       "SELECT id, user, name, urls, nick, alt_nick, username, realname, sasl_mechanism, sasl_account, "
       "sealed_sasl_password, sealed_password, cert_pins, sealed_client_cert, on_connect, enabled FROM "
       "network ORDER BY id",
       [&](const Statement& row) {
         loaded.networks.push_back({.id = id_at<NetworkId>(row, 0),
                                    .user = id_at<UserId>(row, 1),
                                    .name = text_at(row, 2),
                                    .urls = text_at(row, 3),
                                    .nick = text_at(row, 4),
                                    .alt_nick = text_at(row, 5),
                                    .username = text_at(row, 6),
                                    .realname = text_at(row, 7),
                                    .sasl_mechanism = text_at(row, 8),
                                    .sasl_account = text_at(row, 9),
                                    .sealed_sasl_password = blob_at(row, 10),
                                    .sealed_password = blob_at(row, 11),
                                    .cert_pins = text_at(row, 12),
                                    .sealed_client_cert = blob_at(row, 13),
                                    .on_connect = text_at(row, 14),
                                    .enabled = row.number(15) != 0});
       });
  load_settings(db, loaded);
  each(db, "SELECT network, name, key FROM channel ORDER BY network, name", [&](const Statement& row) {
    loaded.channels.push_back(
        {.network = id_at<NetworkId>(row, 0), .name = text_at(row, 1), .key = text_at(row, 2)});
  });
  each(db, "SELECT id, found_ms, what, told FROM damage ORDER BY id", [&](const Statement& row) {
    loaded.damage.push_back({.id = id_at<std::uint64_t>(row, 0),
                             .found_ms = row.number(1),
                             .what = text_at(row, 2),
                             .told = row.number(3) != 0});
  });
}

// What people come in by.
void load_keys(Db& db, Loaded& loaded) {
  each(db,
       "SELECT id, user, name, token_hash, created_ms, seen_ms, scram_keys, certificate FROM device ORDER BY "
       "id",
       [&](const Statement& row) {
         loaded.devices.push_back({.id = id_at<DeviceId>(row, 0),
                                   .user = id_at<UserId>(row, 1),
                                   .name = text_at(row, 2),
                                   .token_hash = text_at(row, 3),
                                   .scram_keys = text_at(row, 6),
                                   .certificate = text_at(row, 7),
                                   .created_ms = row.number(4),
                                   .seen_ms = row.number(5)});
       });
  each(db, "SELECT id, user, token_hash, agent, address, created_ms, seen_ms FROM session ORDER BY id",
       [&](const Statement& row) {
         loaded.sessions.push_back({.id = id_at<std::uint64_t>(row, 0),
                                    .user = id_at<UserId>(row, 1),
                                    .token_hash = text_at(row, 2),
                                    .agent = text_at(row, 3),
                                    .address = text_at(row, 4),
                                    .created_ms = row.number(5),
                                    .seen_ms = row.number(6)});
       });
  each(db, "SELECT id, user, code_hash, uses, note, created_ms, until_ms FROM ticket ORDER BY id",
       [&](const Statement& row) {
         loaded.tickets.push_back({.id = id_at<std::uint64_t>(row, 0),
                                   .user = id_at<UserId>(row, 1),
                                   .code_hash = text_at(row, 2),
                                   .uses = id_at<std::uint32_t>(row, 3),
                                   .note = text_at(row, 4),
                                   .created_ms = row.number(5),
                                   .until_ms = row.number(6)});
       });
  each(db,
       "SELECT id, user, name, host, credential_id, handle, public_key, algorithm, counter, created_ms, "
       "used_ms FROM passkey ORDER BY id",
       [&](const Statement& row) {
         loaded.passkeys.push_back({.id = id_at<std::uint64_t>(row, 0),
                                    .user = id_at<UserId>(row, 1),
                                    .name = text_at(row, 2),
                                    .host = text_at(row, 3),
                                    .credential_id = blob_at(row, 4),
                                    .handle = blob_at(row, 5),
                                    .public_key = blob_at(row, 6),
                                    .algorithm = id_at<std::int32_t>(row, 7),
                                    .counter = id_at<std::uint32_t>(row, 8),
                                    .created_ms = row.number(9),
                                    .used_ms = row.number(10)});
       });
}

void load_log(Db& db, Loaded& loaded) {
  each(db, "SELECT id, user, network, name FROM buffer ORDER BY id", [&](const Statement& row) {
    loaded.buffers.push_back({.id = id_at<BufferId>(row, 0),
                              .user = id_at<UserId>(row, 1),
                              .network = id_at<NetworkId>(row, 2),
                              .name = text_at(row, 3)});
  });
  each(db, "SELECT buffer, name, value FROM buffer_setting ORDER BY buffer, name",
       [&, buffer = loaded.buffers.begin()](const Statement& row) mutable {
         while (buffer != loaded.buffers.end() && buffer->id < id_at<BufferId>(row, 0)) ++buffer;
         if (buffer != loaded.buffers.end() && buffer->id == id_at<BufferId>(row, 0))
           buffer->settings.push_back({text_at(row, 1), text_at(row, 2)});
       });
  each(db, "SELECT user, network, device, kind, key, value FROM state ORDER BY written",
       [&](const Statement& row) {
         loaded.states.push_back({.user = id_at<UserId>(row, 0),
                                  .network = id_at<NetworkId>(row, 1),
                                  .device = id_at<DeviceId>(row, 2),
                                  .kind = id_at<std::uint16_t>(row, 3),
                                  .key = blob_at(row, 4),
                                  .value = blob_at(row, 5)});
       });
  Statement newest{db,
                   "SELECT max(ifnull((SELECT max(id) FROM event WHERE user = ?1), 0), "
                   "ifnull((SELECT value FROM meta WHERE key = ?2), 0))"};
  for (const UserRow& user : loaded.users) {
    if (newest.bind(user.id, head_key(user.id)).step() && newest.number(0) > 0)
      loaded.heads.emplace_back(user.id, id_at<EventId>(newest, 0));
  }
}

}  // namespace

Loaded load(Db& db) {
  Loaded loaded;
  load_accounts(db, loaded);
  load_keys(db, loaded);
  load_log(db, loaded);
  const auto number = [&db](const char* key) {
    Statement get{db, "SELECT value FROM meta WHERE key = ?"};
    return get.bind(std::string_view{key}).step() ? static_cast<std::uint64_t>(get.number(0)) : 0;
  };
  loaded.epoch = db.text("SELECT value FROM meta WHERE key = 'epoch'");
  loaded.last_event = number("last_event");
  for (const auto& [user, head] : loaded.heads) loaded.last_event = std::max(loaded.last_event, head);
  loaded.last_user = static_cast<UserId>(number("last_user"));
  loaded.last_network = static_cast<NetworkId>(number("last_network"));
  loaded.last_device = static_cast<DeviceId>(number("last_device"));
  loaded.last_buffer = static_cast<BufferId>(number("last_buffer"));
  loaded.last_session = number("last_session");
  loaded.last_ticket = number("last_ticket");
  loaded.last_passkey = number("last_passkey");
  return loaded;
}

}  // namespace halley::storage
