// METADATA for one client (draft/metadata-2): what the user has set for channels and queries, as keys of
// their names: soju.im/muted, soju.im/pinned (accounts/buffer_settings.h), soju.im/blocked (a rule that
// ignores the nick, accounts/rules.h); "1" or not set. Of other keys nothing is known.
// Source: https://ircv3.net/specs/extensions/metadata
//
// Thread: the loop's. Owner: the Downstream. Bounds: kMostSubs keys; what was told is as bounded as what may
// be set.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/message.h"

namespace halley {

class Downstream;
class Network;

class Metadata {
 public:
  static constexpr std::size_t kMostSubs = 16;
  static constexpr std::string_view kCapValue = "before-connect,max-subs=16,max-keys=0,max-value-bytes=1";

  explicit Metadata(Downstream& client) : client_(client) {}

  void handle(const irc::Message& message);
  // Something has changed, or the client has been welcomed: it is told what it has subscribed to.
  void sync();

 private:
  using Targets = std::set<std::string, std::less<>>;

  void get(const irc::Message& m);
  void list(const irc::Message& m);
  void set(const irc::Message& m);
  void clear(const irc::Message& m);
  void subscribe(const irc::Message& m);
  void unsubscribe(const irc::Message& m);
  void tell_subscriptions(const irc::Message& m);

  struct SetCommand {
    std::string_view target;
    std::size_t key;
    bool on;
  };
  struct Set {
    std::size_t key;
    std::string name;  // as it is kept
    bool on;
  };
  using Told = std::vector<Set>;

  Network* network_of(std::string_view target);
  // Not empty: why it is not.
  std::string change(Network& network, const SetCommand& asked, Told& told);
  bool commit(const Told& told);
  void tell_value(std::string_view target, std::string_view key, std::string_view value,
                  std::string_view batch);
  void reply(std::string_view numeric, std::vector<std::string_view> params, std::string_view batch = {});

  struct State {
    std::vector<std::string> subscribed;
    std::vector<Targets> told;  // of each key, whose is told to be "1"; nothing until one is subscribed to
  };

  Downstream& client_;
  State state_;
};

}  // namespace halley
