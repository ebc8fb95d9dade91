// Who asked what of a network, so that the answer goes to the one client that asked.
//
// IRC answers carry no name of the asker, but come in the order of the questions: a short queue of questions
// with the numerics that belong to each (https://modern.ircdocs.horse/#numerics). A plain value. Thread: the
// loop's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"

namespace halley {

class Requests {
 public:
  // Remembers that `who` sent `command`, when it is one that is answered. At most 64 wait; the oldest is
  // forgotten first, and so is one that is older than a minute.
  void sent(ClientId who, std::string_view command, std::uint64_t now_ms);
  // The asker of a numeric; kNobody when it answers no client's question. Finishes the question at its last
  // numeric.
  ClientId asker(std::string_view numeric, std::uint64_t now_ms);
  void forget(ClientId who);
  void clear() { waiting_.clear(); }

 private:
  struct Question {
    ClientId who;
    std::size_t family;
    std::uint64_t at_ms;
  };
  std::vector<Question> waiting_;  // oldest first; an empty deque would cost each network 600 bytes
};

}  // namespace halley
