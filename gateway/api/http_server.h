// The HTTP side of Halley: owns the connections, routes their requests, and holds what they share.
//
// Thread: the loop's. Owner: the composition root, which gives it the streams that its acceptors accept.
// Destroy it before the users, the Login, the commands and the loop. Bounds: of limits.connections this
// machine and trusted proxies may have nine tenths; further ones are closed at once. limits.connections and
// limits.connections_per_address are kept by whoever accepts; what a trusted proxy passes on for an address
// is counted with that address's connections, and closed, or answered with 429, when it has too many. What a
// successor needs of it have its connections and polls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/login.h"
#include "bouncer/core/live_user.h"
#include "bouncer/net/address_limits.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/place_count.h"
#include "bouncer/net/stream.h"
#include "gateway/api/access_log.h"
#include "gateway/api/api.h"
#include "gateway/api/metrics.h"
#include "gateway/api/uploads.h"
#include "gateway/events/poll_room.h"
#include "gateway/events/stream_hub.h"
#include "gateway/http/assets.h"
#include "gateway/http/http_connection.h"
#include "gateway/http/request_turns.h"

namespace halley::gateway {

class HttpServer final : private HttpConnection::Host {
 public:
  // What it works with. It outlives the server.
  struct Parts {
    net::Loop& loop;
    net::Random& random;
    Accounts& accounts;
    Login& login;
    const LiveUser& live_user;
    NumberedCommands& commands;
    const Config& config;
    push::Pusher& pusher;
    const Assets& assets;
    net::AddressLimits& addresses;   // the acceptors' own
    UploadStore* uploads = nullptr;  // null: there are none
  };
  explicit HttpServer(const Parts& parts);
  ~HttpServer();

  // REQUIRES: the stream is as an acceptor gives it: paused, and nobody listens.
  void accept(std::unique_ptr<net::Stream> stream, net::Peer peer);
  // Who serves ordinary IRC clients that come over a WebSocket.
  void serve_irc(Api::AcceptIrc accept) { api_.serve_irc(std::move(accept)); }
  // Who writes the access log, while http.access_log is on.
  void log_answers(std::function<void(std::string_view line)> write) { write_access_ = std::move(write); }
  // Takes no more, tells every stream that it ends, and ends connections as their answers are out. `done` is
  // called, never from inside, when all are, or three seconds later. REQUIRES: called once.
  void stop(std::function<void()> done = {});
  // A web login was revoked: its streams end now (they would be found within half a second).
  void session_revoked(std::uint64_t session) { hub_.end_session(session, "This login was revoked."); }

  Metrics& metrics() { return metrics_; }

 private:
  void handle(const Request& request, const net::Peer& peer, Responder respond) override;
  RequestParser::Streams long_bodies() const override { return Uploads::takes; }
  void begin_body(const Coming& coming, const Responder& respond, TakeBody take) override;
  bool is_https(const Request& request, const net::Peer& peer) const override;
  bool introduce(const ProxyWord& word, net::Peer& peer, std::shared_ptr<void>& place) override;
  std::string take_request_id(const Request& request, const net::Peer& peer) override;
  void answered(const HttpConnection::Answered& answer) override;
  void ended(HttpConnection& connection) override;
  bool has_turn() override { return turns_.take(); }
  void wait_for_turn(HttpConnection& connection, const Request& request, const net::Peer& peer) override;
  std::uint64_t turn_number() const override { return loop_.turn_number(); }
  std::uint64_t now_ms() const override { return loop_.clock().monotonic_ms(); }
  std::string_view date() override;

  // The client's among its address's connections, until it is answered. False: it was refused.
  bool take_place(const ClientInfo& client, const net::Peer& peer, const Responder& respond);
  void handle_path(const Request& request, const ClientInfo& client, const Responder& respond);
  void handle_route(const RouteMatch& match, const Request& request, const ClientInfo& client,
                    const Responder& responder);
  bool is_many(const net::Peer& peer) const;
  void tick();
  void tick_later();
  void sweep();
  void check_stopped();

  net::Loop& loop_;
  const Accounts& accounts_;
  Login& login_;
  const LiveUser& live_user_;
  const Config& config_;
  const Assets& assets_;
  Metrics metrics_;
  AccessLog access_log_;
  std::function<void(std::string_view line)> write_access_;
  StreamHub hub_;
  PollRoom polls_;
  Enrolment enrolment_;
  Passkeys passkeys_;
  Api api_;
  HeldAnswers held_answers_;  // to what users asked, and that is on its way
  Uploads uploads_;
  net::AddressLimits& addresses_;
  net::PlaceCount<std::string> of_many_;  // connections of this machine, and of each trusted proxy
  std::vector<std::unique_ptr<HttpConnection>> connections_;
  RequestTurns turns_;
  std::unique_ptr<net::Task> sweep_;
  std::unique_ptr<net::Timer> timer_;  // one for all; runs while there are connections
  std::uint64_t tick_at_ms_ = 0;       // when it is due
  std::string date_;
  std::int64_t date_s_ = -1;
  bool stopping_ = false;
  std::function<void()> stopped_;
  std::uint64_t stop_by_ms_ = 0;
};

}  // namespace halley::gateway
