#include "bouncer/daemon/proxied_door.h"

#include <utility>

#include "bouncer/net/begun_stream.h"
#include "gateway/api/client_info.h"
#include "gateway/http/proxy_protocol.h"

namespace halley {
namespace {

constexpr std::uint64_t kHeaderMs = 10'000, kLookMs = 1000;
constexpr std::string_view kBadHeader =
    "ERROR :Closing link: a header of the PROXY protocol cannot be understood\r\n";
constexpr std::string_view kCrowded =
    "ERROR :Closing link: too many connections from your address; close some, or try again later\r\n";

}  // namespace

// A connection of a trusted proxy whose first bytes are not known yet.
class ProxiedDoor::Arrival final : private net::Stream::Listener {
 public:
  Arrival(ProxiedDoor& door, std::unique_ptr<net::Stream> from, net::Peer who)
      : stream(std::move(from)),
        peer(std::move(who)),
        deadline_ms(door.loop_.clock().monotonic_ms() + kHeaderMs),
        door_(door) {
    stream->listen(*this);
    stream->resume();
  }

  std::unique_ptr<net::Stream> stream;
  net::Peer peer;
  const std::uint64_t deadline_ms;
  std::string bytes;

 private:
  void on_data(std::string_view more) override {
    bytes += more;
    gateway::ProxyWord word;
    std::size_t size = 0;
    if (gateway::parse_proxy_header(bytes, word, size) == gateway::ProxyResult::kMore) return;
    stream->pause();
    door_.arrived(*this);
  }
  void on_drained() override {}
  void on_closed(std::string_view) override {
    gone_ = true;
    door_.sweep_->schedule();
  }

  ProxiedDoor& door_;
  bool gone_ = false, silent_ = false;
  friend class ProxiedDoor;
};

ProxiedDoor::ProxiedDoor(net::Loop& loop, const Config& config, net::AddressLimits& addresses, Pass pass)
    : loop_(loop),
      config_(config),
      addresses_(addresses),
      pass_(std::move(pass)),
      farewells_(loop),
      sweep_(loop.task([this] { sweep(); })),
      timer_(loop.timer([this] { tick(); })) {}

ProxiedDoor::~ProxiedDoor() = default;

void ProxiedDoor::accept(std::unique_ptr<net::Stream> stream, net::Peer peer) {
  // Behind our own TLS there is a client, or a proxy that speaks IRC.
  if (peer.tls || !gateway::is_trusted_proxy(peer.address, config_))
    return pass_(std::move(stream), std::move(peer));
  waiting_.push_back(std::make_unique<Arrival>(*this, std::move(stream), std::move(peer)));
  if (!timer_->active()) timer_->start(kLookMs);
}

void ProxiedDoor::refuse(std::unique_ptr<net::Stream> stream, std::string_view why) {
  stream->write({&why, 1});
  farewells_.close(std::move(stream));
}

// Called from inside the stream's callback: what is passed on goes at the end of the turn.
void ProxiedDoor::arrived(Arrival& arrival) {
  arrival.gone_ = true;
  sweep_->schedule();
}

void ProxiedDoor::sweep() {
  std::vector<std::unique_ptr<Arrival>> here;
  std::erase_if(waiting_, [&](auto& arrival) {
    if (!arrival->gone_) return false;
    here.push_back(std::move(arrival));
    return true;
  });
  for (const auto& arrival : here) {
    gateway::ProxyWord word;
    std::size_t size = 0;
    const gateway::ProxyResult result = gateway::parse_proxy_header(arrival->bytes, word, size);
    if (result == gateway::ProxyResult::kMore && !arrival->silent_) continue;  // it ended before
    if (result == gateway::ProxyResult::kBad) {
      refuse(std::move(arrival->stream), kBadHeader);
      continue;
    }
    std::shared_ptr<void> place;
    if (result == gateway::ProxyResult::kDone &&
        !gateway::introduce(word, arrival->peer, place, addresses_, config_)) {
      refuse(std::move(arrival->stream), kCrowded);
      continue;
    }
    arrival->bytes.erase(0, result == gateway::ProxyResult::kDone ? size : 0);
    pass_(std::make_unique<net::BegunStream>(loop_, std::move(arrival->stream), std::move(arrival->bytes),
                                             std::move(place)),
          std::move(arrival->peer));
  }
}

void ProxiedDoor::tick() {
  const std::uint64_t now = loop_.clock().monotonic_ms();
  std::erase_if(waiting_, [&](const auto& arrival) {
    if (arrival->gone_ || arrival->deadline_ms > now) return false;
    if (!arrival->bytes.empty()) return true;
    // Who waits for us to speak is a client of this machine, not a proxy's.
    arrival->silent_ = arrival->gone_ = true;
    arrival->stream->pause();
    sweep_->schedule();
    return false;
  });
  if (!waiting_.empty()) timer_->start(kLookMs);
}

}  // namespace halley
