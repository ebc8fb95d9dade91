#include "gateway/api/http_server.h"

#include <algorithm>
#include <utility>

#include "gateway/api/gate.h"

namespace halley::gateway {
namespace {
constexpr std::uint64_t kTickMs = 500;
}

HttpServer::HttpServer(net::Loop& loop, Login& login, NumberedCommands& commands, const Config& config,
                       const Assets& assets)
    : loop_(loop),
      login_(login),
      config_(config),
      assets_(assets),
      hub_(loop, login, config),
      polls_(hub_),
      api_({.loop = loop,
            .login = login,
            .commands = commands,
            .config = config,
            .hub = hub_,
            .polls = polls_,
            .metrics = metrics_,
            .connections = [this] { return connections_.size(); }}),
      sweep_(loop.task([this] { sweep(); })),
      timer_(loop.timer([this] { tick(); })) {}

HttpServer::~HttpServer() = default;

void HttpServer::accept(std::unique_ptr<net::Stream> stream, net::Peer peer) {
  if (stopping_ || connections_.size() >= config_.limits.connections) {
    metrics_.turned_away();
    return;  // the stream goes, and with it the connection
  }
  metrics_.connected();
  connections_.push_back(std::make_unique<HttpConnection>(static_cast<HttpConnection::Host&>(*this),
                                                          std::move(stream), std::move(peer)));
  if (!timer_->active()) timer_->start(kTickMs);
}

void HttpServer::stop() {
  stopping_ = true;
  hub_.end_all("Halley is being stopped.");
  for (const auto& connection : connections_) connection->shut();
}

void HttpServer::ended(HttpConnection&) {
  sweep_->schedule();
}

void HttpServer::sweep() {
  std::erase_if(connections_, [](const auto& connection) { return connection->over(); });
}

void HttpServer::tick() {
  const std::uint64_t now = now_ms();
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->tick(now);
  hub_.tick(now);
  polls_.sweep();
  if (!connections_.empty() || hub_.size() > 0) timer_->start(kTickMs);
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
  if (!is_known_host(request, peer, client, config_)) return respond.send(unknown_host_response(request));
  const Match match = find_route(Api::routes(), request.method, request.path);
  if (match.route) return handle_route(*match.route, request, client, respond);
  const Asset* asset = match.allow.empty() ? assets_.find(request.path) : nullptr;
  if (!asset && match.allow.empty())
    return respond.send(error_response(404, "not_found", "There is nothing at this address."));
  if (asset && (request.method == Method::kGet || request.method == Method::kHead))
    return respond.send(Assets::serve(*asset, request));
  respond.send(
      error_response(405, "method_not_allowed", "This address takes other methods; see the Allow header.")
          .header("Allow", asset ? std::string_view("GET, HEAD") : std::string_view(match.allow)));
}

void HttpServer::handle_route(const Route& route, const Request& request, const ClientInfo& client,
                              const Responder& respond) {
  const auto query = Query::parse(request.query);
  if (!query) return respond.send(error_response(400, "bad_query", "The query cannot be decoded."));
  Principal caller;
  if (route.access == Access::kUser) {
    auto admitted = admit(request, client, login_, config_);
    if (!admitted) return respond.send(std::move(admitted.error()));
    caller = *admitted;
  }
  (api_.*route.handle)(Call{request, *query, client, caller, respond});
}

}  // namespace halley::gateway
