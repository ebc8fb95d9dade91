// What the user keeps without seeing it. A detached channel is shown to no ordinary client, nor that the user
// is there, until somebody joins, or something is said there that the user's setting reattach-on names. What
// a device hides, channels and queries, is not shown to the clients of that device, until they ask for it
// again; all others have it. Browsers and programs see them as any. Kept over restarts.
//
// Thread: the loop's. Owner: the User.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/core/durable_state.h"

namespace halley {

class Network;
class User;

class Detached final : public StateOwner {
 public:
  static constexpr std::size_t kMostDetached = 1000;  // channels of a user; no more can be
  static constexpr std::size_t kMostHidden = 1000;    // by all devices of a user together; likewise
  static constexpr DeviceId kAllDevices = 0;          // no device is called so

  // Where something is hidden: in which buffer, and from the clients of which device.
  struct Place {
    DeviceId device = kAllDevices;
    NetworkId network = 0;
    BufferId buffer = 0;
    auto operator<=>(const Place&) const = default;
  };

  // Takes what was kept. `states` and `user`, which has its id by then, outlive it.
  Detached(DurableState& states, User& user);

  bool has(NetworkId network, BufferId buffer, DeviceId device = kAllDevices) const {
    return !since_.empty() && since_.contains({device, network, buffer});
  }
  bool empty() const { return since_.empty(); }
  // Is the buffer hidden from the device, whether from it alone or from all?
  bool covers(NetworkId network, BufferId buffer, DeviceId device) const {
    return has(network, buffer) || has(network, buffer, device);
  }
  // The newest event that is not hidden. REQUIRES: has().
  EventId since(NetworkId network, BufferId buffer, DeviceId device = kAllDevices) const {
    return since_.at({device, network, buffer});
  }
  // Is the event to be seen in such buffers alone, and from after they were hidden from the device?
  bool hides(const storage::Event& event, DeviceId device) const {
    return !since_.empty() && hides_there(event, device);
  }
  // By id, those of the network that are hidden from this device alone, or from all.
  std::vector<BufferId> of(NetworkId network, DeviceId device = kAllDevices) const;
  // All that devices hide, each by itself.
  std::vector<Place> of_devices() const;
  // Of this buffer, those of all devices first.
  std::vector<Place> of_buffer(NetworkId network, BufferId buffer) const;
  bool full(DeviceId device = kAllDevices) const;

  // REQUIRES: the journal has room for a record; add(): not full().
  void add(const Place& place, EventId head);
  void remove(const Place& place);
  // The talk of one buffer goes on in another that was there already (a channel or nick took its name): it is
  // hidden from whom it was.
  void move(NetworkId network, BufferId from, BufferId to);
  // Nobody hides it any more: whoever did not see the channel is shown it, without what was said there.
  void forget_buffer(UserId user, NetworkId network, BufferId buffer) override;
  void add_kept_buffers(UserId user, std::vector<BufferId>& kept) const override;
  void forget_network(UserId user, NetworkId network) override;
  void forget_device(DeviceId device) override;

 private:
  bool hides_there(const storage::Event& event, DeviceId device) const;
  void put(const Place& place, std::string_view value);
  void count();

  User& user_;
  std::map<Place, EventId> since_;
  std::size_t by_devices_ = 0;  // of them
};

// Is the channel a detached one?
bool is_detached(const Network& network, std::string_view channel);
// Is the channel or query hidden from the device, whether from it alone or from all?
bool is_hidden(const Network& network, std::string_view name, DeviceId device);
// Hides the channel from ordinary clients, which are told that it was left. Not empty: why it is not.
// REQUIRES: the journal has room for two records.
std::string detach_channel(Network& network, std::string_view channel);
// Shows it again, as if it had been joined. False: it is not detached.
// REQUIRES: the journal has room for a record.
bool attach_channel(Network& network, std::string_view channel);
// The same for the clients of one device, and for queries, too. A device that is away is shown nothing of
// what was said there since it was last here. REQUIRES (hide_on_device): it is a device.
std::string hide_on_device(Network& network, DeviceId device, std::string_view name);
bool show_on_device(Network& network, DeviceId device, std::string_view name);
// A channel or nick has taken a name that had a buffer: what is said goes there from now on, and stays hidden
// from whom it was, and from nobody else.
void talk_goes_on(Network& network, BufferId from, BufferId to);

}  // namespace halley
