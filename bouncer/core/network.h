// One network of one user: what it is called, how it is reached, what is known of it, and its buffers.
//
// Thread: the loop's. Owner: the User. What it is given outlives it. A successor makes it from its row; what
// it needs besides have its parts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/buffers.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/network_state.h"
#include "bouncer/core/outbox.h"
#include "bouncer/core/spoken_secrets.h"
#include "bouncer/core/uplink.h"
#include "bouncer/core/user.h"
#include "storage/api/rows.h"

namespace halley {

class Network {
 public:
  struct Parts {
    Accounts& accounts;  // keeps what clients change of the settings: channels and nick
    DurableState& states;
    const Config::LimitsConfig& limits;
    storage::Journal& journal;
    EventIds& ids;
    std::uint64_t hash_key;  // of names that others choose
    const MakeUplink& make_uplink;
  };
  Network(User& user, storage::SharedNetworkRow row, const Parts& parts);
  ~Network();

  User& user() const { return user_; }
  NetworkId id() const { return row_->id; }
  const std::string& name() const { return row_->name; }
  const storage::NetworkRow& row() const { return *row_; }
  // Takes changed settings; reconnects when what it connects with has changed.
  void update(storage::SharedNetworkRow row);

  // --- How it is reached ---
  Uplink& uplink() { return *uplink_; }
  const Uplink& uplink() const { return *uplink_; }
  Link link() const { return uplink_->link(); }
  const std::string& trouble() const { return user_.resting() ? user_.rest_reason() : uplink_->trouble(); }

  // --- What is known of it ---
  const NetworkState& state() const { return state_; }
  NetworkState& state() { return state_; }
  // ISUPPORT is known: how names are folded is taken from it, and kept over a restart.
  // REQUIRES: the journal has room for a record.
  void learn_naming();
  // The user's nick there; while it is not known, the one that is configured.
  const std::string& nick() const { return state_.nick.empty() ? row_->nick : state_.nick; }
  // A line is about to be sent: passwords in it that are said to services are left out of their answers.
  void saying(std::string_view line);
  // What a service says without them; nothing: it repeats none.
  std::optional<std::string> without_secrets(std::string_view text);
  Buffers& buffers() { return buffers_; }
  const Buffers& buffers() const { return buffers_; }
  // What the user has said there and what is not yet settled.
  Outbox& outbox() { return outbox_; }
  const Outbox& outbox() const { return outbox_; }
  struct BufferInfo {
    BufferId id;
    const std::string* name;
    bool channel, joined;
  };
  // By name, without "": the channels that we are in, then what was made last, `most` in all. Costs what it
  // gives.
  std::vector<BufferInfo> shown_buffers(std::size_t most) const;
  // Buffers that something is set for (accounts/buffer_settings.h). Valid until the next change.
  std::span<const storage::BufferRow> set_buffers() const;
  const storage::BufferRow* find_set(BufferId buffer) const;  // null: nothing is

  // --- What the user wants there, kept with the settings ---
  // Pointers are valid until the next change.
  std::vector<const storage::ChannelRow*> wanted_channels() const;
  const storage::ChannelRow* find_wanted(std::string_view name) const;  // null: not wanted
  std::size_t channel_limit() const;                                    // max_channels() of user_settings.h
  // The user wants to be in this channel from now on, with this key. Names compare as the network does.
  void want_channel(std::string_view name, std::string_view key);
  void forget_channel(std::string_view name);  // nothing happens when it is not wanted
  // For the operator's log.
  void log_state(std::string_view what) const;
  void keep_nick(std::string_view nick);  // a nick asked for by /nick becomes the configured one

 private:
  User& user_;
  Accounts& accounts_;
  DurableState& states_;
  const Config::LimitsConfig& limits_;
  storage::SharedNetworkRow row_;  // the accounts have the same
  std::string naming_;             // as it is kept
  NetworkState state_;
  Buffers buffers_;
  SpokenSecrets secrets_;
  Outbox outbox_;
  std::unique_ptr<Uplink> uplink_;
};

}  // namespace halley
