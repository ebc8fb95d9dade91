// A command for a network: who gives it, and what it is.
//
// Values, valid during the call that they are made for. Thread: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "bouncer/core/client.h"
#include "bouncer/core/said_news.h"
#include "bouncer/irc/message.h"

namespace halley {

class Network;

// A client, which is answered; or a program that has no stream to be answered on: it learns whether its
// command was done, and no more.
class Asker {
 public:
  Asker(Client& client) : client_(client) {}
  static Asker program() { return {}; }

  // May it be told more than whether it was done?
  bool listens() const { return client_.has_value(); }
  // Whom the network's answers are for: all clients, where it has none of its own.
  AskedBy answered() const {
    return client_ ? AskedBy(client_->get().id(), client_->get().answering()) : AskedBy(kEverybody);
  }
  // Whose words they are.
  ClientId speaker() const { return client_ ? client_->get().id() : kNobody; }
  // As Client's. Nothing happens where nobody listens.
  void pass(const Network& network, std::string_view line) const;
  void channel_names(const Network& network, const Channel& channel) const;
  // How it is known who asks; of a program by its token.
  ProvenBy proven_by() const { return client_ ? client_->get().proven_by() : ProvenBy::kToken; }
  // On which device; 0: it is a browser or a program, which are shown all.
  DeviceId device() const { return client_ && !client_->get().sees_hidden() ? client_->get().device() : 0; }

 private:
  Asker() = default;
  std::optional<std::reference_wrapper<Client>> client_;
};

struct ClientCommand {
  Asker from;
  Network& network;
  const irc::Message& message;
  CommandNumber number = {};
};

}  // namespace halley
