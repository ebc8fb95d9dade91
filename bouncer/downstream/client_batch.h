// A batch that a client has begun: a message of several lines (draft/multiline), put together and said when
// it ends. Source: https://ircv3.net/specs/extensions/client-batch,
// https://ircv3.net/specs/extensions/multiline
//
// A value, which stands in Downstream::State while it is open; its bounds are irc::kSaidMultiline. Thread:
// the loop's.
#pragma once

#include <cstdint>
#include <string>

#include "bouncer/core/client_id.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"

namespace halley {

class Downstream;
class Network;

struct ClientBatch {
  static constexpr std::size_t kMostReference = 64;  // bytes
  static constexpr std::uint64_t kMaxOpenMs = 60'000;

  std::string reference, target, tags;
  std::string command = {};  // of its lines; empty: none has come
  irc::MultilineText text{irc::kSaidMultiline};
  std::uint64_t begun_ms = 0;
  AnswerId answer = 0;  // to its beginning, which is held until it ends
  bool failed = false;  // told, and its lines are passed over until it ends
};

// BATCH.
void handle_client_batch(Downstream& client, Network& network, const irc::Message& message);
// A PRIVMSG or NOTICE. True: it is a batch's.
bool take_batched(Downstream& client, const irc::Message& message);
// One that was left open for too long fails.
void expire_batch(Downstream& client);

}  // namespace halley
