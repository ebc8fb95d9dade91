// What a user has said on one network and what is not yet settled: the way of every own line (PRIVMSG and
// NOTICE; CTCP questions are none).
//
//   say() -> waiting -> queued -> sent -> (confirmed: in the log) or (refused: told, and gone)
//
// - waiting: the link is away, or is back and we are not in the channel yet, or another line waits for that
//   target. It goes out in its order when that is over.
// - queued: the link has it behind its pace.
// - sent: on its way, on a network with echo-message (or it is a note to oneself). It enters the log when it
//   comes back, with the network's msgid, time, tags and text. An echo is known by its label, else by target,
//   text (also without colours, or cut) and order.
// - said: on its way, on a network without echoes. It is in the log from that moment, so that the user's
//   other clients see it at once; when it is refused, or the link turns out to have been dead, the log is
//   corrected (core/corrections.h).
// - unknown: sent before a crash, or into two links that were lost. Nobody knows whether it was heard, and it
//   is not sent again by itself.
// - taken back: refused after it was logged, and the log's correction is not on the disk yet.
//
// What a lost link left open waits again and goes out once more, no oftener; a link that we left in order has
// heard what was sent lately. The network has come past a line when a PING of ours behind it (a fence) is
// answered, which nobody waits for: said lines are settled by it, and sent ones that do not come back are
// logged as they were sent half a minute later (some networks swallow echoes).
//
// Each line is a StateRecord before its bytes leave the process (at the end of the loop's turn), from the
// moment it is said until it is in the log and its bytes are the kernel's. What may hold a password is kept
// in memory alone, and never waits.
//
// Bounds: kMostInFlight lines on their way (then clients are not read), kMostWaitingLines that wait,
// kMostLinesOfUser over all networks, kMostWaitingBytes of text (then refused). Thread: the loop's. Owner:
// the Network. Times: monotonic milliseconds where they are called ms, wall clock where people are shown
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/said_news.h"
#include "bouncer/irc/message.h"

namespace halley {

class Client;
class Network;

// One line that a client says.
struct Saying {
  ClientId from = kNobody;  // kNobody: a program without a stream
  AnswerId answer = 0;      // of that client's: the line's echo is it, or its refusal
  bool notice = false;
  bool multiline = false;  // `text` is several lines (irc/multiline.h), which the network takes as a whole
  std::string_view target, text, tags;
  CommandNumber command = {};
};

// The numbers of waiting lines, by which people name them: a user's never come twice in a life of the
// process.
class OutboxIds {
 public:
  std::uint64_t next() { return ++last_; }
  void reserve(std::uint64_t more) { last_ += more; }
  void seen(std::uint64_t id) { last_ = id > last_ ? id : last_; }

 private:
  std::uint64_t last_ = 0;
};

class Outbox {
 public:
  static constexpr std::size_t kMostInFlight = 1000, kMostWaitingLines = 500, kMostLinesOfUser = 3000;
  static constexpr std::size_t kMostWaitingBytes = 1024 * 1024;
  // Lines to one target whose texts are compared with an echo that is none of them: echoes come in order.
  static constexpr std::size_t kMostEchoCandidates = 32;
  static constexpr std::size_t kMostCopies = 16;  // of notes to oneself that are expected a second time

  // Takes what was kept. What it is given outlives it.
  Outbox(Network& network, DurableState& states);
  // After the network's buffers were loaded: what a crash left open is said to be unknown.
  void loaded();

  // --- From clients ---
  enum class Taken : std::uint8_t { kSent, kWaits };
  // The error is a sentence: nothing was sent, and why.
  // REQUIRES: the journal has room for an event and a state; the link is not disabled; Uplink::has_room()
  // where it is connected.
  std::expected<Taken, std::string> say(const Saying& saying);
  // Empty: so many lines more may be said, with so many bytes of texts and tags. Else why not.
  std::string full(std::size_t lines, std::size_t more_bytes) const;
  bool waits_for(std::string_view target) const;
  // Does the network take this text of several lines as one message?
  bool goes_whole(std::string_view target, std::string_view text) const;
  // Of its kind that never waits: it may hold a password.
  static bool is_secret(std::string_view target, std::string_view text);
  // False: so much is on its way that the sender waits for Client::room().
  bool has_room() const { return !open_ || open_->in_flight < kMostInFlight; }

  // --- For people ---
  struct Shown {
    std::uint64_t id;
    std::string_view state;  // "waiting", "sending", "unknown"
    bool notice;
    std::string target, text;
    std::int64_t time_ms;  // when it was said
    std::string client;    // the command's number
    std::uint64_t seq;
  };
  std::vector<Shown> list() const;  // in order; without what is as good as said
  // Forgets a line that waits or is unknown; or says it (once more). Errors: a sentence.
  std::expected<void, std::string> cancel(std::uint64_t id);
  std::expected<void, std::string> send_again(std::uint64_t id);
  bool knows(std::uint64_t id) const;
  // Tells the client of each line of the list; from now on all hear what becomes of these.
  void tell_open(Client& client);
  std::size_t size() const { return open_ ? open_->lines.size() : 0; }

