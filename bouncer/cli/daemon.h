// What commands may ask of the running daemon, as plain values: so that the table needs neither a loop nor a
// User.
//
// Thread: the loop's. Owner: the composition root; outlives the CommandRunner.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "storage/api/store.h"

namespace halley::cli {

struct NetworkStatus {
  std::string name, link, nick, trouble;  // link: "connected"...; trouble: why not, empty when unknown
  std::size_t channels = 0;
};
struct ClientStatus {
  std::string description;
  bool live = false;  // false: it is still reading what it missed
};
struct UserStatus {
  std::string name;
  bool enabled = true;
  std::vector<NetworkStatus> networks;
  std::vector<ClientStatus> clients;
  std::size_t pushes = 0;    // subscriptions to Web Push
  std::string resting = {};  // why the networks are left until somebody attaches; empty: they are not
};
struct StatusReport {
  std::uint64_t uptime_s = 0;
  std::uint64_t memory_bytes = 0;  // resident
  std::vector<UserStatus> users;
  storage::StoreFigures store;
  std::string text_logs_trouble = {};  // why the plain-text logs wait; empty: they do not
};

// What the daemon gave up when it started (bouncer/daemon/sandbox.h).
struct SandboxStatus {
  std::string what = "off";
  bool whole = false;  // false: it is off, or the kernel does not have all of it
};

// A line that a user has said and that is not yet out (bouncer/core/outbox.h).
struct OutboxLine {
  std::uint64_t id = 0;
  std::string network, state, command, target, text;
  std::int64_t time_ms = 0;
};

// A file that a user has uploaded (gateway/api/upload_store.h).
struct UploadedFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t time_ms = 0;
};

// A subscription to Web Push (bouncer/push/pusher.h).
struct PushLine {
  std::uint64_t id = 0;
  std::string network;                       // empty: all
  std::string by;                            // "device phone", "web login 3"
  std::string origin;                        // of its push service
  std::int64_t created_ms = 0, sent_ms = 0;  // sent: the newest push that was taken since the start; 0: none
  std::string trouble;                       // why the newest was not taken
};

// What a device of the user's hides.
struct HiddenPlace {
  DeviceId device = 0;
  std::string network, target;
};

class Follower;

class Daemon {
 public:
  // `only` 0: all users.
  virtual StatusReport status(UserId only) const = 0;
  // Reads configuration and certificates again. What was taken over, or what is wrong.
  virtual std::expected<std::string, std::string> reload() = 0;

  virtual SandboxStatus sandbox() const = 0;

  // Lets those guess passwords again who have to wait: all when `what` is empty, else an address, or whoever
  // guesses at a user. What was lifted.
  virtual std::expected<std::string, std::string> unlock(std::string_view what) = 0;

  // What the user has said and what waits; forgets one of these lines, or says one of unknown fate again.
  virtual std::vector<OutboxLine> outbox(UserId user) const = 0;
  virtual std::expected<void, std::string> outbox_cancel(UserId user, std::uint64_t id) = 0;
  virtual std::expected<void, std::string> outbox_send(UserId user, std::uint64_t id) = 0;
  // Is the channel kept without being shown to ordinary clients (bouncer/core/detached.h)?
  virtual bool detached(const storage::BufferRow& buffer) const = 0;
  virtual std::expected<void, std::string> set_detached(const storage::BufferRow& buffer, bool detached) = 0;
  // What the user's devices hide, each by itself; hides a channel or query from the clients of one, or shows
  // it there again.
  virtual std::vector<HiddenPlace> hidden(UserId user) const = 0;
  virtual std::expected<void, std::string> set_hidden(const storage::DeviceRow& device, NetworkId network,
                                                      std::string_view target, bool hidden) = 0;
  // Those of which a client is attached.
  virtual std::set<DeviceId> devices_online(UserId user) const = 0;
  virtual std::vector<UploadedFile> uploads(UserId user) const = 0;
  virtual bool remove_upload(UserId user, std::string_view name) = 0;  // false: there is none
  virtual std::vector<PushLine> pushes(UserId user) const = 0;
  virtual std::expected<void, std::string> push_remove(UserId user, std::uint64_t id) = 0;
  // Says a line to every user who is enabled, in the talk with *halley: kept for those who are away. How
  // many.
  virtual std::size_t notice(std::string_view text) = 0;
  // Tells the raw lines of the user's connections from now on, without secrets, as to_json(TracedLine) has
  // them: of one network and its clients when one is named. Until nobody holds the follower any more.
  virtual std::expected<void, std::string> trace(UserId user, std::string_view network,
                                                 std::weak_ptr<Follower> follower) = 0;

 protected:
  ~Daemon() = default;
};

}  // namespace halley::cli
