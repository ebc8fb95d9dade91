#include "gateway/api/client_info.h"

#include <algorithm>

namespace halley::gateway {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool trusted(std::string_view address, const Config& config) {
  return std::ranges::find(config.http.trusted_proxies, address) != config.http.trusted_proxies.end();
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

// Each proxy appends who spoke to it: from the right, the first that we do not trust is the client.
void believe(ClientInfo& client, std::string_view chain, const Config& config) {
  while (!chain.empty()) {
    const std::size_t comma = chain.rfind(',');
    const std::string_view address = trim(comma == std::string_view::npos ? chain : chain.substr(comma + 1));
    chain = chain.substr(0, comma == std::string_view::npos ? 0 : comma);
    if (address.empty() || address.size() > 45) return;  // the longest IPv6 text
    client.address = address;
    if (!trusted(address, config)) return;
  }
}

// Scheme and authority of a URL, without what follows.
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  return url.substr(0, url.find('/', scheme + 3));
}

bool is_own_origin(std::string_view origin, std::string_view host, bool https) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos || host.empty()) return false;
  const std::string_view name = origin.substr(0, scheme);
  if (!equal_without_case(name, "https") && (https || !equal_without_case(name, "http"))) return false;
  return equal_without_case(origin.substr(scheme + 3), host);
}

}  // namespace

ClientInfo client_info(const Request& request, const net::Peer& peer, const Config& config) {
  ClientInfo client{peer.address, peer.loopback, peer.tls};
  bool forwarded = !request.header("via").empty() || !request.header("forwarded").empty();
  const bool believed = trusted(peer.address, config);
  std::string chain;  // several headers are one list (RFC 9110 section 5.3)
  for (const Header& header : request.headers) {
    if (!equal_without_case(header.name, "x-forwarded-for")) continue;
    forwarded = true;
    if (!chain.empty()) chain += ',';
    chain += header.value;
  }
  if (believed) believe(client, chain, config);
  if (believed && equal_without_case(request.header("x-forwarded-proto"), "https")) client.https = true;
  if (forwarded) client.loopback = believed && is_loopback(client.address);
  return client;
}

Asker asker(const Request& request, const ClientInfo& client, const Config& config) {
  const std::string_view origin = request.header("origin");
  if (!origin.empty()) {
    const bool own = is_own_origin(origin, request.header("host"), client.https);
    const bool allowed = own || std::ranges::any_of(config.http.origins, [&](const std::string& other) {
                           return equal_without_case(origin_of(other), origin);
                         });
    const bool is_public =
        !config.http.public_url.empty() && equal_without_case(origin_of(config.http.public_url), origin);
    return allowed || is_public ? Asker::kOurPage : Asker::kForeign;
  }
  const std::string_view site = request.header("sec-fetch-site");
  if (site == "same-origin") return Asker::kOurPage;
  // "none": the person typed the address or opened a bookmark.
  return site.empty() || site == "none" ? Asker::kNobody : Asker::kForeign;
}

}  // namespace halley::gateway
