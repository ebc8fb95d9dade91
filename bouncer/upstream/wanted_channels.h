// The channels that the user wants to be in on one network, as the network confirms them: a JOIN that works
// adds one, a PART takes it away, whoever brought either about. What clients ask for is only a request until
// then, so that a mistyped key or a refused channel is not kept. Names compare as the network does.
//
// The confirmed ones live with the account's settings (Network), and are joined again on each link; those
// that the network refuses are tried again, ever more rarely, and at once when the reason may have gone.
//
// Thread: the loop's. Owner: the Upstream. Times: monotonic milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/upstream/whose_try.h"

namespace halley {

class Upstream;

class WantedChannels {
 public:
  explicit WantedChannels(Upstream& up) : up_(up) {}

  // --- What clients ask for, with the link up or down ---
  void ask(std::string_view name, std::string_view key);
  void give_up(std::string_view name);

  // --- What the network says ---
  void joined(std::string_view name);  // we
  void parted(std::string_view name);  // we, of our own will or not; a KICK is none: it stays wanted
  void forwarded(std::string_view from, std::string_view to);
  void key_is(std::string_view name, std::string_view key);  // empty: there is none any more
  void renamed(std::string_view from, std::string_view to);
  // A numeric refused `name`.
  WhoseTry refused(std::string_view numeric, std::string_view name, std::string_view why);
  void identified();  // to services: what was refused for that is tried again
  void invited(std::string_view name);

  // --- The link ---
  void join_all();   // it is in use
  void link_gone();  // what was asked for and not answered is forgotten
  void tick();       // every quarter of a minute or so

 private:
  static constexpr double kSavesAtOnce = 100;   // that the network brings about; then one a second
  static constexpr std::size_t kMostAsks = 64;  // waiting for an answer; the oldest is forgotten first
  struct Ask {
    std::string name, key;
    std::uint64_t at_ms;
    bool kept_for_link;  // asked while there was none
  };
  struct RefusedChannel {
    std::string name;
    std::uint64_t next_ms, delay_ms;
  };
  struct Unsaved {
    std::string name, key;
    bool wanted;
  };

  bool same(std::string_view a, std::string_view b) const;
  template <typename Entries>
  auto find(Entries& entries, std::string_view name) const;
  bool is_wanted(std::string_view name, std::string* stored_key = nullptr) const;
  void forward_over(std::string_view name);
  void forget(std::string_view name, bool by_client);
  void save(std::string_view name, std::string_view key, bool wanted);
  void save_now(const Unsaved& change);
  void join(std::vector<std::pair<std::string, std::string>> channels);
  void try_again(bool all);

  struct State {
    std::vector<Ask> asks;
    std::vector<std::string> unconfirmed;                       // kept when there was no link to ask
    std::vector<std::string> parting;                           // a client's PART is on its way
    std::vector<std::pair<std::string, std::string>> forwards;  // asked for, reached
    std::vector<RefusedChannel> refused;                        // wanted ones
    std::vector<Unsaved> unsaved;                               // the network changes its mind very often
    std::uint64_t identified_ms = 0;                            // when we last were, to services; 0: never
    double saves_left = kSavesAtOnce;
    std::uint64_t saves_at_ms = 0;
  };

  Upstream& up_;
  State state_;
};

}  // namespace halley
