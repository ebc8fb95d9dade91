#include "bouncer/net/uv_dialer.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "bouncer/net/address.h"
#include "bouncer/net/begun_stream.h"
#include "bouncer/net/error_text.h"
#include "bouncer/net/origin.h"
#include "bouncer/net/socks5.h"
#include "bouncer/net/tls_stream.h"
#include "bouncer/net/uv_connect.h"
#include "bouncer/net/uv_socket.h"

namespace halley::net {

namespace {

class UvDial;

// Lives until libuv calls back, which it does after a cancellation too.
struct LookUp {
  uv_getaddrinfo_t request{};
  UvDial* dial = nullptr;  // null: cancelled
};

class UvDial final : public Dial, private Stream::Listener {
 public:
  UvDial(UvLoop& loop, const TlsContext& tls, const DialTarget& target, Dialer::Done done);
  ~UvDial() override;

 private:
  std::string refused_by_proxy() const;
  void look_up();
  void on_looked_up(int status, const addrinfo* list);
  std::string choose(const addrinfo* list);
  void race();
  void connected(const UvConnect::Connected& won);
  bool by_proxy() const { return !target_.proxy_host.empty(); }
  void ask_proxy(std::unique_ptr<Stream> socket);
  bool say_to_proxy(std::string_view bytes);
  void on_data(std::string_view bytes) override;
  void on_drained() override {}
  void on_closed(std::string_view reason) override;
  void secure(std::unique_ptr<Stream> stream);
  void shaken(const std::string& error);
  std::string certificate_advice() const;
  void timed_out();
  void fail(std::string sentence);
  void finish(std::expected<Dialled, std::string> result);
  std::string where() const { return host_and_port(target_.host, target_.port); }
  std::string where_proxy() const { return host_and_port(target_.proxy_host, target_.proxy_port); }

  UvLoop& loop_;
  const TlsContext& tls_;
  DialTarget target_;
  Dialer::Done done_;
  std::unique_ptr<Timer> total_;
  std::unique_ptr<Task> late_failure_;  // for what is wrong before anything was tried
  LookUp* look_up_ = nullptr;           // freed by its callback
  std::vector<Address> addresses_;
  std::unique_ptr<UvConnect> connect_;
  std::optional<Socks5> socks_;    // while the proxy is being asked
  std::unique_ptr<Stream> asked_;  // ... by this
  std::unique_ptr<TlsStream> stream_;
  Peer peer_;
};

UvDial::UvDial(UvLoop& loop, const TlsContext& tls, const DialTarget& target, Dialer::Done done)
    : loop_(loop), tls_(tls), target_(target), done_(std::move(done)) {
  total_ = loop_.timer([this] { timed_out(); });
  total_->start(target_.timeout_ms);
  const std::string refusal = refused_by_proxy();
  if (refusal.empty()) {
    look_up();
    return;
  }
  late_failure_ = loop_.task([this, refusal] { fail(refusal); });
  late_failure_->schedule();
}

UvDial::~UvDial() {
  if (look_up_ == nullptr) return;
  look_up_->dial = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&look_up_->request));
}

// A proxy on this machine or in its network must not be a way to what is private there. Names are the proxy's
// to find, and those that are private its own to refuse.
std::string UvDial::refused_by_proxy() const {
  if (!by_proxy() || target_.allow_private_hosts) return {};
  std::string_view host = target_.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  const Address numeric = Address::numeric(std::string(host), 0);
  const auto authority = Authority::parse(host);
  // "127.1", "0x7f.1" and the like are addresses to some resolvers: no name of a host ends so.
  const std::string_view last = host.substr(host.rfind('.') + 1);
  const bool number = !last.empty() && last[0] >= '0' && last[0] <= '9';
  const bool refused = numeric.valid() ? !numeric.is_public() : number || !authority || authority->loopback();
  if (!refused) return {};
  return fmt::format(
      "cannot connect to {}: it is private, and that is refused here. An administrator can allow it: {}.",
      where(), target_.allow_setting);
}

