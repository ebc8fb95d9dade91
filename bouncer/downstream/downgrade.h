// Events as a particular client can take them: tags it did not ask for are left off, lines it does not know
// are changed into ones it does, or left out. Without state: what is appended follows from the arguments
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/core/log_cursor.h"
#include "bouncer/irc/caps.h"

namespace halley {

// What of a client's capabilities changes the bytes of a logged event.
struct LineStyle {
  bool message_tags = false;
  bool server_time = false;
  bool account_tag = false;
  bool extended_join = false;
  bool multiline = false;     // takes a message of several lines as one
  bool self_message = false;  // echo-message or znc.in/self-message: takes ":me PRIVMSG other"
  bool position = false;      // causal.agency/consumer: the event's id stands on its last line

  static LineStyle of(irc::CapSet caps);
  std::uint64_t bits() const;
};

// May a client with these capabilities be shown an event of this kind at all? `called`: it calls the user.
bool takes(irc::CapSet caps, const EventKindRow& row, bool called = false);

// Where an event stands among what its client is told.
struct EventPlace {
  std::string_view batch = {};  // reference of the batch it belongs to; empty: none
  std::string_view label = {};  // of the command that it answers; empty: none
};

// Appends the event's line with CR LF and the tags that `style` takes, cut to what a client takes
// (irc/fit.h); nothing when it cannot be told. `nick` is ours (for queries to old clients). A replayed line
// to a client without server-time begins its text with its time.
void append_event(std::string& out, const Delivery& delivery, const LineStyle& style, std::string_view nick,
                  const EventPlace& place = {});

// May a client with these capabilities get a line of this command at all (AWAY needs away-notify...)?
bool understands(irc::CapSet caps, std::string_view command);
// Appends a line without a row, with CR LF, its tags left off when the client takes none, likewise cut.
void append_passed(std::string& out, std::string_view line, irc::CapSet caps, std::int64_t now_ms);

}  // namespace halley
