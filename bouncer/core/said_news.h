// What becomes of a line that a user has said, for clients that follow it (Client::said): made by the Outbox.
//
// Views: valid during the call. Thread: the loop's.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/api/event.h"

namespace halley {

// The number under which a program gave a command (commands/numbered_commands.h). seq 0: it had none.
struct CommandNumber {
  std::string_view client;
  std::uint64_t seq = 0;
};

struct SaidNews {
  enum class Fate : std::uint8_t {
    kQueued,     // waits for the network, or for its channel
    kAccepted,   // behind the network's pace
    kSent,       // on its way
    kConfirmed,  // the network has it
    kRefused,
    kUnknown,  // nobody knows whether it was heard
    kCancelled,
  };
  Fate fate = Fate::kQueued;
  bool to_all = false;   // else only whoever gave the command is to hear of it
  std::uint64_t id = 0;  // of the outbox
  CommandNumber command;
  bool notice = false;
  std::string_view target, text;
  std::int64_t time_ms = 0;    // wall clock: when it was said
  storage::EventId event = 0;  // in the log; 0: not, or not known
  std::string_view why;        // of a refusal
};

std::string_view said_fate_name(SaidNews::Fate fate);  // "queued", "accepted" ...

}  // namespace halley
