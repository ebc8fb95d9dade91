#include "gateway/api/client_info.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/http/forwarded.h"
#include "gateway/http/query.h"

namespace halley::gateway {
namespace {

constexpr Refusal kBadChain{
    400, "bad_forwarded",
    "A proxy's X-Forwarded-For, Forwarded or X-Real-IP holds no address that is understood."};
constexpr Refusal kTwoOpinions{
    400, "bad_forwarded",
    "Forwarded and X-Forwarded-For or X-Forwarded-Proto say two things. Have the proxy remove the one "
    "that it does not write itself."};
constexpr Refusal kBadProto{400, "bad_forwarded", "A proxy's X-Forwarded-Proto is neither http nor https."};
constexpr Refusal kBadHost{400, "bad_forwarded",
                           "A proxy's X-Forwarded-Host or X-Forwarded-Port is no host or port."};

// From the right, the first node that is no proxy of ours. `proxy`, the one that speaks to us, stands for a
// node that is not named. nullopt: a node is not understood. `at`: which one it was.
template <typename Nodes, typename Text>
std::optional<std::string> client_of(const Nodes& nodes, const Text& text, const std::string& proxy,
                                     const Config& config, std::size_t& at) {
  std::string client = proxy;
  for (at = nodes.size(); at-- > 0;) {
    const Node node = parse_node(text(nodes[at]));
    if (!node.understood) return std::nullopt;
    if (!node.address.valid()) return client;
    client = node.address.text();
    if (!is_trusted_proxy(client, config)) return client;
  }
  at = 0;
  return client;
}

// nullopt: neither.
std::optional<bool> is_https(std::string_view proto) {
  if (equal_without_case(proto, "https") || equal_without_case(proto, "wss")) return true;
  if (equal_without_case(proto, "http") || equal_without_case(proto, "ws")) return false;
  return std::nullopt;
}

// What one kind of header says; what is absent it does not say.
struct Word {
  std::optional<std::string> address;
  std::optional<bool> https;
  std::optional<net::Authority> host;
  std::uint16_t port = 0;
};

std::expected<Word, Refusal> word_of_forwarded(const Request& request, const std::string& proxy,
                                               const Config& config) {
  Word word;
  const auto hops = parse_forwarded(request);
  if (!hops) return std::unexpected(hops.error());
  if (hops->empty()) return word;
  std::size_t at = 0;
  const auto node = [](const Hop& hop) {
    return hop.node.empty() ? std::string_view("unknown") : std::string_view(hop.node);
  };
  word.address = client_of(*hops, node, proxy, config, at);
  if (!word.address) return std::unexpected(kBadChain);
  const Hop& hop = (*hops)[at];  // that of the proxy to which the client spoke
  if (!hop.proto.empty()) {
    word.https = is_https(hop.proto);
    if (!word.https) return std::unexpected(kBadProto);
  }
  if (!hop.host.empty()) {
    word.host = net::Authority::parse(hop.host);
    if (!word.host) return std::unexpected(kBadHost);
  }
  return word;
}

// The first item of a list header: by custom that of the proxy which the visitor reached. Empty: none.
std::expected<std::string_view, Refusal> first_item(const Request& request, std::string_view name) {
  const auto items = list_items(request, name);
  if (!items) return std::unexpected(items.error());
  return items->empty() ? std::string_view{} : items->front();
}

std::expected<Word, Refusal> word_of_x_forwarded(const Request& request, const std::string& proxy,
                                                 const Config& config) {
  Word word;
  const auto chain = list_items(request, "x-forwarded-for");
  const auto proto = first_item(request, "x-forwarded-proto");
  const auto host = first_item(request, "x-forwarded-host");
  const auto port = first_item(request, "x-forwarded-port");
  for (const auto* item : {&proto, &host, &port})
    if (!*item) return std::unexpected(item->error());
  if (!chain) return std::unexpected(chain.error());
  if (!chain->empty()) {
    std::size_t at = 0;
    word.address = client_of(
        *chain, [](std::string_view item) { return item; }, proxy, config, at);
    if (!word.address) return std::unexpected(kBadChain);
  }
  if (!proto->empty()) {
    word.https = is_https(*proto);
    if (!word.https) return std::unexpected(kBadProto);
  }
  if (!host->empty()) {
    word.host = net::Authority::parse(*host);
    if (!word.host) return std::unexpected(kBadHost);
  }
  if (!port->empty()) {
    const auto number = parse_number(*port);
    if (!number || *number == 0 || *number > 65'535) return std::unexpected(kBadHost);
    word.port = static_cast<std::uint16_t>(*number);
  }
  return word;
}

// What a proxy writes in place of a chain: one address, that of who spoke to it. Where a chain is there, too,
// it may be what the client wrote; and of two one is.
std::expected<std::optional<std::string>, Refusal> address_of_x_real_ip(const Request& request,
                                                                        const std::string& proxy,
                                                                        const Config& config) {
  const Header* real_ip = nullptr;
  for (const Header& header : request.headers) {
    if (equal_without_case(header.name, "forwarded") || equal_without_case(header.name, "x-forwarded-for"))
      return std::nullopt;
    if (!equal_without_case(header.name, "x-real-ip")) continue;
    if (real_ip) return std::nullopt;
    real_ip = &header;
  }
  if (!real_ip || real_ip->value.empty()) return std::nullopt;
  std::size_t at = 0;
  const std::array<std::string_view, 1> node{real_ip->value};
  auto address = client_of(
      node, [](std::string_view item) { return item; }, proxy, config, at);
  if (!address) return std::unexpected(kBadChain);
  return address;
}

template <typename T>
bool differ(const std::optional<T>& a, const std::optional<T>& b) {
  return a && b && *a != *b;
}

// Fills in what the proxy at `client.address` says.
std::optional<Refusal> believe(ClientInfo& client, const Request& request, const Config& config) {
  const auto forwarded = word_of_forwarded(request, client.address, config);
  if (!forwarded) return forwarded.error();
  const auto of_x = word_of_x_forwarded(request, client.address, config);
  if (!of_x) return of_x.error();
  const auto real_ip = address_of_x_real_ip(request, client.address, config);
  if (!real_ip) return real_ip.error();
  // A proxy that writes one of them passes on the other as the client wrote it.
  if (differ(forwarded->address, of_x->address) || differ(forwarded->https, of_x->https)) return kTwoOpinions;
  for (const Word* word : {&*forwarded, &*of_x}) {
    if (word->address) client.address = *word->address;
    if (word->https) client.https = *word->https;
    if (word->host) client.host = *word->host;
    if (word->port != 0) client.own_port = word->port;
  }
  if (*real_ip) client.address = **real_ip;
  return std::nullopt;
}

bool named_by(const net::Origin& origin, const net::Authority& host, std::uint16_t own_port) {
  if (origin.host != host.host) return false;
  if (host.port != 0) return origin.port == host.port;
  return origin.port == (origin.scheme == "https" ? 443 : 80) || (own_port != 0 && origin.port == own_port);
}

bool is_own_origin(const net::Origin& origin, const Request& request, const ClientInfo& client) {
  if (client.https && origin.scheme != "https") return false;  // plain pages may not steer a secure one
  const auto host = net::Authority::parse(request.header("host"));
  return (host && named_by(origin, *host, client.own_port)) ||
         (!client.host.host.empty() && named_by(origin, client.host, client.own_port));
}

bool is_configured_origin(const net::Origin& origin, const Config& config) {
  const auto is = [&](const std::string& url) {
    const auto other = net::Origin::parse(url);
    return other && *other == origin;
  };
  return is(config.http.public_url) || std::ranges::any_of(config.http.origins, is);
}

Initiator initiator_of(std::string_view url, const Request& request, const ClientInfo& client,
                       const Config& config) {
  const auto origin = net::Origin::parse(url);
  return origin && (is_own_origin(*origin, request, client) || is_configured_origin(*origin, config))
             ? Initiator::kOurPage
             : Initiator::kForeign;
}

}  // namespace

bool is_trusted_proxy(std::string_view address, const Config& config) {
  const net::Address numeric = net::Address::numeric(std::string(address), 0);
  return std::ranges::any_of(config.http.trusted_proxies, [&](const std::string& proxy) {
    if (proxy == "unix") return address == "unix";
    const auto range = net::AddressRange::parse(proxy);
    return range && range->contains(numeric);
  });
}

std::expected<ClientInfo, Refusal> client_info(const Request& request, const net::Peer& peer,
                                               const Config& config) {
  ClientInfo client;
  client.address = peer.address;
  client.https = peer.tls;
  const bool forwarded = passed_on(request);
  const auto host = net::Authority::parse(request.header("host"));
  // A proxy that was told nothing else asks by HTTP/1.0 and says nothing of whom it asks for.
  client.local =
      peer.loopback && peer.address != "unix" && !forwarded && request.http11 && host && host->loopback();
  if (!is_trusted_proxy(peer.address, config)) return client;
  client.by_proxy = forwarded;
  if (const auto refusal = believe(client, request, config)) return std::unexpected(*refusal);
  return client;
}

bool introduce(const ProxyWord& word, net::Peer& peer, std::shared_ptr<void>& place,
               net::AddressLimits& addresses, const Config& config) {
  if (word.address.empty()) return true;
  // Whoever comes through a proxy is no program on this machine, whatever its address.
  peer = {.address = word.address, .loopback = false, .tls = word.tls, .cert_fingerprint = {}};
  if (is_trusted_proxy(peer.address, config)) return true;  // another one, behind this one
  auto slot = addresses.take_named(peer.address);
  if (slot) place = std::make_shared<net::AddressLimits::Slot>(std::move(*slot));
  return slot.has_value();
}

bool opens_metrics(const ClientInfo& client, const Config& config) {
  using Openness = Config::HttpConfig::MetricsAccess;
  // Through a proxy that changes the Host, and says nothing, a page gets in by one of these alone.
  const bool proxied =
      !config.http.public_url.empty() || !config.http.trusted_proxies.empty() || !config.http.origins.empty();
  return client.local && (config.http.metrics == Openness::kLocal ||
                          (config.http.metrics == Openness::kUnproxied && !proxied));
}

bool is_known_host(const Request& request, const net::Peer& peer, const ClientInfo& client,
                   const Config& config) {
  if (peer.tls || peer.address == "unix" || client.by_proxy) return true;
  const auto host = net::Authority::parse(request.header("host"));
  if (!host) return !request.http11;  // HTTP/1.0 need not say it: a health check
  if (host->numeric() || host->loopback() || equal_without_case(host->host, config.hostname)) return true;
  const auto is = [&](const std::string& url) {
    const auto origin = net::Origin::parse(url);
    return origin && origin->host == host->host;
  };
  return is(config.http.public_url) || std::ranges::any_of(config.http.origins, is);
}

Initiator initiator(const Request& request, const ClientInfo& client, const Config& config) {
  const std::string_view text = request.header("origin");
  if (!text.empty()) return initiator_of(text, request, client, config);
  const std::string_view site = request.header("sec-fetch-site");
  if (site == "same-origin") return Initiator::kOurPage;
  if (const std::string_view referer = request.header("referer"); site.empty() && !referer.empty())
    return initiator_of(referer, request, client, config);
  // "none": the person typed the address or opened a bookmark.
  return site.empty() || site == "none" ? Initiator::kUnsaid : Initiator::kForeign;
}

}  // namespace halley::gateway
