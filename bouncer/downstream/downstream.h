// An ordinary IRC client, attached to one network of one user.
//
// Thread: the loop's. Owner: the Bouncer, which is told by `ended` (once, from a deferred call) that it may
// drop it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/login.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/client.h"
#include "bouncer/core/services.h"
#include "bouncer/downstream/downgrade.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/caps.h"
#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley {

class Downstream final : public Client, private net::Stream::Listener {
 public:
  Downstream(const Services& services, Login& login, std::unique_ptr<net::Stream> stream, net::Peer peer,
             std::function<void(Downstream&)> ended);
  ~Downstream() override;

  // Every half minute or so, from the Bouncer: ends what never logged in or no longer answers.
  void tick();

  // --- For the handlers (downstream_handlers.h) ---
  struct Registration {
    std::string nick, username, pass;
    bool has_user = false;
    bool negotiating = false;  // CAP LS or REQ seen, no CAP END yet
    bool checking = false;     // a password is being verified
    int cap_version = 0;
    bool granted = false;
    Granted grant{};
    bool in_sasl = false;
    irc::SaslReader sasl;
    std::uint64_t bound_network = 0;  // BOUNCER BIND
  };
  Registration& registration() { return registration_; }
  bool registered() const { return welcomed_; }
  irc::CapSet& caps() { return caps_; }
  void caps_changed() { style_ = LineStyle::of(caps_); }
  const std::string& nick() const { return nick_; }
  const Services& services() const { return services_; }
  Login& login() { return login_; }
  const net::Peer& peer() const { return peer_; }
  const std::string& server_name() const { return services_.config->hostname; }

  // Sends a line made of these parameters, from Halley: ":hostname COMMAND nick params".
  void reply(std::string_view numeric, std::initializer_list<std::string_view> params);
  void send(std::string_view line);  // no CR LF
  void notice(std::string_view text);
  // Goes on with the registration if all is there.
  void try_register();
  void verify(const LoginName& name, std::string_view secret,
              std::function<void(std::expected<Granted, Refused>)> done);
  void refuse_login(const Refused& refused);
  // Expires when this client goes: for answers that come later.
  std::weak_ptr<int> alive() const { return alive_; }
  // The account went between its login and its welcome.
  void forget_grant(const User& user, std::string_view reason);
  // Encodes one event of a history answer, privately.
  void send_history(const Delivery& delivery, std::string_view batch);
  std::string next_batch_reference();

  // --- Client ---
  void deliver(const Delivery& delivery) override;
  void caught_up() override;
  bool wants_more() const override;
  std::size_t queued() const override { return out_.bytes(); }
  void pass(const Network* network, std::string_view line) override;
  void network_changed(const Network& network, bool removed) override;
  void channel_complete(const Network& network, const Channel& channel) override;
  void channel_names(const Network& network, const Channel& channel) override;
  void room() override;
  void end(std::string_view reason) override;
  DeviceId device() const override { return registration_.grant.device; }
  std::string description() const override;

 private:
  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void pump();
  bool may_read() const;
  void handle(std::string_view line);
  void welcome();
  void announce_caps();
  void begin_replay();
  void replay_from(EventId after, std::uint64_t left_out);
  void deliver_replayed(const Delivery& delivery);
  std::string_view batch_for(const Delivery& delivery);
  void close_batches();
  void flush();
  void save_position();
  void hold_back_if_full();
  void follow_nick();
  void learn_nick(const storage::Event& event);
  void gone();
  NamesStyle names_style() const;

  const Services& services_;
  Login& login_;
  std::unique_ptr<net::Stream> stream_;
  net::Peer peer_;
  std::function<void(Downstream&)> ended_;
  irc::LineBuffer lines_;
  OutQueue out_;
  std::unique_ptr<net::Task> flush_;
  Registration registration_;
  irc::CapSet caps_;
  irc::CapSet offered_ = offered_caps();
  LineStyle style_;
  std::string nick_;
  std::string scratch_;
  EventId saved_position_ = 0;
  EventId burst_head_ = 0;  // the log's head when the burst was made: what is newer changes what it showed
  std::vector<std::string> late_channels_;  // joined since, before the replay was done: shown behind it
  EventId held_back_at_ = 0;  // not 0: the queue is full; the log is read on from here when it has drained
  std::map<BufferId, std::string> batches_;  // open ones of the replay
  std::uint32_t batch_count_ = 0;
  std::uint64_t connected_at_ms_ = 0, heard_at_ms_ = 0;
  bool welcomed_ = false, pinged_ = false, paused_ = false, in_pump_ = false, ending_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
