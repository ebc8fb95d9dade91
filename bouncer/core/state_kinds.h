// The kinds of small durable state (storage::StateRecord), each with its owner, which alone reads and writes
// its keys and values. One row per kind; stored: numbers are never reused.
#pragma once

#include <cstdint>

namespace halley {

enum class StateKind : std::uint16_t {
  kDevicePosition = 1,  // core/device_positions.h: of a device on a network; value: the event's id
  kNumberedCommand =
      2,      // commands/numbered_commands.h: key: who gave it; value: its number, a space, the answer
  kAway = 5,  // upstream/away.h: of a user on a network; value: why they are away
};

}  // namespace halley
