// The kinds of small durable state (storage::StateRecord), each with its owner, which alone reads and writes
// its keys and values. One row per kind; stored: numbers are never reused (4, 14 and 19 were kinds once).
#pragma once

#include <array>
#include <cstdint>

#include "storage/api/rows.h"

namespace halley {

enum class StateKind : std::uint16_t {
  kDevicePosition = 1,
  kNumberedCommand = 2,
  kOutbox = 3,
  kAway = 5,
  kReadMarker = 6,
  kPlaybackCleared = 7,
  kRedaction = 8,
  kNaming = 9,
  kDetached = 10,
  kPushSubscription = 11,
  kSts = 12,
  kHeard = 13,
  kUserAudit = 15,
  kTextLog = 16,
  kUserSeen = 17,
  kHidden = 18,
  kDeviceVisit = 20,
  kPersistence = 21,
};

struct StateKindRow {
  // What begins with the id of a buffer.
  enum class BufferIn : std::uint8_t { kNone, kKey, kValue };
  StateKind kind;
  BufferIn buffer = BufferIn::kNone;
};

inline constexpr std::array kStateKinds = {
    // core/device_positions.h: of a device on a network; value: the event's id
    StateKindRow{.kind = StateKind::kDevicePosition},
    // commands/numbered_commands.h: key: who gave it; value: its number, the answer
    StateKindRow{.kind = StateKind::kNumberedCommand},
    // core/outbox.h: a line that was said; key: its number; value: all of it
    StateKindRow{.kind = StateKind::kOutbox},
    // upstream/away.h: of a user on a network; value: why they are away
    StateKindRow{.kind = StateKind::kAway},
    // core/buffer_marks.h: key: the buffer; value: up to which time it was read
    StateKindRow{.kind = StateKind::kReadMarker, .buffer = StateKindRow::BufferIn::kKey},
    // likewise: up to which time *playback is not to give it
    StateKindRow{.kind = StateKind::kPlaybackCleared, .buffer = StateKindRow::BufferIn::kKey},
    // core/redactions.h: key: a msgid; value: the buffer whose line it was
    StateKindRow{.kind = StateKind::kRedaction, .buffer = StateKindRow::BufferIn::kValue},
    // core/network.h: of a network; value: what of its ISUPPORT says how it names things
    StateKindRow{.kind = StateKind::kNaming},
    // core/detached.h: key: the buffer; value: the newest event when it was detached
    StateKindRow{.kind = StateKind::kDetached, .buffer = StateKindRow::BufferIn::kKey},
    // push/subscriptions.h: of a device or network, or of none; key: its number
    StateKindRow{.kind = StateKind::kPushSubscription},
    // upstream/sts.h: of a network; key: the host; value: how long it is reached over TLS alone, and where
    StateKindRow{.kind = StateKind::kSts},
    // upstream/gaps.h: of a network that keeps history; value: up to when it was heard
    StateKindRow{.kind = StateKind::kHeard},
    // core/user_audits.h: of a user; key: its place among the logins or changes; value: what happened
    StateKindRow{.kind = StateKind::kUserAudit},
    // daemon/text_logs.h: of a user; value: the last event that stands in their plain-text logs
    StateKindRow{.kind = StateKind::kTextLog},
    // daemon/idle_users.h: of a user; value: when somebody was last here, in milliseconds
    StateKindRow{.kind = StateKind::kUserSeen},
    // core/detached.h: of a device on a network; key: the buffer; value: the newest event that is shown there
    StateKindRow{.kind = StateKind::kHidden, .buffer = StateKindRow::BufferIn::kKey},
    // core/device_visits.h: of a device; value: when it came, from where, with what; key "left": when it went
    StateKindRow{.kind = StateKind::kDeviceVisit},
    // downstream/persistence.h: of a user; value: what they have asked for, ON or OFF
    StateKindRow{.kind = StateKind::kPersistence},
};

// Adds `added` to the ids of buffers that the state's key or value holds: it comes from another store. What
// is of no known kind stays as it is.
void move_buffers(storage::StateRow& row, storage::BufferId added);

}  // namespace halley
