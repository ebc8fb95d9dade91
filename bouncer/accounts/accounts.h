// Users, networks, channels, devices, web logins, passkeys and invitations: the one place that checks and
// changes them, for the command line, the in-band service and the running bouncer alike. Keeps them in memory
// and commits each change to the store.
//
// Thread: the loop's (in the command line without a daemon: the only one). Lifetime: outlives the Bouncer
// that observes it. A successor reads it as a start does, once all is committed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bouncer/accounts/account_name.h"
#include "bouncer/accounts/audit.h"
#include "bouncer/accounts/ids.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/accounts/setting.h"
#include "bouncer/config/config.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/net/clock.h"
#include "storage/api/store.h"

namespace halley {

// Names of users, networks and devices, and of channels to join, are told apart without ASCII case.
inline bool same_name(std::string_view a, std::string_view b) {
  return irc::equal(irc::CaseMapping::kAscii, a, b);
}

inline std::string folded_name(std::string_view name) {
  return irc::fold(irc::CaseMapping::kAscii, name);
}

struct NewDeviceToken {
  std::string token = {}, scram_keys = {};
};

class Accounts {
 public:
  // What changed, told by flush() when memory has changed and before the commit is on disk; of what is rolled
  // back, nothing is told.
  class Observer {
   public:
    virtual void user_changed(const storage::SharedUserRow& user) = 0;  // added, or any field
    virtual void user_removed(UserId id) = 0;                           // its networks are removed first
    virtual void network_changed(const storage::SharedNetworkRow& network) = 0;  // added, or any field
    virtual void network_removed(const storage::NetworkRow& network) = 0;
    virtual void buffer_changed(const storage::BufferRow& buffer) = 0;  // its settings
    virtual void buffer_removed(const storage::BufferRow& buffer) = 0;
    virtual void password_changed(UserId id) = 0;  // behind user_changed and what it ended
    virtual void device_revoked(DeviceId id) = 0;
    virtual void session_revoked(std::uint64_t id) = 0;

   protected:
    ~Observer() = default;
  };

  using Error = std::string;  // one line for a person: what was refused, why, and what to do
  template <typename T>
  using Result = std::expected<T, Error>;

  // What it works with. It outlives the Accounts.
  struct Parts {
    storage::Store& store;
    const net::Clock& clock;
    net::Random& random;
    const Sealer& sealer;
    const Config& config;
    Audit audit = {};
  };
  Accounts(const Parts& parts, storage::Loaded loaded);
  ~Accounts();  // commits what still waits
  void observe(Observer* observer) { observer_ = observer; }

  // --- Changes. Each alters memory at once; flush() tells the observer and commits what has gathered since
  // the last flush in one transaction; rollback() undoes it (batch: a line that fails). Both belong to the
  // turn of the loop in which the changes were made. What "commits by itself" below is no act of a person, or
  // may come thousands of times a second: for each user one commit at most is on its way, and the next has
  // the newest state of all that changed meanwhile.
  Result<const storage::UserRow*> add_user(std::string_view name, std::string password_hash, bool admin);
  Result<void> check_new_user(std::string_view name) const;  // may somebody be called that from now on?
  // Ends the user's web logins and, when asked, forgets the devices that have tokens.
  enum class Tokens { kKeep, kRevoke };
  Result<void> set_password_hash(std::string_view user, std::string password_hash, Tokens tokens);
  Result<void> rename_user(std::string_view user, std::string_view name);
  Result<void> set_enabled(std::string_view user, bool enabled);
  Result<void> set_user(std::string_view user, const SettingValues& settings);  // user_settings.h
  Result<void> remove_user(std::string_view user);

  // What `network add` and `network set` may say; what is not said keeps its value or default.
  struct NetworkDraft {
    SettingValues settings;                 // network_settings.h
    std::vector<storage::ChannelRow> join;  // added to the network's channels; the network id is filled in
    std::optional<bool> enabled;
  };
  Result<const storage::NetworkRow*> add_network(std::string_view user, std::string_view name,
                                                 const NetworkDraft& draft);
  Result<const storage::NetworkRow*> set_network(std::string_view user, std::string_view name,
                                                 const NetworkDraft& draft);
  Result<void> rename_network(std::string_view user, std::string_view name, std::string_view to);
  Result<void> remove_network(std::string_view user, std::string_view name);

  // A buffer's settings (buffer_settings.h); `buffer` as the store knows it. Removed, it goes with all that
  // only it shows; if something is said there again, a new one begins.
  Result<void> set_buffer(const storage::BufferRow& buffer, const SettingValues& settings);
  Result<void> remove_buffer(const storage::BufferRow& buffer);

