// The connection to one IRC network: dials, registers, stays, comes back. What it reads goes through a table
// of handlers (upstream/handlers.h) that update NetworkState and log events.
//
// Thread: the loop's. Owner: the Network. What it is given outlives it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/accounts/network_url.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/config/config.h"
#include "bouncer/core/network.h"
#include "bouncer/core/out_queue.h"
#include "bouncer/core/uplink.h"
#include "bouncer/core/user_turns.h"
#include "bouncer/irc/caps.h"
#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/irc/scram.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/farewells.h"
#include "bouncer/net/loop.h"
#include "bouncer/upstream/auto_away.h"
#include "bouncer/upstream/away.h"
#include "bouncer/upstream/backoff.h"
#include "bouncer/upstream/gaps.h"
#include "bouncer/upstream/idents.h"
#include "bouncer/upstream/monitor.h"
#include "bouncer/upstream/multiline_batches.h"
#include "bouncer/upstream/nick_keeper.h"
#include "bouncer/upstream/replays.h"
#include "bouncer/upstream/requests.h"
#include "bouncer/upstream/sts.h"
#include "bouncer/upstream/wanted_channels.h"

namespace halley {

class Upstream final : public Uplink, private net::Stream::Listener, private UserTurns::Taker {
 public:
  // What all links share. It outlives them.
  struct Parts {
    net::Loop& loop;
    net::Random& random;
    net::Dialer& dialer;
    Pacer& pacer;               // spreads connects to one host
    net::Farewells& farewells;  // streams that are being closed
    IsupportPool& isupports;
    const Sealer& sealer;
    DurableState& states;
    Idents& idents;
    const Config::UpstreamConfig& config;
  };
  Upstream(Network& network, const Parts& parts);
  ~Upstream() override;

  // --- Uplink ---
  void start() override;
  void stop(std::string_view reason) override;
  void restart(std::string_view reason) override;
  Link link() const override { return state_.link; }
  const std::string& trouble() const override { return state_.trouble; }
  void room() override;
  void clients_eased() override;
  [[nodiscard]] bool send(std::string_view line) override;
  [[nodiscard]] bool ask(AskedBy asker, std::string_view line) override;
  [[nodiscard]] Spoken speak(AskedBy asker, std::string_view line, std::uint64_t number) override;
  bool has_room() const override {
    return state_.waiting.size() < kMostPacedLines && out_.bytes() < kMostQueuedBytes &&
           network_.outbox().has_room();
  }
  irc::MultilineLimits multiline() const override {
    const irc::CapSet caps = network_.state().caps;
    return caps.has(irc::Cap::kMultiline) && caps.has(irc::Cap::kBatch) ? state_.registration.multiline
                                                                        : irc::MultilineLimits{};
  }
  void forget(ClientId asker) override {
    state_.requests.forget(asker);
    state_.held_back.remove_if([asker](const HeldBack& question) { return question.asker.client == asker; });
    monitor_.forget(asker);
  }
  void ask_channel(std::string_view name, std::string_view key) override { channels_.ask(name, key); }
  void give_up_channel(std::string_view name) override { channels_.give_up(name); }
  void ask_nick(std::string_view nick) override { nicks_.ask(nick); }
  void presence_changed() override { auto_away_.look(); }
  void ask_away(std::string_view text) override {
    if (state_.link != Link::kConnected) away_.want(text);
  }
  void monitor(ClientId from, const irc::Message& message) override { monitor_.command(from, message); }
  const std::string& wanted_nick() const override { return nicks_.wanted(); }
  void want_nick(std::string_view nick) override { nicks_.want(nick); }
  void regain_nick() override { nicks_.take_back(); }

