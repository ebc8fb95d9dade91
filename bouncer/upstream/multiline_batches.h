// Messages of several lines on their way from a network: its draft/multiline batches are put together, and
// handled as one message when they end. Source: https://ircv3.net/specs/extensions/multiline
//
// Bounds: kMostOpenMultilines batches (the oldest is heard as far as it has come); what is longer than
// irc::kHeardMultiline is heard as several messages. Thread: the loop's. Owner: the Upstream. Values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"

namespace halley {

class MultilineBatches {
 public:
  static constexpr std::size_t kMostOpenMultilines = 8;

  void new_link() { open_.clear(); }
  // BATCH. What the one has said that ends with it, or is given up for it, as a line with irc::kMultilineTag;
  // empty: nothing of the kind.
  std::string batch(const irc::Message& message);
  // Is the line part of one's message? Then `whole` is what is to be handled now; empty: nothing yet. Of one
  // batch are lines of one command, said by who began it, to whom it is said; others are messages of their
  // own.
  bool take(const irc::Message& message, irc::CaseMapping mapping, std::string& whole);

 private:
  struct Open {
    std::string reference, tags, source, target;
    std::string command = {};  // of its lines; empty: none has come
    irc::MultilineLimits limits;
    irc::MultilineText text;
  };
  static std::string line_of(const Open& open);
  static bool belongs(const Open& open, const irc::Message& message, irc::CaseMapping mapping);

  std::vector<Open> open_;
};

}  // namespace halley
