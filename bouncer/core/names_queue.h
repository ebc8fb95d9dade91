// The channels whose members a client is still to be told: one after the other, in turns (UserTurns), as far
// as the peer takes them.
//
// A long list is told while the client follows no log: it is held where it is, so that nothing of what
// happens comes between the lines of the list, and follows on behind it. A list begins only when the client
// is live: what it shows is the present, and no event that it has seen the end of may follow it.
//
// Thread: the loop's. Owner: the Client, as long as something is to be told.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/core/names_list.h"
#include "bouncer/core/user_turns.h"
#include "storage/api/event.h"

namespace halley {

class Client;
class Network;
struct Channel;

class NamesQueue final : private UserTurns::Taker {
 public:
  NamesQueue(Client& client, UserTurns& turns, UserId user) : client_(client), turns_(turns), user_(user) {}
  ~NamesQueue();

  // Tells its members, or, if we have just `joined`, what is told then. One that waits already does so once;
  // but each answer that is told apart (client.h) by itself, which is held until then.
  void add(NetworkId network, std::string_view channel, bool joined, AnswerId answer = 0);
  // What is still to be told of a channel is told under its new name, from the beginning.
  void rename(NetworkId network, std::string_view old_name, std::string_view name);
  // Nothing more of this channel is told.
  void forget(NetworkId network, std::string_view channel);
  // To be called when the client is live, or its peer has room.
  void go_on();
  std::size_t answers() const { return state_.answers; }  // that are held
  bool empty() const { return !list_ && state_.wanted.empty(); }

 private:
  struct Wanted {
    NetworkId network = 0;
    bool joined = false;
    std::string channel;
    AnswerId answer = 0;
    bool operator==(const Wanted&) const = default;
    auto operator<=>(const Wanted&) const = default;
  };
  static constexpr std::size_t kFew = 64;
  void take_turn() override;
  bool begin_next(std::size_t left);
  void forget_left();
  void put(Wanted wanted);
  std::vector<AnswerId> take_back(NetworkId network, bool joined, std::string_view channel);
  void answered(AnswerId answer);

  // What is still to be told, as values; a list on its way begins anew.
  struct State {
    // By what is wanted its place in the order, and the other way round: at most two for each channel, and as
    // many again that we have left since. A client may wait for tens of thousands.
    std::map<Wanted, std::uint64_t> places;
    std::map<std::uint64_t, Wanted> wanted;
    std::uint64_t last_place = 0;
    std::size_t answers = 0;
    Wanted now{};                             // of the list that is on its way
    std::optional<storage::EventId> held_at;  // where the client goes on behind it
  };

  Client& client_;
  UserTurns& turns_;
  UserId user_;
  State state_;
  std::size_t look_through_at_ = kFew;
  std::unique_ptr<NamesList> list_;
  bool waits_ = false;  // for its turn
};

}  // namespace halley
