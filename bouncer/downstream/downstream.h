// An ordinary IRC client of one user, bound to one of their networks. It may also be bound to none, or be
// shown all of them by parts that are bound to one each (all_networks.h): whoever needs the network asks for
// bound_network() once, and says so when there is none.
//
// Thread: the loop's. Owner: the Bouncer, which is told by `ended` (once) that it may drop it, though not
// from inside that call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/accounts/login.h"
#include "bouncer/config/config.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/client.h"
#include "bouncer/core/line_tracer.h"
#include "bouncer/core/live_user.h"
#include "bouncer/core/user.h"
#include "bouncer/core/user_turns.h"
#include "bouncer/downstream/client_batch.h"
#include "bouncer/downstream/downgrade.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/downstream/history_answers.h"
#include "bouncer/downstream/labelled_answers.h"
#include "bouncer/downstream/metadata.h"
#include "bouncer/downstream/network_attributes.h"
#include "bouncer/downstream/playback.h"
#include "bouncer/irc/caps.h"
#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/irc/scram.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"
#include "bouncer/push/pusher.h"

namespace halley {

class AllNetworks;
class PersistenceSettings;
class UnreadSum;

class Downstream final : public Client, private net::Stream::Listener, private UserTurns::Taker {
 public:
  // What all ordinary clients share. It outlives them.
  struct Parts {
    net::Loop& loop;
    Login& login;
    const LiveUser& live_user;
    Accounts& accounts;
    const Config& config;
    push::Pusher& pusher;
    storage::Store& store;  // where the user's devices were last here from
    // Called when a client has been sent something that its host may soon acknowledge: save_position() is to
    // be called for all within a moment.
    std::function<void()> positions_move;
    HeldPages& held_pages;
    UnreadSum& unread;
    PersistenceSettings& persistence;
    UserTurns& input_turns;       // whose input is handled
    UserTurns::Share& strangers;  // of those who have not logged in
  };
  Downstream(const Parts& parts, std::unique_ptr<net::Stream> stream, net::Peer peer,
             std::function<void(Downstream&)> ended);
  ~Downstream() override;

  // Every half minute or so, from the Bouncer: ends what never logged in or no longer answers.
  void tick();
  // The position of the device moves to what the peer's host has acknowledged: seen is what was received, not
  // what the kernel took. True: the host has yet to acknowledge some of it.
  bool save_position();

  // --- For the handlers (downstream/handlers.h) ---
  // What is said before the welcome.
  struct Handshake {
    std::string nick, username, pass;
    bool has_user = false;
    bool negotiating = false;  // CAP LS or REQ seen, no CAP END yet
    bool checking = false;     // a password is being verified
    int cap_version = 0;
    bool granted = false;
    Granted grant{};
    // What is read next of AUTHENTICATE. With SCRAM, whose proof was good: the client's word that ours was.
    enum class Sasl : std::uint8_t { kNone, kPlain, kExternal, kScramFirst, kScramProof, kScramEnd };
    Sasl in_sasl = Sasl::kNone;
    struct SaslExchange {
      irc::SaslReader reader;
      std::optional<irc::ScramServer> scram;
    };
    std::unique_ptr<SaslExchange> sasl;  // while in_sasl is not kNone
    NetworkId bound_network = 0;         // by BOUNCER BIND; 0: none was named
    bool absent = false;                 // nobody sits before it (draft/pre-away)
    EventId position = 0;  // from where on the log is told (causal.agency/consumer); 0: where the device is
  };
  Handshake& handshake() { return state_.handshake; }
  bool registered() const { return state_.welcomed; }
  irc::CapSet caps() const { return state_.caps; }
  void set_caps(irc::CapSet caps);
  // What CAP LS offers: of a network's capabilities those of the one that the client is, or is about to be,
  // bound to. Before its login it is not known (knows_offer), and nothing of a network is offered.
  irc::CapSet make_offer();
  bool knows_offer() const;
  const std::string& nick() const { return state_.nick; }
  const std::string& server_name() const { return parts_.config.hostname; }