  // A device with a token; the token is returned once and kept only as a hash. `made`: one that was made on a
  // worker's thread, with its keys for SCRAM; without it those are made when it is first used.
  using NewToken = NewDeviceToken;
  Result<std::string> add_device(std::string_view user, std::string_view name, NewToken made = {});
  static NewToken make_token(std::string_view salt, net::Random& random);  // slow; any thread
  // The device logs in by a TLS certificate with this fingerprint (SHA-256 or SHA-512 in hex), too.
  Result<void> add_certificate(std::string_view user, std::string_view name, std::string_view fingerprint);
  // The same for one that a client of the user's has shown. It becomes that of the device which the client
  // came as; when that one has no name, or a certificate of its own, that of a new device.
  struct ShownCertificate {
    std::string_view fingerprint;
    std::string_view name;  // the new device is called so, as nearly as it may be; empty: no matter how
  };
  // The device's name. REQUIRES: the user has no device with that certificate, in whichever form.
  Result<std::string> pin_certificate(UserId user, DeviceId came_as, const ShownCertificate& shown);
  // The device keeps its name, its token and its place. REQUIRES: there is that device.
  void remove_certificate(DeviceId id);
  // It keeps its token, its certificate and its place. A client that says whose device it is says the new
  // name from then on.
  Result<void> rename_device(std::string_view user, std::string_view name, std::string_view next);
  Result<void> revoke_device(std::string_view user, std::string_view name);
  // The device of that name, made when it is new (bounded by limits.devices_per_user: then the least recently
  // seen one without a token makes place). Not an act of a person: commits by itself.
  Result<DeviceId> device_for(UserId user, std::string_view name);

  // The salt of SCRAM for whoever is called that: the same for all devices of a user, who need not say which
  // one they use, and for names of nobody one that looks like theirs.
  std::string scram_salt(std::string_view user) const;
  // Keys of the token for SCRAM, made when it was used. Commits by itself.
  void keep_scram_keys(DeviceId id, std::string keys);

  // A device was seen: kept to the hour, so that a thousand clients coming back do not cost a thousand
  // writes. Commits by itself.
  void device_seen(DeviceId id);

  // The channels the user wants to be in; from JOIN and PART. Commit by themselves. Beyond max_channels() a
  // new one is not kept.
  void put_channel(NetworkId network, std::string_view name, std::string_view key);
  void remove_channel(NetworkId network, std::string_view name);
  // A nick asked for by /nick becomes the network's own. Commits by itself.
  void set_nick(NetworkId network, std::string_view nick);

  // Web logins. One that was not seen for 90 days, or is a year old, is none any more. open_session returns
  // the cookie's value, kept only as a hash. At most 64 a user: the oldest makes place. Opening and seeing
  // commit by themselves.
  std::string open_session(UserId user, std::string_view agent, std::string_view address);
  // Calls `done` once what has changed by itself of that user (a login) is on disk; at once where nothing
  // waits, and while the disk is in trouble.
  void when_saved(UserId user, std::function<void()> done);
  const storage::SessionRow* find_session(std::string_view token) const;
  void session_seen(std::uint64_t id);  // as device_seen
  Result<void> revoke_session(UserId user, std::uint64_t id);
  void end_session(UserId user, std::uint64_t id);  // a logout: commits by itself

  // --- Tickets: codes that let in who has no login, valid until a time. Each is told once and kept as a
  // hash.
  struct NewTicket {
    std::uint64_t id = 0;
    std::string code = {};
    std::int64_t until_ms = 0;
  };
  // For a new password of that user, once. It ends the one before, and a new password ends it.
  Result<NewTicket> add_reset(std::string_view user, std::int64_t until_ms);
  // For new users. Beyond a bound a new one is refused.
  struct Invitation {
    std::uint32_t uses = 1;
    std::int64_t until_ms = 0;
    std::string note = {};
  };
  Result<NewTicket> add_invitation(const Invitation& draft);
  Result<void> revoke_invitation(std::uint64_t id);
  // Counts it down. REQUIRES: find_ticket() gave it, and nothing has changed since.
  void use_ticket(std::uint64_t id);
  const storage::TicketRow* find_ticket(std::string_view code) const;  // null: there is none, or no more
  std::vector<const storage::TicketRow*> invitations() const;          // that are good, in order

  // --- Passkeys of browsers: public keys, by which Passkeys lets in. At most 16 a user: another is
  // refused. The id and the time are filled in.
  Result<const storage::PasskeyRow*> add_passkey(storage::PasskeyRow row);
  // What devices are to know the user by: nothing that says who it is, and always the same while there are
  // passkeys, so that a device has one for each user.
  std::string passkey_handle(UserId user) const;
  Result<void> rename_passkey(UserId user, std::uint64_t id, std::string_view name);
  Result<void> revoke_passkey(UserId user, std::uint64_t id);
  // It let its user in. Commits by itself.
  void passkey_used(UserId user, std::uint64_t id, std::uint32_t counter);
  const storage::PasskeyRow* find_passkey(std::string_view credential_id) const;  // null: there is none
  std::vector<const storage::PasskeyRow*> passkeys(UserId user) const;            // in order

