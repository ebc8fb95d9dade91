// What networks answer to which command: the numerics of each answer, and the errors that may stand for it.
//
// Tables only. Source: RFC 2812 section 5, https://modern.ircdocs.horse/#numerics,
// https://defs.ircdocs.horse/defs/numerics. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "bouncer/irc/message.h"

namespace halley {

// One kind of question. Lists are separated by spaces.
struct QuestionKind {
  std::string_view command = {};
  // Empty: any form. "list:b": MODE of a list; "query": without an argument; "set": it changes something and
  // is answered only when it is refused.
  std::string_view form = {};
  std::string_view replies = {};  // numerics before the last one
  std::string_view last = {};  // numerics that end the answer; empty: it has no end that could be waited for
  std::string_view trailing = {};  // numerics that may still follow the last one
  std::string_view errors = {};    // errors that end it, beside those that fit any command
  bool in_order = false;           // replies name other things than were asked for: they come in turn
  // Its own server answers it at once: over when the network has come past it, in whichever words it was
  // refused.
  bool prompt = false;
  bool changes = false;  // what is said behind it may depend on it: it keeps its place
  bool by_name = false;  // each reply says which question it answers
  // With so many parameters it may be asked of another server, whose answer may come behind those to later
  // questions; 0: never.
  std::uint8_t elsewhere = 0;
};

// A row of the table.
using QuestionKindId = std::uint8_t;
// A command that is in no row: its answer is whatever numeric no other question claims.
inline constexpr QuestionKindId kUnknownKind = 0;

// The kind of a command line that is about to be sent.
QuestionKindId question_kind_of(const irc::Message& message);
// REQUIRES: question_kind_of() gave it. Of kUnknownKind all lists are empty.
const QuestionKind& question_kind(QuestionKindId id);

// Does a list of words hold this one?
bool holds_word(std::string_view list, std::string_view word);

}  // namespace halley