  // --- For the handlers ---
  Network& network() { return network_; }
  NetworkState& state() { return network_.state(); }
  User& user() { return network_.user(); }
  net::Random& random() { return parts_.random; }
  WantedChannels& wanted_channels() { return channels_; }
  NickKeeper& nicks() { return nicks_; }
  Away& away() { return away_; }
  // An AWAY of Halley's own. False: it is full.
  bool say_away(std::string_view text);
  // The network's word on TLS (sts). True: the link is gone, and is made anew over TLS.
  bool hear_sts(std::string_view value);
  Monitor& monitor() { return monitor_; }
  Replays& replays() { return replays_; }
  MultilineBatches& multilines() { return multilines_; }
  Gaps& gaps() { return gaps_; }
  std::weak_ptr<int> alive() const { return link_alive_; }  // expires with the link, or soon after
  std::uint64_t connected_for_ms() const { return now_ms() - state_.welcomed_at_ms; }
  // When the network said something last; milliseconds since 1970.
  std::int64_t heard_wall_ms() const {
    return clock().wall_us() / 1000 - static_cast<std::int64_t>(now_ms() - state_.heard_at_ms);
  }
  // `job` on a worker's thread; then `done` here, unless this link has ended meanwhile.
  bool work(std::function<void()> job, std::function<void()> done);
  void defer(std::function<void()> run) { parts_.loop.defer(std::move(run)); }
  // Halley's own answers to CTCP questions are few: three at once, then one every ten seconds. False: no
  // answer is left to give.
  bool take_ctcp_answer();
  // A client asks somebody by CTCP: for a minute the answer is its own.
  void asks_by_ctcp(ClientId asker, const irc::Message& message);
  // Whose an answer by CTCP is; nothing: nobody is known to have asked.
  std::optional<ClientId> ctcp_asker(std::string_view nick, std::string_view command);
  // What the network calls itself; while that is not known, our own name.
  const std::string& server() { return state().server.empty() ? user().hostname() : state().server; }
  const net::Clock& clock() const { return parts_.loop.clock(); }
  std::uint64_t now_ms() const { return clock().monotonic_ms(); }
  std::expected<std::string, std::string> unseal(std::string_view label, std::string_view sealed) const {
    return parts_.sealer.unseal(label, sealed);
  }

  // What has not gone yet to whom has another nick now goes to that.
  void partner_renamed(std::string_view from, std::string_view to);
  // Halley's own, which needs no answer: behind what people say and ask.
  void set_up(std::string_view line);
  bool sets_up() const { return !state_.ours.empty(); }  // some of it has not gone yet
  void say_behind();                                     // the Monitor has something to say
  // Past the pace: PONG and registration. Nothing happens while there is no connection. `number`: the
  // outbox's.
  void send_now(std::string_view line, std::uint64_t number = 0);
  // Logs `message` as one event, shown in `buffers`. The text that search looks at is the last parameter when
  // `searchable`.
  // REQUIRES: the journal has room for a record; each line that is handled has been given that.
  EventId log(EventKind kind, const irc::Message& message, std::span<const BufferId> buffers, bool searchable,
              std::uint8_t flags = 0);
  // A sentence of ours in the network's own buffer.
  void tell(std::string_view text);
  // To be shown each line before it is handled: whose answer it is, by its label, and what of ours it
  // confirms.
  void match(const irc::Message& message);
  // The same for what has come in pieces, the last of which has been shown.
  void match_whole(const irc::Message& message) {
    if (!state_.labelled) match(message);
  }
  // Does the line that is being handled bear a label of ours?
  bool answers_label() const { return state_.labelled.has_value(); }
  // A PONG. True: it was the answer to a fence behind clients' questions, or behind what they said.
  bool fence_back(std::string_view token);
  // What we have said comes back: whose it is. When it is to be logged, log() is called next, and settle()
  // after that.
  Outbox::Confirmed confirm(const irc::Message& message);
  void settle(std::uint64_t number, EventId event);
  // An answer without a word: by its label, what was said has been taken.
  void acknowledged();
  // To all but the client that asked for it, as it comes back.
  void pass_to_others(const irc::Message& message);
  // The line goes to the client that asked, else to all of the network's.
  void route(const irc::Message& message);
  void pass(const irc::Message& message);  // to all
  // What somebody tells of themselves (AWAY, ACCOUNT ...): to all who see them.
  void pass_presence(const irc::Message& message);
  // The link is of no use: `reason` is kept and told; a retry follows. The connection has gone when it
  // returns: let it be the last thing that a handler does.
  void fail(std::string_view reason, bool for_long = false);