  // Of one user's changes so many wait for the disk; of more each is refused, and nobody else's.
  static constexpr std::size_t kMostChangesOfUser = 64;
  // Whether a person's changes may be flushed now; if not, they are to be rolled back: too many wait. `by`:
  // the user who asks for them; 0: none, but whoever runs Halley.
  bool takes_changes(UserId by) const {
    const auto of_user = changing_.find(by);
    return store_.takes_commits() && (of_user == changing_.end() || of_user->second < kMostChangesOfUser);
  }
  void flush(std::function<void(storage::Status)> done, UserId by = 0);
  // Changes that a person asks for and that are of nobody's account: a flush of their own.
  void commit(std::vector<storage::Change> changes, std::function<void(storage::Status)> done, UserId by);
  void rollback();

  const Audit& audit() const { return audit_; }

  // --- What is known of logins. A user was in with the password from `address` (net::Address::group_text();
  // the newest 8 are kept); `digest`, unless empty: the quick one of the password (password.h). Commits by
  // itself.
  // `hash`, unless empty: of the same password, in place of another bouncer's.
  void remember_login(UserId user, std::string_view address, std::string digest, std::string hash = {});
  bool was_in_from(UserId user, std::string_view address) const;
  std::string password_digest(UserId user) const;  // empty: none
  Sealer::Key password_key() const { return sealer_.derive("quick password digests"); }

  // --- Look-ups. Pointers are valid until the next change: a row that changes is replaced. Who keeps one
  // takes it shared.
  storage::SharedUserRow user_row(UserId id) const;                // null: there is none
  storage::SharedNetworkRow network_row(NetworkId id) const;       // null: there is none
  const storage::UserRow* find_user(std::string_view name) const;  // names compare without ASCII case
  const storage::UserRow* user(UserId id) const;
  // The same with an error for a person, which says what there is instead.
  Result<const storage::UserRow*> require_user(std::string_view name) const;
  Result<const storage::NetworkRow*> require_network(std::string_view user, std::string_view name) const;
  const storage::NetworkRow* find_network(UserId user, std::string_view name) const;
  const storage::NetworkRow* network(NetworkId id) const;
  const storage::DeviceRow* find_device(UserId user, std::string_view name) const;
  Result<const storage::DeviceRow*> require_device(std::string_view user, std::string_view name) const;
  const storage::DeviceRow* find_token(std::string_view token) const;  // by its hash
  const storage::DeviceRow* device(DeviceId id) const;
  // Whose certificate has that fingerprint, or that of its other form, where both are known; several users
  // may have said so of one.
  std::vector<const storage::DeviceRow*> find_certificate(std::string_view fingerprint,
                                                          std::string_view other_form = {}) const;
  std::vector<const storage::UserRow*> users() const;                   // by name
  std::vector<const storage::NetworkRow*> networks(UserId user) const;  // in the order they were added
  std::vector<const storage::ChannelRow*> channels(NetworkId network) const;
  // The same, valid until the next change.
  std::span<const storage::ChannelRow> channel_rows(NetworkId network) const;
  std::vector<const storage::BufferRow*> set_buffers(UserId user) const;  // those that have settings
  std::span<const storage::BufferRow> set_buffers_on(NetworkId network) const;
  std::vector<const storage::DeviceRow*> devices(UserId user) const;
  std::vector<const storage::SessionRow*> sessions(UserId user) const;

 private:
  struct UserEntry {
    storage::SharedUserRow row;
    std::vector<NetworkId> networks = {};  // ascending: in the order they were added
    std::vector<DeviceId> devices = {};
    std::vector<std::uint64_t> sessions = {};
  };
  struct NetworkEntry {
    storage::SharedNetworkRow row;
    std::vector<storage::ChannelRow> channels;
    std::vector<storage::BufferRow> set_buffers;
  };

  // Rows in and out of the tables and their indexes; no change is recorded.
  void link(UserEntry user);
  void link(NetworkEntry network);
  void link(storage::DeviceRow device);
  void link(storage::SessionRow session);
  void link(storage::BufferRow buffer);
  UserEntry unlink_user(UserId id);
  NetworkEntry unlink_network(NetworkId id);
  storage::DeviceRow unlink_device(DeviceId id);
  storage::SessionRow unlink_session(std::uint64_t id);

  void seal_old_lines();

