// The handlers of /api, /healthz and /metrics: one short function each, named by the table in routes.cpp
// (halley-web(7)).
//
// Thread: the loop's. Owner: the HttpServer; everything it is given outlives it. What a successor needs of a
// request has its connection.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <utility>

#include "bouncer/accounts/enrolment.h"
#include "bouncer/accounts/passkeys.h"
#include "bouncer/commands/numbered_commands.h"
#include "bouncer/core/live_user.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/place_count.h"
#include "bouncer/net/stream.h"
#include "bouncer/push/pusher.h"
#include "gateway/api/call.h"
#include "gateway/api/metrics.h"
#include "gateway/api/router.h"
#include "gateway/api/upload_store.h"
#include "gateway/events/poll_room.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {

class Api {
 public:
  struct Parts {
    net::Loop& loop;
    Accounts& accounts;
    Login& login;
    Enrolment& enrolment;
    Passkeys& passkeys;
    const LiveUser& live_user;
    NumberedCommands& commands;
    const Config& config;
    push::Pusher& pusher;
    StreamHub& hub;
    PollRoom& polls;
    const Metrics& metrics;
    UploadStore* uploads;                      // null: there are none
    std::function<std::size_t()> connections;  // how many are open
  };
  explicit Api(Parts parts) : parts_(std::move(parts)) {}

  static std::span<const Route> routes();
  // Serves an ordinary IRC client; none: there is no /irc.
  using AcceptIrc = std::function<void(std::unique_ptr<net::Stream> stream, net::Peer peer)>;
  void serve_irc(AcceptIrc accept) { accept_irc_ = std::move(accept); }

  // The handlers. REQUIRES: the route's Access was checked; where that is not kAnyone, call.caller has a
  // user. api_login.cpp
  void login(const Call& call);
  void logout(const Call& call);
  void me(const Call& call);
  // api_registration.cpp
  void reset_password(const Call& call);
  void register_user(const Call& call);
  // api_passkeys.cpp
  void login_challenge(const Call& call);
  void passkey_login(const Call& call);
  void passkey_challenge(const Call& call);
  void add_passkey(const Call& call);
  // api_events.cpp
  void events(const Call& call);
  void irc(const Call& call);
  void commands(const Call& call);
  // api_outbox.cpp
  void outbox(const Call& call);
  void change_outbox(const Call& call);
  // api_push.cpp
  void pushes(const Call& call);
  void subscribe(const Call& call);
  void unsubscribe(const Call& call);
  // api_log.cpp
  void history(const Call& call);
  void search(const Call& call);
  void export_history(const Call& call);
  // api_uploads.cpp
  void upload(const Call& call);
  void download(const Call& call);
  // api_account.cpp
  void account(const Call& call);
  // api_resources.cpp
  void resource(const Call& call);
  void set_password(const Call& call);
  // api.cpp
  void healthz(const Call& call);
  void metrics(const Call& call);

 private:
  bool open_metrics(const Call& call);
  void open_for_guest(const Call& call, Response response);
  // Who has just proved who they are: what their web login is made of when the request is gone.
  struct Visitor {
    Responder respond;
    ClientInfo client;
    std::string agent;
    UserId old_user = 0;  // the browser's login until now; 0: none
    std::uint64_t old_session = 0;
  };
  Visitor visitor_of(const Call& call) const;
  void let_in(const Visitor& visitor, UserId user);
  Enrolment::Done welcome(const Call& call, std::string_view by);
  void events_by_poll(const Call& call, StreamOwner owner, const std::optional<Cursor>& after);

  // The body of a POST: JSON, or a form whose field `number` is a number.
  static std::expected<nlohmann::json, Response> body_of(const Call& call, std::string_view number = {});
  void run_command(const Call& call, std::vector<std::string> words, std::function<void(Response)> answer);
  bool knows(const Call& call) const;
  // Null: answered already with 429, as the user asks too much at once.
  std::shared_ptr<void> place_for(const Call& call, net::PlaceCount<UserId>& places, std::size_t most);

  Parts parts_;
  net::PlaceCount<UserId> searches_, histories_, exports_;  // of each user, until their answers are out
  AcceptIrc accept_irc_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // answers that come later check that we still live
};

}  // namespace halley::gateway
