// The rows of accounts and what belongs to them, as the store loads and keeps them. Plain values; the bouncer
// owns the copies it works with. Ids are given by the bouncer (Store::Loaded says the largest of each) and
// never reused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/api/event.h"

namespace halley::storage {

// A setting that has no column of its own: what it means, and which there are, is the bouncer's.
struct SettingRow {
  std::string name, value;
  bool operator==(const SettingRow&) const = default;
};

struct UserRow {
  UserId id = 0;
  std::string name;
  std::string password_hash = {};  // an argon2 string; empty: no password login
  bool admin = false;
  bool enabled = true;
  std::int64_t created_ms = 0;
  std::vector<SettingRow> settings = {};  // by name
};

struct NetworkRow {
  NetworkId id = 0;
  UserId user = 0;
  std::string name;
  std::string urls;  // comma-separated, tried in turn
  std::string nick, alt_nick, username, realname;
  std::string sasl_mechanism;  // "", "PLAIN", "EXTERNAL", "SCRAM-SHA-256"
  std::string sasl_account;
  std::string sealed_sasl_password, sealed_password;  // sealed with the key file; empty: none
  std::string cert_pins;                              // comma-separated SHA-256
  std::string sealed_client_cert;                     // PEM certificate and key, for EXTERNAL
  std::string on_connect;                             // in old databases: what is a sealed setting now
  bool enabled = true;                                // connect (and stay connected)
  std::vector<SettingRow> settings = {};              // by name
};

// A version of a row, shared by all who hold it until there is a newer one.
using SharedUserRow = std::shared_ptr<const UserRow>;
using SharedNetworkRow = std::shared_ptr<const NetworkRow>;

// A channel the user wants to be in.
struct ChannelRow {
  NetworkId network = 0;
  std::string name, key;
};

struct DeviceRow {
  DeviceId id = 0;
  UserId user = 0;
  std::string name;              // "" is the device of clients that name none
  std::string token_hash = {};   // SHA-256 of the token in hex; empty: it has none
  std::string scram_keys = {};   // what SCRAM needs of the token (accounts/scram_keys.h); empty: not made yet
  std::string certificate = {};  // SHA-256 or SHA-512 of its TLS certificate in hex; empty: none
  std::int64_t created_ms = 0, seen_ms = 0;
};

// It logs in with something of its own, and not by the password alone.
inline bool has_key(const DeviceRow& row) {
  return !row.token_hash.empty() || !row.certificate.empty();
}

struct BufferRow {
  BufferId id = 0;
  UserId user = 0;
  NetworkId network = 0;
  std::string name;                       // as first seen; "" is the network's own (server) buffer
  std::vector<SettingRow> settings = {};  // by name
};

// The newest StateRecord of its place (storage/api/journal.h).
struct StateRow {
  UserId user = 0;
  NetworkId network = 0;
  DeviceId device = 0;
  std::uint16_t kind = 0;
  std::string key, value;
};

// Damage that a start found, and that cost lines.
struct DamageRow {
  std::uint64_t id = 0;
  std::int64_t found_ms = 0;
  std::string what;   // a sentence for a person
  bool told = false;  // users have been told
};

// A web login.
struct SessionRow {
  std::uint64_t id = 0;
  UserId user = 0;
  std::string token_hash;  // SHA-256 in hex
  std::string agent = {}, address = {};
  std::int64_t created_ms = 0, seen_ms = 0;
};

// A passkey of a browser: the public half of what its device keeps (WebAuthn, accounts/webauthn.h).
struct PasskeyRow {
  std::uint64_t id = 0;
  UserId user = 0;
  std::string name = {};           // as its user calls it
  std::string host = {};           // where it was made, and alone works: the RP ID
  std::string credential_id = {};  // bytes, chosen by the device
  std::string handle = {};         // bytes: what the device knows the user by, the same in all of a user's
  std::string public_key = {};     // a SubjectPublicKeyInfo in DER
  std::int32_t algorithm = 0;      // COSE's number
  std::uint32_t counter = 0;       // of signatures, as the device last said; 0: it does not count
  std::int64_t created_ms = 0, used_ms = 0;  // used 0: never
};

// A code that lets in who has no login: to set a user's password, or, an invitation, to become a user.
struct TicketRow {
  std::uint64_t id = 0;
  UserId user = 0;         // whose password it sets; 0: an invitation
  std::string code_hash;   // SHA-256 in hex
  std::uint32_t uses = 1;  // that are left
  std::string note = {};   // an invitation's: for whom, as an administrator wrote it
  std::int64_t created_ms = 0, until_ms = 0;
};

}  // namespace halley::storage