  // A change in three parts: what the store does, how to take it back, and what the observer hears.
  void record(storage::Change change, std::function<void()> undo, std::function<void(Observer&)> notice);

  // What has changed by itself and is not yet on its way to the disk (unsaved.cpp). Bounded by what a user
  // may have.
  struct Unsaved {
    bool in_flight = false;  // the user's commit
    bool user = false;
    std::set<NetworkId> networks;
    std::map<NetworkId, std::vector<storage::ChannelRow>> channels;  // as they are on disk or on their way
    std::map<DeviceId, bool> devices;                                // true: on disk, or on its way
    std::map<std::uint64_t, bool> sessions;                          // likewise
    std::set<std::uint64_t> passkeys;                                // used since
    std::vector<std::function<void()>> waiting;                      // for all that to be on disk
    bool clean() const {
      return !user && networks.empty() && channels.empty() && devices.empty() && sessions.empty() &&
             passkeys.empty();
    }
  };
  void save(UserId user);
  std::vector<storage::Change> take_unsaved(UserId user, Unsaved& unsaved) const;
  // Before a channel changes by itself, or in a transaction beside what waits.
  void keep_saved_channels(const NetworkEntry& network);
  void device_changed(const storage::DeviceRow& row);
  void session_changed(const storage::SessionRow& row);
  void forget_device(DeviceId id);
  void forget_session(std::uint64_t id);
  Result<void> keeps_administrator(const storage::UserRow& now, const storage::UserRow* next) const;
  void put(storage::UserRow row);
  void put(storage::NetworkRow row);
  void put(storage::DeviceRow row);
  void drop_device(DeviceId id);
  void drop_session(std::uint64_t id);
  bool is_good(const storage::TicketRow& row) const;
  void put(storage::TicketRow row);
  NewTicket add_ticket(storage::TicketRow row);
  void drop_ticket(std::uint64_t id);
  void drop_tickets(UserId user);
  using PasskeyPlace = std::pair<UserId, std::uint64_t>;
  void link(storage::PasskeyRow passkey);
  storage::PasskeyRow unlink_passkey(const PasskeyPlace& place);
  void drop_passkey(const PasskeyPlace& place);
  void drop_passkeys(UserId user);
  // nullptr: nothing was to be changed.
  const storage::ChannelRow* insert_channel(NetworkEntry& network, std::string_view name,
                                            std::string_view key) const;
  void join_channel(NetworkId network, const storage::ChannelRow& channel);
  void replace_set_buffer(NetworkEntry& network, const storage::BufferRow& row);
  SettingContext context_of(const storage::UserRow& owner) const;
  // Is there room for so many channels on one of their networks?
  Result<void> room_for_channels(const storage::UserRow& owner, std::size_t channels) const;
  Result<DeviceId> oldest_device(UserId user, DeviceId spared = 0) const;
  Result<storage::DeviceRow> device_to_be(std::string_view user, std::string_view name, DeviceId spared = 0);
  Result<void> give_certificate(Result<storage::DeviceRow> row, std::string_view fingerprint);
  std::string free_device_name(UserId user, std::string_view like) const;
  std::int64_t now_ms() const { return clock_.wall_us() / 1000; }

  storage::Store& store_;
  const net::Clock& clock_;
  net::Random& random_;
  const Sealer& sealer_;
  const Config& config_;
  const Audit audit_;
  const Sealer::Key scram_salts_;
  Observer* observer_ = nullptr;

  std::map<UserId, UserEntry> users_;
  std::map<NetworkId, NetworkEntry> networks_;
  std::map<DeviceId, storage::DeviceRow> devices_;
  std::map<std::uint64_t, storage::SessionRow> sessions_;
  std::map<std::uint64_t, storage::TicketRow> tickets_;
  std::map<PasskeyPlace, storage::PasskeyRow> passkeys_;
  std::unordered_map<std::string, UserId> user_names_;  // lower case
  std::unordered_map<std::string, DeviceId> tokens_;    // by hash, as are the next
  std::unordered_map<std::string, std::uint64_t> session_tokens_;
  std::unordered_multimap<std::string, DeviceId> certificates_;  // by fingerprint
  std::unordered_map<std::string, PasskeyPlace> credential_ids_;
  UserId last_user_;
  NetworkId last_network_;
  DeviceId last_device_;
  std::uint64_t last_session_, last_ticket_, last_passkey_;

  std::map<UserId, Unsaved> unsaved_;
  std::vector<storage::Change> pending_;
  std::vector<std::function<void()>> undo_;  // in the order of the changes; run backwards
  std::vector<std::function<void(Observer&)>> notices_;
  std::map<UserId, std::size_t> changing_;  // users whose changes wait for the disk, and how many
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
