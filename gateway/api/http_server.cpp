#include "gateway/api/http_server.h"

#include <algorithm>
#include <utility>

#include "bouncer/core/user.h"
#include "bouncer/net/address.h"
#include "gateway/api/gate.h"
#include "gateway/http/accept.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {
namespace {
constexpr std::uint64_t kTickMs = 500;
constexpr std::uint64_t kStopMs = 3000;

// Kept with a connection or a request. Null: the address has as many as it may.
std::shared_ptr<void> place_of(net::AddressLimits& addresses, const std::string& address) {
  auto slot = addresses.take_named(address);
  return slot ? std::make_shared<net::AddressLimits::Slot>(std::move(*slot)) : nullptr;
}

// `type`: empty: it is the handler's own matter.
bool accepts_answer(const Request& request, std::string_view type) {
  return type.empty() || accepts(request.list("accept"), type);
}

Response not_acceptable_response(std::string_view type) {
  return error_response(406, "not_acceptable",
                        "The answer here is " + std::string(type) + "; let Accept take it.");
}
}  // namespace

HttpServer::HttpServer(const Parts& parts)
    : loop_(parts.loop),
      accounts_(parts.accounts),
      login_(parts.login),
      live_user_(parts.live_user),
      config_(parts.config),
      assets_(parts.assets),
      access_log_(parts.random),
      hub_(parts.loop, parts.random, parts.accounts, parts.config.limits),
      polls_(hub_),
      enrolment_(
          {.loop = parts.loop, .random = parts.random, .accounts = parts.accounts, .login = parts.login}),
      passkeys_({.clock = parts.loop.clock(),
                 .random = parts.random,
                 .accounts = parts.accounts,
                 .login = parts.login}),
      api_({.loop = parts.loop,
            .accounts = parts.accounts,
            .login = parts.login,
            .enrolment = enrolment_,
            .passkeys = passkeys_,
            .live_user = parts.live_user,
            .commands = parts.commands,
            .config = parts.config,
            .pusher = parts.pusher,
            .hub = hub_,
            .polls = polls_,
            .metrics = metrics_,
            .uploads = parts.uploads,
            .connections = [this] { return connections_.size(); }}),
      uploads_(parts.uploads, parts.login, parts.live_user, parts.config),
      addresses_(parts.addresses),
      turns_(parts.loop),
      sweep_(parts.loop.task([this] { sweep(); })),
      timer_(parts.loop.timer([this] { tick(); })) {}

HttpServer::~HttpServer() = default;

// Behind its address there may be many people, whom the acceptors do not count.
bool HttpServer::is_many(const net::Peer& peer) const {
  return peer.loopback || is_trusted_proxy(peer.address, config_);
}

void HttpServer::accept(std::unique_ptr<net::Stream> stream, net::Peer peer) {
  const std::size_t all = config_.limits.connections;
  const bool many = is_many(peer);
  std::shared_ptr<void> place;
  if (many) place = of_many_.take(peer.address, std::max<std::size_t>(all - all / 10, 1));
  if (stopping_ || (many && !place)) {
    metrics_.turned_away();
    return;  // the stream goes, and with it the connection
  }
  metrics_.connected();
  // Behind our own TLS there is a browser, or a proxy that speaks HTTP.
  const bool proxied = !peer.tls && is_trusted_proxy(peer.address, config_);
  connections_.push_back(std::make_unique<HttpConnection>(static_cast<HttpConnection::Host&>(*this),
                                                          std::move(stream), std::move(peer),
                                                          std::move(place), proxied));
  if (!timer_->active()) tick_later();
}

bool HttpServer::introduce(const ProxyWord& word, net::Peer& peer, std::shared_ptr<void>& place) {
  if (gateway::introduce(word, peer, place, addresses_, config_)) return true;
  metrics_.turned_away();
  return false;
}

void HttpServer::stop(std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  stop_by_ms_ = now_ms() + kStopMs;
  hub_.end_all("Halley is being stopped; come back in a moment.");
  for (const auto& connection : connections_) connection->shut();
  check_stopped();
}

void HttpServer::check_stopped() {
  if (stopped_ && (connections_.empty() || now_ms() >= stop_by_ms_))
    loop_.defer(std::exchange(stopped_, nullptr));
}

void HttpServer::ended(HttpConnection&) {
  sweep_->schedule();
}

void HttpServer::sweep() {
  turns_.forget_ended();
  std::erase_if(connections_, [](const auto& connection) { return connection->over(); });
  check_stopped();
}

void HttpServer::tick() {
  const std::uint64_t now = now_ms();
  metrics_.ran_late(now, now - std::min(now, tick_at_ms_));
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->tick(now);
  hub_.tick(now);
  polls_.sweep();
  check_stopped();
  if (!connections_.empty() || hub_.size() > 0) tick_later();
}

void HttpServer::tick_later() {
  tick_at_ms_ = now_ms() + kTickMs;
  timer_->start(kTickMs);
}

std::string HttpServer::take_request_id(const Request& request, const net::Peer& peer) {
  if (!config_.http.access_log) return {};
  const bool trusted = is_trusted_proxy(peer.address, config_);
  return access_log_.take_name(trusted ? request.header("x-request-id") : std::string_view{});
}

void HttpServer::wait_for_turn(HttpConnection& connection, const Request& request, const net::Peer& peer) {
  const auto client = client_info(request, peer, config_);
  const std::string& address = client ? client->address : peer.address;
  const net::Address numeric = net::Address::numeric(address, 0);
  turns_.wait(connection, numeric.valid() ? numeric.group_text() : address);
}

