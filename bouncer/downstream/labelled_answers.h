// Answers to the labelled commands of one client: each bears its label once, on its only line, on the batch
// of its lines, or on an ACK where there is no line. Source:
// https://ircv3.net/specs/extensions/labeled-response
//
// Of an answer the first line waits until it is known whether there are more. A batch of its own (a page of
// history) and an event (the echo of what was said) go out at once and bear the label; what follows them is
// no part of the answer.
//
// Thread: the loop's. Owner: the Downstream, from its first label on. What a successor needs are the Answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"

namespace halley {

class Downstream;

class LabelledAnswers {
 public:
  // So many stand open; for one more the oldest is ended.
  static constexpr std::size_t kMostOpen = 64;
  static constexpr std::size_t kMostLabel = 64;  // bytes, as they are written in the tag

  explicit LabelledAnswers(Downstream& client) : client_(client) {}

  // The answer to a command of this label, which is held once.
  AnswerId begin(std::string_view label);
  void hold(AnswerId id);
  void release(AnswerId id);  // the last one ends it
  // Another tells the answer: its label; empty: it has ended, or something of it is told.
  std::string hand_on(AnswerId id);
  void end_all();
  // Nothing of it is told yet.
  bool waits(AnswerId id) const;
  bool open(AnswerId id) const;  // its end is still to be told

  // Sends a line that belongs to the answer (no CR LF), or keeps it until it is known how.
  void add(AnswerId id, std::string_view line);
  // What an event of the log is told with, which is part of the answer: the label, or the batch. Nothing: it
  // is told as to everybody.
  struct EventTags {
    std::string label, batch;
  };
  std::optional<EventTags> tags_of_event(AnswerId id);

 private:
  struct Answer {
    AnswerId id = 0;
    std::size_t holds = 1;
    std::string label;
    std::string first = {};  // a line that waits
    std::string batch = {};  // of its lines, which stands open
    bool told = false;       // the label has been
  };
  using At = std::vector<Answer>::iterator;

  At find(AnswerId id);
  void open_batch(Answer& answer);
  void end(const Answer& answer);

  Downstream& client_;
  std::vector<Answer> answers_;  // the oldest first
  AnswerId last_ = 0;
};

}  // namespace halley