void UvDial::look_up() {
  auto request = std::make_unique<LookUp>();
  request->dial = this;
  request->request.data = request.get();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // libuv wants a name without the brackets that addresses of IPv6 have in a URL.
  const std::string& named = by_proxy() ? target_.proxy_host : target_.host;
  const Address numeric = Address::numeric(named, 0);
  const std::string host = numeric.valid() ? numeric.text() : named;
  const int status = uv_getaddrinfo(
      static_cast<uv_loop_t*>(loop_.native()), &request->request,
      [](uv_getaddrinfo_t* answered, int result, addrinfo* list) noexcept {
        const std::unique_ptr<LookUp> owned(static_cast<LookUp*>(answered->data));
        if (owned->dial != nullptr) owned->dial->on_looked_up(result, list);
        uv_freeaddrinfo(list);
      },
      host.c_str(), nullptr, &hints);
  if (status == 0) {
    look_up_ = request.release();
    return;
  }
  late_failure_ = loop_.task(
      [this] { fail(fmt::format("\"{}\" is no host name. Mend the network's address.", target_.host)); });
  late_failure_->schedule();
}

void UvDial::on_looked_up(int status, const addrinfo* list) {
  look_up_ = nullptr;
  if (status == UV_EAI_NONAME || status == UV_EAI_NODATA) {
    return fail(fmt::format("cannot find {}: no such host. Check the name.", target_.host));
  }
  if (status != 0) {
    return fail(fmt::format("cannot find {}: {}. Check this machine's name servers and its network.",
                            target_.host, uv_strerror(status)));
  }
  const std::string refusal = choose(list);
  if (!refusal.empty()) return fail(refusal);
  race();
}

// Empty, or why none of the addresses will do.
std::string UvDial::choose(const addrinfo* list) {
  if (by_proxy()) {
    for (; list != nullptr; list = list->ai_next) {
      addresses_.emplace_back(list->ai_addr, list->ai_addrlen);
      addresses_.back().set_port(target_.proxy_port);
    }
    return {};
  }
  const Address bound = Address::numeric(target_.bind_address, 0);
  if (!target_.bind_address.empty() && !bound.valid()) {
    return fmt::format("cannot connect to {}: the local address \"{}\" is not a numeric one. Mend {}.",
                       where(), target_.bind_address, target_.bind_setting);
  }
  std::string refused;
  bool other_family = false;
  for (; list != nullptr; list = list->ai_next) {
    Address address(list->ai_addr, list->ai_addrlen);
    address.set_port(target_.port);
    if (!target_.allow_private_hosts && !address.is_public()) {
      refused = address.text();
    } else if (bound.valid() && bound.family() != address.family()) {
      other_family = true;
    } else {
      addresses_.push_back(address);
    }
  }
  if (!addresses_.empty()) return {};
  if (other_family) {
    return fmt::format(
        "cannot connect to {}: it has no address of the same kind (IPv4 or IPv6) as the local address {}. "
        "Change {}.",
        where(), target_.bind_address, target_.bind_setting);
  }
  return fmt::format(
      "cannot connect to {}: its address {} is private, and those are refused here. An administrator can "
      "allow them: {}.",
      where(), refused, target_.allow_setting);
}

void UvDial::race() {
  const Address bound = by_proxy() ? Address() : Address::numeric(target_.bind_address, 0);
  connect_ = std::make_unique<UvConnect>(loop_, take_turns(addresses_), bound, [this](auto result) {
    if (result) return connected(*result);
    if (by_proxy())
      return fail(
          fmt::format("cannot reach the SOCKS proxy {}: {}. Check [upstream] "
                      "socks, and that it runs.",
                      where_proxy(), result.error()));
    fail(
        fmt::format("cannot connect to {}: {}. Check host and port, and "
                    "that the server runs.",
                    where(), result.error()));
  });
  if (!by_proxy()) connect_->on_attempt = target_.on_attempt;
  connect_->start();
}

void UvDial::connected(const UvConnect::Connected& won) {
  auto socket = std::make_unique<UvSocket>(loop_, won.descriptor);
  peer_ = {.address = won.address.text(),
           .loopback = won.address.is_loopback(),
           .tls = target_.tls,
           .cert_fingerprint = {}};
  if (by_proxy()) return ask_proxy(std::move(socket));
  secure(std::move(socket));
}