void HttpServer::answered(const HttpConnection::Answered& answer) {
  metrics_.answered(answer.status);
  if (!config_.http.access_log || !write_access_) return;
  std::string address = answer.peer.address;
  if (answer.request)
    if (const auto client = client_info(*answer.request, answer.peer, config_)) address = client->address;
  write_access_(AccessLog::line(address, answer));
}

std::string_view HttpServer::date() {
  const std::int64_t wall_us = loop_.clock().wall_us();
  if (const std::int64_t seconds = wall_us / 1'000'000; seconds != date_s_) {
    date_s_ = seconds;
    date_ = http_date(wall_us);
  }
  return date_;
}

void HttpServer::handle(const Request& request, const net::Peer& peer, Responder respond) {
  const auto info = client_info(request, peer, config_);
  if (!info) return respond.send(error_response(info.error()));
  const ClientInfo& client = *info;
  // A body that went elsewhere took its place when it began.
  if (!request.sink && !take_place(client, peer, respond)) return;
  if (!is_known_host(request, peer, client, config_)) return respond.send(unknown_host_response(request));
  handle_path(request, client, respond);
}

bool HttpServer::take_place(const ClientInfo& client, const net::Peer& peer, const Responder& respond) {
  if (!client.by_proxy || client.address == peer.address) return true;
  auto place = place_of(addresses_, client.address);
  if (place) {
    respond.keep(std::move(place));
    return true;
  }
  respond.send(error_response(429, "too_many_connections", "Your address has too many requests open.")
                   .header("Retry-After", "10"));
  return false;
}

void HttpServer::begin_body(const Coming& coming, const Responder& respond, TakeBody take) {
  const auto& [request, peer, bytes] = coming;
  const auto client = client_info(request, peer, config_);
  if (!client) return respond.send(error_response(client.error()));
  if (!take_place(*client, peer, respond)) return;
  if (!is_known_host(request, peer, *client, config_)) return respond.send(unknown_host_response(request));
  const Route* route = find_route(Api::routes(), request.method, request.path).route;
  if (route != nullptr && !accepts_answer(request, route->type))
    return respond.send(not_acceptable_response(route->type));
  uploads_.begin(request, *client, bytes, respond, std::move(take));
}

bool HttpServer::is_https(const Request& request, const net::Peer& peer) const {
  if (peer.tls) return true;
  const auto client = client_info(request, peer, config_);
  return client && client->https;
}

void HttpServer::handle_path(const Request& request, const ClientInfo& client, const Responder& respond) {
  const RouteMatch match = find_route(Api::routes(), request.method, request.path);
  if (request.path == "*")
    return respond.send(empty_response(204).header("Allow", "GET, HEAD, POST, PATCH, DELETE"));
  if (match.route) return handle_route(match, request, client, respond);
  const Asset* asset = match.allow.empty() ? assets_.find(request.path) : nullptr;
  if (!asset && match.allow.empty())
    return respond.send(error_response(404, "not_found", "There is nothing at this address."));
  if (request.method_name == "OPTIONS" && request.path == "/upload")
    return respond.send(empty_response(204).header("Allow", match.allow).header("Accept-Post", "*/*"));
  const std::string_view allow = asset ? std::string_view("GET, HEAD") : std::string_view(match.allow);
  if (request.method_name == "OPTIONS") return respond.send(empty_response(204).header("Allow", allow));
  if (asset && (request.method == Method::kGet || request.method == Method::kHead))
    return respond.send(Assets::serve(*asset, request));
  respond.send(
      error_response(405, "method_not_allowed", "This address takes other methods; see the Allow header.")
          .header("Allow", allow));
}

void HttpServer::handle_route(const RouteMatch& match, const Request& request, const ClientInfo& client,
                              const Responder& responder) {
  const Route& route = *match.route;
  // Any page can have a browser send a form; one of ours must say who it is. All others hear that they shall
  // send JSON.
  const bool form = request.method == Method::kPost && is_form(request) &&
                    initiator(request, client, config_) == Initiator::kOurPage;
  Responder respond = form ? responder.in_frame(hub_.script_nonce()) : responder;
  const std::string_view type = form ? std::string_view("text/html") : route.type;
  if (!accepts_answer(request, type)) return respond.send(not_acceptable_response(type));
  const auto query = Query::parse(request.query);
  if (!query) return respond.send(error_response(400, "bad_query", "The query cannot be decoded."));
  Principal caller;
  if (route.access != Access::kAnyone) {
    auto admitted = admit(request, client, login_, live_user_, config_);
    const bool guest = route.access == Access::kGuest && !config_.http.user_header.empty();
    if (guest && !admitted && admitted.error().status == 401 && token_of(request).empty())
      admitted = admit_by_proxy(request, client, accounts_, live_user_, config_);
    if (!admitted) return respond.send(std::move(admitted.error()));
    caller = *admitted;
    if (is_anothers(request, form, *caller.user)) return respond.send(another_user_response());
    if (route.access == Access::kAdmin && !caller.user->row().admin)
      return respond.send(error_response(403, "not_admin", "This is for administrators."));
    const std::uint32_t user = caller.user->id();
    const bool only_asks = request.method == Method::kGet;
    // What changes something is refused before it is done, or not at all.
    if (!only_asks && held_answers_.of(user) >= Responder::kMostUnreadAnswers)
      return respond.send(Responder::unread_answers());
    respond = respond.held_for(user, held_answers_, only_asks);
  }
  (api_.*route.handle)(Call{.request = request,
                            .query = *query,
                            .client = client,
                            .caller = caller,
                            .respond = respond,
                            .command = route.command,
                            .names = match.names,
                            .form = form});
}

}  // namespace halley::gateway
