// How a network is reached: by which of its addresses, from where, and by which proxy.
#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/net/origin.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

bool Upstream::next_url(NetworkUrl& url) {
  const std::vector<std::string_view> urls = split_urls(network_.row().urls);
  if (urls.empty()) return false;
  const auto parsed = parse_network_url(urls[state_.url_index++ % urls.size()]);
  if (!parsed) {
    state_.trouble = parsed.error();
    return false;
  }
  url = *parsed;
  return true;
}

void Upstream::dial() {
  state_.connect_at_ms = 0;
  NetworkUrl url;
  if (!next_url(url)) {
    lost(state_.trouble.empty()
             ? fmt::format("no address is configured: /msg *halley network set {} url=ircs://...",
                           network_.name())
             : std::string(state_.trouble),
         true);
    return;
  }
  if (!state_.paced) {
    // A place in the queue towards this host; then again from here, with the same address.
    state_.paced = true;
    const std::uint64_t delay = parts_.pacer.take(url.host);
    if (delay > 0) {
      --state_.url_index;
      dial_in(delay);
      return;
    }
  }
  state_.paced = false;
  set_link(Link::kConnecting);
  sts_.secure(url, clock().wall_us() / 1'000'000);
  state_.dialled = url;
  net::DialTarget target;
  if (!find_target(url, target)) return;
  idents_.reset();
  if (parts_.idents.wanted() && target.proxy_host.empty()) {
    target.on_attempt = [this](const net::Address& local, const net::Address& remote) {
      if (!idents_) idents_ = std::make_unique<std::vector<Idents::Place>>();
      idents_->push_back(parts_.idents.add(local, remote, ident()));
    };
  }
  dial_ = parts_.dialer.dial(target, [this](std::expected<net::Dialled, std::string> result) {
    // The attempt must outlive its own callback.
    parts_.loop.defer([dial = std::shared_ptr<net::Dial>(std::move(dial_))] {});
    if (!result) {
      lost(result.error(), false);
    } else {
      connected(std::move(*result));
    }
  });
}

std::string Upstream::ident() const {
  const bool named = parts_.config.ident == Config::UpstreamConfig::Ident::kUsername;
  const std::string& username = network_.row().username;
  return ident_text(named && !username.empty() ? username : network_.user().name());
}

// False: the link is lost, and will be tried again.
bool Upstream::find_target(const NetworkUrl& url, net::DialTarget& target) {
  target.host = url.host;
  target.port = url.port;
  target.tls = url.tls;
  target.bind_address = bind_address(user().row());
  if (target.bind_address.empty()) {
    target.bind_address = parts_.config.bind;
  } else {
    target.bind_setting = "the user's setting bind";
  }
  if (by_socks(network_.row()) && !find_proxy(target)) return false;
  target.allow_private_hosts = parts_.config.allow_private_hosts;
  for (const std::string_view pin : split_urls(network_.row().cert_pins)) target.cert_pins.emplace_back(pin);
  if (network_.row().sealed_client_cert.empty()) return true;
  auto pem = unseal(seal_purpose::kClientCert, network_.row().sealed_client_cert);
  if (!pem) {
    lost("the client certificate cannot be unsealed: " + pem.error(), true);
    return false;
  }
  target.client_cert_pem = target.client_key_pem = *pem;
  return true;
}

bool Upstream::hear_sts(std::string_view value) {
  if (!sts_.hear(state_.dialled, value, clock().wall_us() / 1'000'000)) return false;
  drop("the network asks for TLS", false);
  --state_.url_index;  // the same address
  schedule_connect(0);
  return true;
}

bool Upstream::find_proxy(net::DialTarget& target) {
  const auto proxy = net::Authority::parse(parts_.config.socks);
  if (!proxy || proxy->port == 0) {
    lost(
        "this network is to be reached by a SOCKS proxy (via), and there is none: set upstream.socks in "
        "halley.toml, or via=direct",
        true);
    return false;
  }
  target.proxy_host = proxy->host;
  target.proxy_port = proxy->port;
  // Tor keeps apart who comes under different names: each network has its own way, and no two users share
  // one.
  target.proxy_user = fmt::format("halley-{}-{}", user().id(), network_.id());
  return true;
}

}  // namespace halley
