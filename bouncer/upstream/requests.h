// Who asked what of a network, so that an answer goes to the client that asked, and to nobody else.
//
// Where the network has labeled-response, an answer bears the label of its question. Elsewhere it is found by
// what it is (question_kinds.h) and what it names: networks handle commands in the order in which they come.
// A question without an end to wait for (speech, changes, unknown commands) is over when one behind it is
// answered, or when a fence (a PING of ours, sent behind it) comes back.
//
// A value: a successor takes it as it is. Thread: the loop's. Owner: the Upstream. Askers are connections'
// numbers: a client may go before its answer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/message.h"
#include "bouncer/upstream/question_kinds.h"

namespace halley {

class Requests {
 public:
  // At most so many wait for one asker; the oldest is forgotten for a newer one.
  static constexpr std::size_t kMostQuestions = 64;
  // In all, over all askers of a network: then nothing more is remembered of whoever has most.
  static constexpr std::size_t kMostInAll = 512;
  // Of the names in a question so many bytes are kept, to be found again in an error.
  static constexpr std::size_t kMostSubject = 128;

  // Where a line from the network goes.
  struct Destination {
    enum class To {
      kAll,    // nobody asked for it
      kAsker,  // to `asker` alone
      kNone,   // nobody gets it: its asker has left, or was Halley itself
    };
    To to = To::kAll;
    ClientId asker = kNobody;
    AnswerId answer = 0;         // of the asker's: by which command of its
    std::uint64_t question = 0;  // the number of what it answers; 0: nothing that is known
    std::uint64_t speech = 0;    // that was a line of the outbox: its number
  };

  // `by` (kNobody: Halley itself, whose answers are shown to nobody; or kEverybody) is about to send
  // `message`. Gives the label to send with it when `labels` says that the network answers with labels;
  // empty: none.
  // `speech`: the number of a line of the outbox.
  std::string sent(AskedBy by, const irc::Message& message, bool labels, std::uint64_t speech = 0);
  // The number of the last question that was sent.
  std::uint64_t newest() const { return last_number_; }
  bool waits_for(std::uint64_t number) const {
    return std::ranges::find(waiting_, number, &Question::number) != waiting_.end();
  }
  // The askers of questions that are over since it was last called, and whose answers are told apart: each
  // once for each question.
  std::vector<AskedBy> take_over() { return std::exchange(over_, {}); }
  bool has_over() const { return !over_.empty(); }
  // The line was not sent after all. REQUIRES: nothing has happened since sent().
  void take_back();
  // How many questions of `who` are not yet answered.
  std::size_t count(ClientId who) const;
  // Is anything waited for? Then each line is to be shown to labelled() and, when it is ours, to confirmed().
  bool any() const { return !waiting_.empty() || !batches_.empty(); }
  // Where a line goes that bears one of our labels, or stands in a batch that does; nothing: it has none.
  std::optional<Destination> labelled(const irc::Message& message);
  // Whose a numeric or a standard reply without a label is.
  Destination route(const irc::Message& message, irc::CaseMapping mapping);
  // The network has done what a client asked (a JOIN, NICK, MODE... or an echo of ours): the question is
  // over. Whose it was; kNobody: nobody's.
  AskedBy confirmed(const irc::Message& message, irc::CaseMapping mapping);

  // That line of the outbox was refused, by what names no question.
  void refused(std::uint64_t speech);

  // A fence is due: there are questions that only it can end, and none is on its way. REQUIRES: true before
  // next_fence(), whose token goes to the network as "PING token".
  bool wants_fence() const { return fence_ == 0 && open_ended_ > 0; }
  // Does `waits(asker)` hold for one of these questions?
  template <typename Waits>
  bool any_open_ended(Waits&& waits) const {
    return std::ranges::any_of(waiting_, [&](const Question& q) {
      return q.answer != 0 && open_ended(q.kind) && waits(AskedBy(q.who, q.answer));
    });
  }
  std::string next_fence();
  // A PONG has come. True: it was the fence's.
  bool fence_back(std::string_view token);

  // The asker has left: the answer still comes, and goes to nobody.
  void forget(ClientId who);
  // The link has ended: nothing will be answered.
  void clear();

 private:
  struct Question {
    ClientId who;
    AnswerId answer;
    std::uint64_t number;  // grows from question to question; the label is made of it
    QuestionKindId kind;
    bool labelled;
    std::string command;
    std::string subject;  // its parameters but text and keys, separated by spaces and commas
    std::uint64_t speech = 0;
  };
  struct LabelledBatch {
    std::string reference;
    ClientId who;
    AnswerId answer;
    std::uint64_t number;
    std::uint64_t speech;
  };
  using At = std::vector<Question>::iterator;

  At find_numeric(const irc::Message& message, irc::CaseMapping mapping);
  At find_error(const irc::Message& message, irc::CaseMapping mapping);
  At find_unknown(const irc::Message& message, irc::CaseMapping mapping);
  Destination answered(At question, const irc::Message& message, bool over);
  bool refuses_some(std::string_view numeric) const;
  Destination refused_by(const irc::Message& message, irc::CaseMapping mapping);
  static bool refuse_some(Question& question, const irc::Message& message, irc::CaseMapping mapping);
  Destination standard_reply(const irc::Message& message, std::string_view command, bool ends,
                             irc::CaseMapping mapping);
  // No numeric is sure to end such a question.
  static bool open_ended(QuestionKindId kind) {
    return question_kind(kind).last.empty() || question_kind(kind).prompt;
  }
  void ended(const Question& question);
  void erase(At question);
  void give_back();
  static Destination route_to(ClientId who, AnswerId answer = 0);
  void drop_older(At question);
  void make_room(ClientId who);

  std::vector<Question> waiting_;       // oldest first; an empty deque would cost each network 600 bytes
  std::vector<AskedBy> over_;           // until they are taken
  std::vector<LabelledBatch> batches_;  // labelled ones that stand open, and those inside of them
  // The last question that ended, while numerics may still trail behind its last one.
  QuestionKindId trailing_ = kUnknownKind;
  ClientId trailing_for_ = kNobody;
  std::uint64_t last_number_ = 0;
  std::uint64_t fence_ = 0;     // the number behind which it was sent; 0: none is on its way
  std::size_t open_ended_ = 0;  // questions that no numeric ends
};

}  // namespace halley