  // --- From the link. `number`: as given to Uplink::speak(); it grows from line to line ---
  // Up to which number the network's host has acknowledged, or (`in_order`) the link was ended by us behind
  // all that was sent.
  void link_gone(std::uint64_t acknowledged, bool in_order);
  void go_on();  // there is room again, for the network or in the journal
  // Whom we speak with has another nick: what has not gone yet goes to that, or is refused when it does not
  // fit.
  void partner_renamed(std::string_view from, std::string_view to);
  // We are in there, or want it no more: what waited for that goes on.
  void channel_changed(std::string_view channel);
  // What waits may go for another reason than before: the next go_on() looks at all of it.
  void look_again() {
    if (open_) open_->stuck = false;
  }
  // REQUIRES (here and below): `number` was given to Uplink::speak() on this link.
  // A queued line is about to leave. kDrop: it has been cancelled; kNoRoom: not yet, the journal has none.
  enum class Leave : std::uint8_t { kGo, kDrop, kNoRoom };
  Leave leave(std::uint64_t number);
  void flushed(std::uint64_t number);  // the kernel has all up to this
  // A line of ours has come back. `number`: by its label; 0: it had none.
  struct Confirmed {
    // kSaid: it is to be logged as said by `origin`, and then settle(number). kAgain: it is in the log.
    // kStranger: it is none of these.
    enum class What : std::uint8_t { kSaid, kAgain, kStranger } what = What::kStranger;
    ClientId origin = kNobody;
    std::uint64_t number = 0;
  };
  Confirmed confirm(const irc::Message& message, std::uint64_t number);
  // The network replays a line of ours that the log does not have: what waits to go out once more, or what
  // nobody knew of, was heard.
  void replayed(const irc::Message& message);
  // REQUIRES: confirm() has just said kSaid, and `event` is that line in the log.
  void settle(std::uint64_t number, storage::EventId event);
  void accepted(std::uint64_t number);  // the network has said that it took it, without an echo
  // `labelled`: it is known which one; else, of lines to one target, it may be a later one.
  void refused(std::uint64_t number, std::string_view why, bool labelled);
  // The oldest line on its way to that target, if there is one: who said it, and its number.
  struct InFlight {
    ClientId from;
    std::uint64_t number;
  };
  std::optional<InFlight> in_flight_to(std::string_view target) const;
  std::optional<InFlight> multiline_in_flight() const;  // the oldest of several lines
  // Is a fence due? Its number; 0: none. `urgent`: only when much is on its way.
  std::uint64_t next_fence(bool urgent);
  void fence_back(std::uint64_t number);
  void tick();  // every quarter of a minute or so

 private:
  friend struct CostProbe;  // tests look at the counters
  enum class Stage : std::uint8_t { kWaiting, kQueued, kSent, kSaid, kUnknown, kTakenBack };
  struct Line {
    std::uint64_t id = 0, number = 0;  // number: of the way that it is on
    ClientId from = kNobody;
    AnswerId answer = 0;  // while it is on the way on which it was said
    Stage stage = Stage::kWaiting;
    bool notice = false;
    bool multiline = false;  // several lines
    bool secret = false;     // not kept on disk
    bool kept = false;       // it is on disk now
    bool passed = false;     // the network has come past it
    bool refused = false;    // by the network; else it is the link that took it back
    bool shown = false;      // all have heard of it: they hear what becomes of it
    std::uint8_t lost = 0;   // links that were lost with it
    std::int64_t time_ms = 0;
    std::uint64_t sent_ms = 0;
    storage::EventId event = 0;  // in the log; 0: not
    std::uint64_t seq = 0;       // the command's number; 0: it had none
    std::string target, text, tags, client;
  };
  using Lines = std::list<Line>;
  using At = Lines::iterator;
  // What a successor needs, as values: this, and while anything is open what stands on the heap then.
  struct State {
    std::uint64_t last_number = 0;  // of a way, given to a line
  };
  struct OpenState {
    Lines lines;  // in the order in which they were said
    std::size_t in_flight = 0, waiting = 0, bytes = 0;
    std::uint64_t fence = 0;          // the number behind which a PING is on its way
    std::vector<std::string> copies;  // notes to oneself that come a second time
  };
  // While anything is open; a network where nobody speaks has none of it.
  struct Open : OpenState {
    bool going_on = false;
    bool stuck = false;  // all that waits waits for channels that we are not in
    std::shared_ptr<int> alive = std::make_shared<int>(0);  // the store's answers check that we still live
  };
  struct Echo {
    At line;
    bool exact;  // target and text are the same
  };

  Open& make_open();
  void close_when_idle();
  void load(const storage::StateRow& row);
  void keep(Line& line);
  void keep_if_room(Line& line);
  void unkeep(Line& line);
  void erase(At line);
  void set_stage(Line& line, Stage stage);
  bool must_wait(std::string_view target) const;
  bool awaits_join(std::string_view target) const;
  bool speak(At line);
  std::string wire_form(const Line& line) const;
  At take_apart(At line);
  void left(Line& line);
  void log_said(Line& line);
  At find(std::uint64_t number);
  At find_id(std::uint64_t id);
  Echo find_echo(const irc::Message& message);
  std::uint64_t likely_refused(std::uint64_t number) const;
  void wait_again(At line);
  void refuse_ourselves(At line, std::string_view why);
  void refuse(At line, std::string_view why);
  void left_open(At line);
  void take_back(At line, Stage then);
  void corrected(std::uint64_t id, storage::EventId event);
  void log_and_erase(At line);
  void tell_others(const Line& line, std::string_view note) const;
  void tell_fate(Line& line, SaidNews::Fate fate, std::string_view why = {});
  SaidNews news_of(const Line& line, SaidNews::Fate fate) const;
  std::string not_sent_note(const Line& line, std::string_view why) const;
  std::string note_of(const Line& line) const;
  static std::string text_for_people(const Line& line);
  std::string_view channel_of(std::string_view target) const;
  std::uint64_t now_ms() const;

  Network& network_;
  DurableState& states_;
  State state_;
  std::uint64_t looked_at_ = 0;  // lines that were looked at by go_on()
  std::unique_ptr<Open> open_;
};

}  // namespace halley