  // Sends a line made of these parameters, from Halley: ":hostname COMMAND nick params".
  void reply(std::string_view numeric, std::initializer_list<std::string_view> params);
  void send(std::string_view line);  // no CR LF
  void put(std::string_view line);   // the same, and never kept for an answer (LabelledAnswers)
  void notice(std::string_view text);
  // A standard reply: ":hostname FAIL command code context... :text".
  // Source: https://ircv3.net/specs/extensions/standard-replies
  void fail(std::string_view command, std::string_view code, std::initializer_list<std::string_view> context,
            std::string_view text);
  // Goes on with the registration if all is there.
  void try_register();
  // `done` later, or at once; never when the client has gone meanwhile.
  void verify(const LoginName& name, std::string_view secret,
              std::function<void(std::expected<Granted, Refused>)> done);
  void refuse_login(const Refused& refused);
  Login& login() const { return parts_.login; }
  const net::Peer& peer() const { return state_.peer; }
  // Expires when this client goes: for answers that come later.
  std::weak_ptr<int> alive() const { return alive_; }
  // Who has logged in, welcomed yet or not; null: nobody, or the account has gone meanwhile.
  User* granted_user() const;
  // The account went between its login and its welcome.
  void forget_grant(const User& user, std::string_view reason);
  // The password of `user` is another now: who came in by the old one is put out.
  void password_changed(const User& user);
  // A question to the store is on its way: while there are some, the client is not read. What is being
  // answered is held until then, and what comes belongs to it (Answering). To be paired.
  AnswerId asked_store();
  void store_answered(AnswerId answer);
  // Tells a page of history of the bound network, in a batch of this type, in turns (HistoryAnswers); then
  // calls `told`. Not empty: why nothing is told, nor `told` called.
  std::string_view tell_page(std::string_view type, std::string target, storage::Page page,
                             std::function<void()> told);
  // The peer has room for more of such answers.
  bool takes_answers() const;
  // Encodes one event of a history answer, privately. REQUIRES: logged in.
  void send_history(const Delivery& delivery, std::string_view batch);
  std::string next_batch_reference();
  // Networks are added, changed and removed by BOUNCER.
  Accounts& accounts() const { return parts_.accounts; }
  // It is reached by Web Push while it is away.
  push::Pusher& pusher() const { return parts_.pusher; }
  storage::Store& store() const { return parts_.store; }
  // RPL_ISUPPORT: of the network, with what Halley itself supports; or that alone.
  void tell_isupport(const Network& network);
  void tell_own_isupport();
  // What was asked of *playback.
  Playback& playback() { return playback_; }
  // The batch that it has begun; null: none.
  ClientBatch* batch() { return state_.batch.get(); }
  void begin_batch(ClientBatch batch) { state_.batch = std::make_unique<ClientBatch>(std::move(batch)); }
  // REQUIRES: there is one.
  ClientBatch end_batch() { return std::move(*std::exchange(state_.batch, nullptr)); }
  std::uint64_t clock_ms() const { return now_ms(); }
  Metadata& metadata() { return metadata_; }
  PersistenceSettings& persistence() const { return parts_.persistence; }
  void tell_persistence();
  // With draft/whoami it is told its user and host on its network, if it was not told them yet.
  void follow_address();
  // --- For one that is shown all networks ---
  AllNetworks* all_networks() const { return all_.get(); }  // null: it is not
  // A part of `whole`, which has logged in, is bound to this network, and welcomed.
  void begin_as_part(const Downstream& whole, NetworkId network, irc::CapSet caps);
  // The client is called so from now on, and told.
  void call_itself(const std::string& nick);
  void write_out() { flush(); }
  // Bytes that its host has not acknowledged, or not got.
  std::size_t on_the_way() const;
  // There may be room for its input, or has been made for what it is answered.
  void answers_taken();
  // The networks with their attributes, which are known to the client from then on.
  void list_networks(const User& user);

  // --- Labels ---
  void hold_answer(AnswerId answer) override;
  void release_answer(AnswerId answer) override;
  bool awaits_answer(AnswerId answer) const override { return labels_ && labels_->open(answer); }
  // Who is given the command answers it: its label. Empty: it has none.
  std::string hand_on_label() { return labels_ ? labels_->hand_on(answering()) : std::string(); }

  // --- Client ---
  void deliver(const Delivery& delivery) override;
  void caught_up() override;
  bool wants_more() const override;
  std::size_t queued() const override { return out_.bytes(); }
  void pass(const Network& network, std::string_view line) override;
  void pass_watched(const Network& network, std::string_view line) override {
    if (state_.caps.has(irc::Cap::kExtendedMonitor)) pass(network, line);
  }
  void pass_own(std::string_view line) override;
  void network_changed(const Network& network, bool removed) override;
  bool watches_networks() const override;
  void channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                       std::string_view line) override;
  void channel_complete(const Network& network, const Channel& channel) override;
  void channel_hidden(const Network& network, const Channel& channel) override;
  void channel_shown(const Network& network, const Channel& channel, EventId since) override;
  void query_shown(const Network& network, const std::string& name, EventId since) override;
  void buffer_changed(const Network&, BufferId, bool) override { metadata_.sync(); }
  void rules_changed() override { metadata_.sync(); }
  void persistence_changed() override;
  void room() override;
  void end(std::string_view reason) override;
  bool present() const override { return !state_.handshake.absent && !state_.caps.has(irc::Cap::kPassive); }
  DeviceId device() const override { return state_.handshake.grant.device; }
  ProvenBy proven_by() const override {
    return state_.handshake.grant.by_password ? ProvenBy::kPassword : ProvenBy::kToken;
  }
  std::string description() const override;
  ClientSource source() const override;