  // Registration (registration.cpp, caps.cpp, sasl.cpp).
  enum class Sasl : std::uint8_t { kNotYet, kAsked, kProving, kDone };
  enum class ScramStep : std::uint8_t { kFirst, kAnswered, kChecked };  // what was sent, or has come
  // Values; those that are there for a moment only stand on the heap, as each network has one of these.
  struct Registration {
    irc::CapSet offered;
    irc::CapSet requested;           // and not yet answered
    irc::CapSet asked_alone;         // after a list with it was refused
    std::string sasl_value;          // of the sasl capability; empty: mechanisms unknown
    irc::MultilineLimits multiline;  // that were offered with draft/multiline
    Sasl sasl = Sasl::kNotYet;
    std::size_t nick_tries = 0;
    std::unique_ptr<irc::ScramClient> scram;  // while it goes on
    ScramStep scram_step = ScramStep::kFirst;
    bool ls_done = false;                          // CAP LS has been answered
    bool ended = false;                            // CAP END sent
    std::unique_ptr<irc::SaslReader> sasl_reader;  // while a message comes in pieces
  };
  Registration& registration() { return state_.registration; }
  void welcomed();    // 001
  void registered();  // end of MOTD

 private:
  static constexpr std::size_t kMostPacedLines = 1000;  // lines held back by the pace
  // Behind them what clients ask; more is refused.
  static constexpr std::size_t kMostHeldBackOfClient = 500, kMostHeldBack = 2000;
  static constexpr std::size_t kMostOurs = 20, kMostOwnQuestions = 1000;
  static constexpr std::size_t kMostOwnAsked = 3;                // of Halley's own, and not yet answered
  static constexpr std::uint64_t kOwnAnsweredWithinMs = 10'000;  // then the next one is asked all the same
  static constexpr std::size_t kMostQueuedBytes = 128 * 1024;    // bytes that the network has yet to take

  struct HeldBack {
    AskedBy asker;
    std::string line;
  };
  struct Paced {
    std::string text;
    std::uint64_t number;  // the outbox's; 0: not of it
  };