// Connected, and what follows is the network's.
void UvDial::secure(std::unique_ptr<Stream> stream) {
  if (!target_.tls) return finish(Dialled{std::move(stream), peer_});
  auto engine = TlsEngine::client(tls_, {.host = target_.host,
                                         .pins = target_.cert_pins,
                                         .certificate_pem = target_.client_cert_pem,
                                         .certificate_key_pem = target_.client_key_pem});
  if (!engine) return fail(fmt::format("cannot talk TLS with {}: {}", where(), engine.error()));
  stream_ = std::make_unique<TlsStream>(loop_, std::move(stream), std::move(*engine));
  stream_->handshake([this](const std::string& error) { shaken(error); });
}

void UvDial::ask_proxy(std::unique_ptr<Stream> socket) {
  peer_.loopback = false;  // of the network nothing is known but its name
  socks_.emplace(target_.host, target_.port, target_.proxy_user);
  asked_ = std::move(socket);
  asked_->listen(*this);
  if (say_to_proxy(Socks5::greeting())) asked_->resume();
}

// A few hundred bytes, which the kernel of a new connection takes. False: it does not, and this has failed.
bool UvDial::say_to_proxy(std::string_view bytes) {
  if (asked_->write({&bytes, 1}) == bytes.size()) return true;
  fail(fmt::format("cannot reach {}: the SOCKS proxy {} does not read", where(), where_proxy()));
  return false;
}

void UvDial::on_data(std::string_view bytes) {
  std::string out;
  const Socks5::Step step = socks_->feed(bytes, out);
  if (step == Socks5::Step::kFailed)
    return fail(
        fmt::format("cannot reach {} by the SOCKS proxy {}: {}.", where(), where_proxy(), socks_->error()));
  if (step == Socks5::Step::kMore) {
    if (!out.empty()) (void)say_to_proxy(out);
    return;
  }
  asked_->pause();
  // An IRC server may have spoken at once.
  secure(std::make_unique<BegunStream>(loop_, std::move(asked_), socks_->rest()));
}

void UvDial::on_closed(std::string_view reason) {
  fail(fmt::format("cannot reach {}: the SOCKS proxy {} closed the connection{}{}", where(), where_proxy(),
                   reason.empty() ? "" : ": ", reason));
}

void UvDial::shaken(const std::string& error) {
  if (error.empty()) {
    peer_.cert_fingerprint = stream_->peer_fingerprint();
    auto stream = std::move(stream_);
    return finish(Dialled{std::move(stream), peer_});
  }
  fail(fmt::format("cannot talk TLS with {}: {}. {}", where(), error, certificate_advice()));
}

// Nobody is told to pin what was shown just now: that is what one who listens in would have shown.
std::string UvDial::certificate_advice() const {
  if (!stream_->certificate_refused()) return "Check that this port is for TLS.";
  const std::string& shown = stream_->peer_fingerprint();
  if (target_.cert_pins.empty())
    return fmt::format(
        "Ask its operators for the SHA-256 of their certificate, and pin it if it is this one: {}.", shown);
  return fmt::format(
      "Somebody may be listening in. Pin another one only when its operators say elsewhere that they have "
      "changed "
      "it; the one shown now has the SHA-256 {}.",
      shown);
}

void UvDial::timed_out() {
  const char* const doing = look_up_ != nullptr  ? "find"
                            : stream_ != nullptr ? "talk TLS with"
                            : asked_ != nullptr  ? "reach, by the SOCKS proxy,"
                                                 : "connect to";
  fail(fmt::format("cannot {} {}: no answer within {} s. Check host and port, and this machine's network.",
                   doing, where(), (target_.timeout_ms + 999) / 1000));
}

void UvDial::fail(std::string sentence) {
  finish(std::unexpected(std::move(sentence)));
}

// The last thing that is done: the callback may destroy this.
void UvDial::finish(std::expected<Dialled, std::string> result) {
  total_->stop();
  connect_.reset();
  asked_.reset();
  stream_.reset();
  if (look_up_ != nullptr) {
    look_up_->dial = nullptr;
    uv_cancel(reinterpret_cast<uv_req_t*>(&std::exchange(look_up_, nullptr)->request));
  }
  auto done = std::move(done_);
  done(std::move(result));
}

}  // namespace

std::unique_ptr<Dial> UvDialer::dial(const DialTarget& target, Done done) {
  return std::make_unique<UvDial>(loop_, tls_, target, std::move(done));
}

}  // namespace halley::net
