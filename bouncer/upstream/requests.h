// Who asked what of a network, so that an answer goes to the client that asked, and to nobody else.
//
// Where the network has labeled-response, an answer bears the label of its question. Elsewhere it is found by
// what it is (question_kinds.h) and what it names: networks handle commands in the order in which they come.
// A question without an end to wait for (speech, changes, unknown commands) is over when one behind it is
// answered. Any is over when a fence (a PING of ours, sent behind it) comes back and nothing of its answer
// has come: the network has swallowed it. Where the answer may come later than that (another server's), or
// has begun, a fence that was sent after a minute of silence ends it.
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
  // A client's question that has had no answer for so long has a fence sent behind it.
  static constexpr std::uint64_t kOverdueMs = 5'000;
  // An answer that may come out of turn, or has begun, is over when it has been silent for so long.
  static constexpr std::uint64_t kSilentMs = 60'000;
  // A fence that is not back by then is taken for lost; twice as long after each that is.
  static constexpr std::uint64_t kFenceLostMs = 10'000;
  // So long a question waits, at most, for another client's that would be taken for it.
  static constexpr std::uint64_t kLongestHoldMs = 10'000;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
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
  // `speech`: the number of a line of the outbox. `relayed`: the network is a bouncer, which answers PINGs
  // itself.
  std::string sent(AskedBy by, const irc::Message& message, bool labels, std::uint64_t speech = 0,
                   bool relayed = false);
  // What time it is, monotonic: told before all that depends on it.
  void now(std::uint64_t ms) { now_ms_ = ms; }
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

  // When a fence is due: there is a question or a batch, of whom `waits(asker)` holds, that one may end, and
  // none is on its way. kNever: there is none. `held`: another question waits for that.
  template <typename Waits>
  std::uint64_t fence_due(bool held, Waits&& waits) const {
    std::uint64_t due = kNever;
    for (const Question& q : waiting_) {
      if (const std::uint64_t at = due_of(q, held); at < due && waits(AskedBy(q.who, q.answer))) due = at;
    }
    for (const LabelledBatch& b : batches_) {
      if (b.heard_ms + kSilentMs < due && waits(AskedBy(b.who, b.answer))) due = b.heard_ms + kSilentMs;
    }
    return due == kNever ? kNever : std::max(due, fence_lost_ms());
  }
  // Its token goes to the network as "PING token".
  std::string next_fence();
  // A PONG has come. True: it was the fence's.
  bool fence_back(std::string_view token);
  // Until when a question of `who` is not to be sent: one of somebody else's, which the network may have
  // swallowed, would be given its answer. 0: it may go.
  std::uint64_t held_until(ClientId who, const irc::Message& message, irc::CaseMapping mapping) const;

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
    bool late;               // its answer may come out of turn
    bool begun = false;      // something of its answer has come
    std::uint64_t heard_ms;  // when; until then, when it was sent
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
    std::uint64_t heard_ms;
  };
  struct Fence {
    std::uint64_t count = 0;   // of fences: its token is made of it
    std::uint64_t behind = 0;  // the question's number
    std::uint64_t sent_ms = 0;
    bool on_its_way = false;
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
  // Is that one of the names in a question? Does a reply name one of them?
  static bool names(std::string_view subject, std::string_view name, irc::CaseMapping mapping);
  static bool about(std::string_view subject, const irc::Message& message, irc::CaseMapping mapping);
  std::uint64_t due_of(const Question& question, bool held) const;
  std::uint64_t fence_lost_ms() const;  // 0: none is on its way
  bool ended_by_fence(const Question& question) const;
  void heard_in_batch(ClientId who, AnswerId answer);
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
  std::uint64_t now_ms_ = 0;
  Fence fence_;            // the last one
  std::uint8_t lost_ = 0;  // fences on end that did not come back
};

}  // namespace halley
