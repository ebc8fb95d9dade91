// The connection to one IRC network: dials, registers, stays, comes back. What it reads goes through a table
// of handlers (upstream_handlers.h) that update NetworkState and log events.
//
// Thread: the loop's. Owner: the Network.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/network_url.h"
#include "bouncer/core/network.h"
#include "bouncer/core/out_queue.h"
#include "bouncer/irc/caps.h"
#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/loop.h"
#include "bouncer/upstream/backoff.h"
#include "bouncer/upstream/requests.h"

namespace halley {

class Upstream final : private net::Stream::Listener {
 public:
  explicit Upstream(Network& network);
  ~Upstream();

  // Wants to be connected from now on, for ever; no-op when it does already.
  void start();
  // Says QUIT and stays away until start().
  void stop(std::string_view reason);
  // Drops the link and tries again soon (settings changed).
  void restart(std::string_view reason);
  // Reading may go on (the journal has room again).
  void room();
  // Likewise (a client that was behind has caught up).
  void clients_eased();

  Link link() const { return link_; }
  const std::string& trouble() const { return trouble_; }

  // Queues a line (no CR LF) towards the network, paced by the configured rate. False, and nothing is queued,
  // when the queue is full: the sender waits for Client::room().
  [[nodiscard]] bool send(std::string_view line);
  bool has_room() const { return waiting_.size() < kMostWaiting && out_.bytes() < kMostQueued; }
  // Past the pace: PONG and registration.
  void send_now(std::string_view line);

  Requests& requests() { return requests_; }
  // A client has asked for another nick: the wish that is kept and regained.
  void want_nick(std::string_view nick);

  // --- For the handlers ---
  Network& network() { return network_; }
  NetworkState& state() { return network_.state(); }
  User& user() { return network_.user(); }
  const Services& services() { return network_.user().services(); }
  // The line being handled, as received without CR LF.
  std::string_view raw() const { return raw_; }

  // Logs `message` as one event, shown in `buffers`. The text that search looks at is the last parameter when
  // `searchable`.
  void log(Kind kind, const irc::Message& message, std::span<const BufferId> buffers, bool searchable,
           std::uint8_t flags = 0);
  // A sentence of ours in the network's own buffer.
  void tell(std::string_view text);
  // The line goes to the client that asked, else to all of the network's.
  void route(const irc::Message& message);
  void pass(const irc::Message& message);  // to all
  // The link is of no use: `reason` is kept and told; a retry follows.
  void fail(std::string_view reason, bool for_long = false);

  // Registration (upstream_registration.cpp).
  struct Registration {
    irc::CapSet offered, wanted;
    std::string sasl_value;         // of the sasl capability; empty: mechanisms unknown
    std::size_t requests_open = 0;  // CAP REQ lines not yet answered
    std::size_t nick_tries = 0;
    bool sasl_done = false;
    bool ended = false;  // CAP END sent
    irc::SaslReader sasl_reader;
  };
  Registration& registration() { return registration_; }
  void welcomed();    // 001
  void registered();  // end of MOTD
  const std::string& wanted_nick() const { return wanted_nick_; }
  void nick_is_free(std::string_view nick);  // somebody left or renamed: perhaps the one we want
  bool swallow_nick_error();                 // the 433 answers our own try to regain

 private:
  static constexpr std::size_t kMostWaiting = 1000;       // lines held back by the pace
  static constexpr std::size_t kMostQueued = 128 * 1024;  // bytes that the network has yet to take
  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void schedule_connect(std::uint64_t delay_ms);
  void dial();
  void connected(net::Dialled dialled);
  void drop(std::string_view reason);
  void lost(std::string_view reason, bool for_long);
  void pump();
  void wait_for_clients();
  void read_on();
  void handle(std::string_view line);
  void pump_waiting();
  void refill();
  void flush();
  void tick();
  void set_link(Link link);
  bool next_url(NetworkUrl& url);
  bool paced() const;

  Network& network_;
  Link link_ = Link::kDisabled;
  std::string trouble_;
  std::size_t url_index_ = 0;
  Backoff backoff_;
  std::unique_ptr<net::Dial> dial_;
  std::unique_ptr<net::Stream> stream_;
  irc::LineBuffer lines_;
  OutQueue out_;
  std::unique_ptr<net::Task> flush_;
  std::unique_ptr<net::Timer> connect_timer_, tick_timer_, rate_timer_, clients_timer_;
  std::list<std::string> waiting_;  // held back by the pace; an empty deque would cost each network 600 bytes
  double tokens_ = 0;
  std::uint64_t tokens_at_ms_ = 0, connected_at_ms_ = 0, heard_at_ms_ = 0, welcomed_at_ms_ = 0,
                nick_try_at_ms_ = 0;
  bool pinged_ = false, paused_ = false, waits_for_clients_ = false, in_pump_ = false, nick_try_ = false,
       paced_ = false, told_unreadable_ = false;
  Requests requests_;
  Registration registration_;
  std::string wanted_nick_;
  std::string_view raw_;
  std::string scratch_, tag_scratch_;
  std::uint64_t links_ = 0;  // counts links, so that a handler that ended one is noticed
};

}  // namespace halley
