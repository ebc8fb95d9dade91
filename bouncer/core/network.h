// One network of one user: what it is called, how the link stands, what is known of it, and its buffers.
//
// Thread: the loop's. Owner: the User.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/network_state.h"
#include "bouncer/core/user.h"

namespace halley {

class Upstream;

enum class Link : std::uint8_t { kDisabled, kWaiting, kConnecting, kRegistering, kConnected };
std::string_view link_name(Link link);  // "disabled", "waiting", "connecting", "registering", "connected"

class Network {
 public:
  Network(User& user, storage::NetworkRow row);
  ~Network();

  User& user() const { return user_; }
  NetworkId id() const { return row_.id; }
  const std::string& name() const { return row_.name; }
  const storage::NetworkRow& row() const { return row_; }
  // Takes changed settings; reconnects when what it connects with has changed.
  void update(const storage::NetworkRow& row);

  const NetworkState& state() const { return state_; }
  NetworkState& state() { return state_; }
  Upstream& upstream() { return *upstream_; }
  const Upstream& upstream() const { return *upstream_; }
  Link link() const;
  const std::string& trouble() const;  // why the link is down; empty: it is not, or not yet tried

  // --- Buffers: channels, queries, and "" for the network itself ---
  BufferId buffer(std::string_view name);             // made (and journalled) when new
  BufferId find_buffer(std::string_view name) const;  // 0: none
  void load_buffer(const storage::BufferRow& row);    // at start
  struct BufferInfo {
    BufferId id;
    const std::string* name;
    bool channel, joined;
  };
  std::vector<BufferInfo> buffers() const;  // by name, without ""
  const std::string* buffer_name(BufferId id) const;
  void casemapping_changed();  // names are sorted anew
  static constexpr std::size_t kMaxBufferName = 512;

  // The user wants to be in this channel from now on; an empty key keeps the one that is known.
  void want_channel(std::string_view name, std::string_view key = {});

  // The present state as IRC lines (no CR LF, no tags): 005, own JOINs with topic, names and modes. For a
  // fresh attach of a browser; `line` is called for each in order.
  void snapshot(const std::function<void(std::string_view line)>& line) const;

 private:
  User& user_;
  storage::NetworkRow row_;
  NetworkState state_;
  std::unique_ptr<Upstream> upstream_;
  struct Entry {
    BufferId id;
    std::string name;
  };
  std::size_t buffer_index(std::string_view name, bool& found) const;
  std::vector<Entry> buffers_;  // sorted by folded name
  mutable std::size_t last_found_ = 0;
};

}  // namespace halley
