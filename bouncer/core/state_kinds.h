// The kinds of small durable state (storage::StateRecord), each with its owner, which alone reads and writes
// its keys and values. One row per kind; stored: numbers are never reused.
#pragma once

#include <cstdint>

#include "storage/api/rows.h"

namespace halley {

enum class StateKind : std::uint16_t {
  kDevicePosition = 1,     // core/device_positions.h: of a device on a network; value: the event's id
  kNumberedCommand = 2,    // commands/numbered_commands.h: key: who gave it; value: its number, the answer
  kOutbox = 3,             // core/outbox.h: a line that was said; key: its number; value: all of it
  kAway = 5,               // upstream/away.h: of a user on a network; value: why they are away
  kReadMarker = 6,         // core/buffer_marks.h: key: the buffer; value: up to which time it was read
  kPlaybackCleared = 7,    // likewise: up to which time *playback is not to give it
  kRedaction = 8,          // core/redactions.h: key: a msgid; value: the buffer whose line it was
  kDetached = 10,          // core/detached.h: key: the buffer; value: the newest event when it was detached
  kPushSubscription = 11,  // push/subscriptions.h: of a device or network, or of none; key: its number
  kNaming = 9,  // core/network.h: of a network; value: what of its ISUPPORT says how it names things
};

// Adds `added` to the ids of buffers that the state's key or value holds: it comes from another store.
void move_buffers(storage::StateRow& row, storage::BufferId added);

}  // namespace halley