 private:
  // What the client is, as values (besides its stream, the bytes on their way, and its cursor).
  struct State {
    net::Peer peer;
    Handshake handshake;
    irc::CapSet caps;                      // that it has asked for
    irc::CapSet offered = general_caps();  // as it was last told
    std::string nick;                      // under which it knows itself
    EventId saved_position = 0;
    EventId burst_head = 0;    // the log's head when the burst was made: what is newer changes what it showed
    EventId held_back_at = 0;  // not 0: the queue is full; the log is read on from here when it has drained
    std::map<BufferId, std::string> batches;  // open ones of the replay
    std::uint32_t batch_count = 0;
    std::unique_ptr<ClientBatch> batch;                  // that it has begun; null: none
    std::unique_ptr<std::string> told_address;           // its "user@host" (draft/whoami); null: not told yet
    ToldAttributes networks_told;                        // of BOUNCER NETWORK, so that only changes are told
    std::size_t store_questions = 0;                     // not yet answered
    std::uint64_t connected_at_ms = 0, heard_at_ms = 0;  // monotonic
    bool welcomed = false;
    bool pinged = false;  // our PING has not been answered
    bool paused = false;  // not read: what it may cause has no room
    bool ending = false;
    bool waits_for_turn = false;  // not read: others' input comes first
    bool closed = false;          // by the peer
  };

  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void pump();
  bool may_read() const;
  // False: the turn of the loop has come to its end, and the client has a place in a later one.
  bool has_turn() {
    if (state_.closed || (user() ? user()->has_turn() : parts_.input_turns.has_left(parts_.strangers)))
      return true;
    if (!std::exchange(state_.waits_for_turn, true))
      parts_.input_turns.wait(user() ? user()->id() : 0, *this);
    return false;
  }
  void take_turn() override {
    state_.waits_for_turn = false;
    room();
  }
  void has_read(std::size_t bytes, std::uint64_t us);
  bool is_too_slow() const;
  void handle(std::string_view line);
  // What it is to be answered under; nothing: it bears no label that counts.
  std::optional<std::string_view> label_in(std::string_view tags) const;
  void handle_labelled(irc::Message message, std::string_view label);
  // One that cannot be read, or only its beginning.
  void refuse_line(std::string_view line, std::string_view numeric,
                   std::initializer_list<std::string_view> params);
  bool deliver_answer(const Delivery& delivery);
  std::expected<View, Refused> wanted_view(const User& user) const;
  const Network* wanted_network() const;
  // REQUIRES: somebody has logged in, and was not welcomed yet.
  void welcome();
  void greet(const Network& network);
  void greet_unbound();
  bool wants_all() const;
  void tell_account(const Network& network);
  void tell_marker(const Network& network, std::string_view target);
  bool pages_by_itself() const;
  void tell_missed(const Network& network, const std::string& name, EventId since);
  bool hides(const Network& network, const irc::Message& message) const;
  void tell_network(const Network& network, bool removed);
  void pass_message(const irc::Message& message, std::string_view line);
  bool pass_translated(const irc::Message& message);
  bool batches_isupport() const;
  std::string filehost() const;
  // Runs `lines(tag)`, which sends RPL_ISUPPORT, in a batch where the client takes one.
  template <typename Lines>
  void send_isupport(Lines&& lines);
  std::string own_tokens() const;
  void announce_caps();
  void begin_replay(NetworkId network);
  void replay_from(EventId after, std::uint64_t left_out);
  void deliver_replayed(const Delivery& delivery);
  std::string_view batch_for(const Delivery& delivery);
  void close_batches();
  void queue(std::string_view lines, EventId id) {
    trace(LineTracer::Way::kSent, lines);
    out_.push_private(lines, id);
  }
  // The event as it was written to scratch_; empty: it cannot be told.
  void queue_or_skip(EventId id) { scratch_.empty() ? out_.skip(id) : queue(scratch_, id); }
  void trace(LineTracer::Way way, std::string_view lines) const {
    if (user() && user()->tracer()) user()->tracer()->client_lines(*this, way, lines);
  }
  void flush();
  void hold_back_if_full();
  void follow_nick();
  void hear_address(const Network& network, const irc::Message& message);
  void learn_nick(const storage::Event& event);
  NamesStyle names_style() const override;
  bool takes_names_unasked() const override;
  void tell_topic(const Network& network, const Channel& channel) override;
  bool takes_more_names() const override;
  void tell(const Network&, std::string_view line) override { send(line); }
  std::uint64_t now_ms() const { return parts_.loop.clock().monotonic_ms(); }

  const Parts& parts_;
  std::unique_ptr<net::Stream> stream_;
  std::function<void(Downstream&)> ended_;
  State state_;
  irc::LineBuffer lines_;                    // what was read and is not yet handled
  OutQueue out_;                             // what is sent and not yet taken
  std::unique_ptr<LabelledAnswers> labels_;  // null: no command was labelled yet
  std::unique_ptr<HistoryAnswers> answers_;  // null: none was asked for yet
  std::unique_ptr<net::Task> flush_, room_;  // room_: null until it is needed
  LineStyle style_;                          // follows from the capabilities
  std::string scratch_;
  Playback playback_{*this};
  Metadata metadata_{*this};
  std::unique_ptr<AllNetworks> all_;  // null: it is bound to one network, or to none
  bool in_pump_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