  // What a client asked by CTCP.
  struct CtcpAsked {
    ClientId asker;
    std::string nick;  // empty: a channel was asked, and anybody may answer
    std::string command;
    std::uint64_t at_ms;
  };
  static constexpr std::size_t kMostCtcpAsked = 16;
  // What the link is, as values (besides its stream, the bytes on their way, and the Network's own state).
  struct State {
    Link link = Link::kDisabled;
    std::string trouble;
    std::size_t url_index = 0;  // of the address that is tried next
    NetworkUrl dialled;         // the one that is, or was last
    Backoff backoff;
    std::uint64_t connect_at_ms = 0;  // monotonic: it waits to dial then; 0: it does not
    bool paced = false;               // has waited for its place in the queue towards the host
    Registration registration;
    Requests requests;
    // Of the line that is being handled.
    std::optional<Requests::Destination> labelled;
    AskedBy confirmed_for;
    bool in_line = false;  // one is being handled: answers end behind it
    ClientId said_by = kNobody;
    std::list<Paced> waiting;  // held back by the pace; an empty deque would cost each network 600 bytes
    // Sent by turns when nothing else waits: what clients ask, what is our own and needs no answer, and ...
    std::list<HeldBack> held_back;
    std::list<std::string> ours;
    std::list<std::string> own_questions;
    std::uint8_t turn_behind = 0;  // whose it is (let_go_behind)
    double tokens = 0;             // lines that may be sent at once, as of tokens_at_ms
    // Monotonic; 0: never.
    std::uint64_t tokens_at_ms = 0, connected_at_ms = 0, heard_at_ms = 0, welcomed_at_ms = 0;
    std::uint64_t own_asked_at_ms = 0;  // the last question of Halley's own
    double ctcp_answers = 0;            // that may be given at once, as of ctcp_at_ms
    std::vector<CtcpAsked> ctcp_asked;  // the oldest first; at most kMostCtcpAsked
    std::uint64_t ctcp_at_ms = 0;
    std::uint64_t flushed = 0;       // the outbox's number up to which the kernel has all
    bool pinged = false;             // our PING has not been answered
    bool told_unreadable = false;    // of this link
    bool paused = false;             // not read: the journal has no room
    bool waits_for_clients = false;  // not read: a client is behind
    bool waits_for_turn = false;     // not read: others' input comes first
    bool closed = false;             // the stream: its last words are being heard
  };

  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void schedule_connect(std::uint64_t delay_ms);
  void dial_in(std::uint64_t delay_ms);
  void dial();
  bool find_target(const NetworkUrl& url, net::DialTarget& target);
  bool find_proxy(net::DialTarget& target);
  std::string ident() const;
  void connected(net::Dialled dialled);
  void drop(std::string_view reason, bool in_order);
  std::uint64_t acknowledged_number() const;
  void lost(std::string_view reason, bool for_long);
  void pump();
  void handle_input();
  void wait_for_turn();
  void take_turn() override;
  void read_if_free();
  void wait_for_clients();
  void read_on();
  void handle(std::string_view line);
  void pump_waiting();
  bool waits_behind() const;
  bool own_waits() const { return !state_.ours.empty() || monitor_.waits(); }
  bool own_questions_rest() const;
  bool ask_next();
  bool let_go();
  // What stands behind what is said.
  enum class Behind : std::uint8_t { kAsked, kOurs, kMonitor, kOwnQuestions };
  bool let_go_of(Behind kind);
  bool let_go_behind();
  void wait_for_pace();
  Spoken put(std::string_view line, std::uint64_t number);
  Spoken ask_now(AskedBy asker, std::string_view line, std::uint64_t number);
  void send_fence();
  void fence_off(AskedBy asker, std::string_view line);
  bool relayed() const;
  std::uint64_t fence_due() const;  // monotonic; Requests::kNever: none is needed
  std::uint64_t held_until() const;
  void hold_answer(AskedBy asker);
  void release_answer(AskedBy asker);
  // Of questions that are over.
  void release_answers();
  void forget_held_back();
  void send_speech_fence(bool urgent);
  void hear_away(const irc::Message& message, std::uint64_t question);
  bool take_refusal(const irc::Message& message, Requests::Destination& route);
  void wake_if(bool was_full);
  void refill();
  void flush();
  void tick();
  void set_link(Link link);
  bool next_url(NetworkUrl& url);
  bool paced() const;

  Network& network_;
  const Parts& parts_;
  State state_;
  WantedChannels channels_{*this};
  NickKeeper nicks_{*this};
  Away away_;
  Sts sts_;
  AutoAway auto_away_{*this};
  Monitor monitor_{*this};
  Replays replays_{*this};
  Gaps gaps_;
  MultilineBatches multilines_;
  std::unique_ptr<std::vector<Idents::Place>> idents_;  // of the connections of this dial; null: of none
  std::unique_ptr<net::Dial> dial_;
  std::unique_ptr<net::Stream> stream_;
  irc::LineBuffer lines_;  // what was read and is not yet handled
  OutQueue out_;           // what is sent and not yet taken
  std::unique_ptr<net::Task> flush_;
  std::unique_ptr<net::Timer> connect_timer_, tick_timer_, rate_timer_, clients_timer_;
  std::uint64_t rate_timer_at_ms_ = 0;  // when it fires; means something while it runs
  std::string scratch_, tag_scratch_;
  std::uint64_t links_ = 0;  // counts links, so that a handler that ended one is noticed
  bool in_pump_ = false;
  std::weak_ptr<int> working_;       // expires with the job on a worker's thread
  std::shared_ptr<int> link_alive_;  // what is done for this link elsewhere checks that it is still there
};

}  // namespace halley
