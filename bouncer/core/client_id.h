// The number of an attached client, by which questions to a network, answers that come later and events name
// who asked or spoke. A pointer would dangle when the client goes, and its memory is soon another's.
//
// A value. Given by the process's one ClientIds (owner: the Bouncer; thread: the loop's), never twice.
#pragma once

#include <cstdint>

namespace halley {

using ClientId = std::uint64_t;
inline constexpr ClientId kNobody = 0;  // no client: Halley itself, or a program without a stream

// Asked by a program that has no stream to be answered on: the answer is for all clients.
inline constexpr ClientId kEverybody = ~ClientId{0};

// The number of a command of a client's whose answers belong together (labeled-response): given by the
// client, never twice. 0: they need not be told apart.
using AnswerId = std::uint32_t;

// Who asks, and by which command of theirs.
struct AskedBy {
  AskedBy(ClientId who = kNobody, AnswerId command = 0) : client(who), answer(command) {}
  ClientId client;
  AnswerId answer;
};

class ClientIds {
 public:
  ClientId next() { return ++last_; }

 private:
  ClientId last_ = kNobody;
};

}  // namespace halley
