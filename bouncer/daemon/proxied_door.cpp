#include "bouncer/daemon/proxied_door.h"

#include <utility>

#include "gateway/api/client_info.h"
#include "gateway/http/proxy_protocol.h"

namespace halley {
namespace {

constexpr std::uint64_t kHeaderMs = 10'000, kLookMs = 1000;
constexpr std::string_view kBadHeader =
    "ERROR :Closing link: a header of the PROXY protocol cannot be understood\r\n";
constexpr std::string_view kCrowded =
    "ERROR :Closing link: too many connections from your address; close some, or try again later\r\n";

// A stream of which bytes have been read already: they come first.
class BegunStream final : public net::Stream, private net::Stream::Listener {
 public:
  // `place`: goes with the stream.
  BegunStream(net::Loop& loop, std::unique_ptr<net::Stream> stream, std::string begun,
              std::shared_ptr<void> place)
      : place_(std::move(place)),
        stream_(std::move(stream)),
        begun_(std::move(begun)),
        tell_(loop.task([this] { tell(); })) {
    stream_->listen(*this);
  }

  void listen(net::Stream::Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override { return stream_->write(slices); }
  std::size_t queued() const override { return stream_->queued(); }
  std::size_t unacknowledged() const override { return stream_->unacknowledged(); }
  void pause() override {
    paused_ = true;
    stream_->pause();
  }
  void resume() override {
    paused_ = false;
    if (begun_.empty())
      stream_->resume();
    else
      tell_->schedule();
  }
  void close() override {
    begun_.clear();
    stream_->close();
  }
  std::expected<int, std::string> give_up() override {
    if (!begun_.empty()) return std::unexpected("bytes of this connection have been read already");
    return stream_->give_up();
  }

 private:
  void tell() {
    if (paused_ || begun_.empty() || listener_ == nullptr) return;
    const std::string bytes = std::exchange(begun_, {});
    stream_->resume();
    listener_->on_data(bytes);  // may destroy this
  }
  void on_data(std::string_view bytes) override { listener_->on_data(bytes); }
  void on_drained() override {
    if (listener_ != nullptr) listener_->on_drained();
  }
  void on_closed(std::string_view reason) override {
    begun_.clear();
    if (listener_ != nullptr) listener_->on_closed(reason);
  }

  std::shared_ptr<void> place_;
  std::unique_ptr<net::Stream> stream_;
  std::string begun_;
  std::unique_ptr<net::Task> tell_;
  net::Stream::Listener* listener_ = nullptr;
  bool paused_ = true;
};

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
    pass_(std::make_unique<BegunStream>(loop_, std::move(arrival->stream), std::move(arrival->bytes),
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
