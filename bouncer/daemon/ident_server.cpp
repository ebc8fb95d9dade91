#include "bouncer/daemon/ident_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bouncer/irc/line_buffer.h"

namespace halley {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Idents::Connection> parse_ident_query(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto local = port_of(trimmed(line.substr(0, comma))),
             remote = port_of(trimmed(line.substr(comma + 1)));
  if (!local || !remote) return std::nullopt;
  return Idents::Connection{.local_port = *local, .remote_port = *remote, .local = {}, .remote = {}};
}

std::string answer_ident_query(const Idents& idents, std::string_view line, const net::Peer& peer,
                               std::string_view local_address) {
  auto asked = parse_ident_query(line);
  if (!asked) return "0 , 0 : ERROR : INVALID-PORT";
  if (!peer.loopback) {
    asked->remote = peer.address;
    asked->local = local_address;
  }
  const auto ident = idents.find(*asked);
  const std::string ports = fmt::format("{} , {} : ", asked->local_port, asked->remote_port);
  return ident ? ports + "USERID : UNIX : " + *ident : ports + "ERROR : NO-USER";
}

class IdentServer::Asker final : private net::Stream::Listener {
 public:
  Asker(IdentServer& server, std::unique_ptr<net::Stream> stream, net::Peer peer)
      : server_(server),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        timer_(server.loop_.timer([this] { server_.end(*this); })) {
    timer_->start(kAnsweredWithinMs);
    stream_->listen(*this);
    stream_->resume();
  }

 private:
  void on_data(std::string_view bytes) override {
    if (answered_) return;
    lines_.feed(bytes);
    std::string_view line;
    const auto result = lines_.next(line);
    if (result == irc::LineBuffer::Result::kNeedMore) {
      lines_.save();
      return;
    }
    answered_ = true;
    const std::string answer =
        answer_ident_query(server_.idents_, result == irc::LineBuffer::Result::kLine ? line : "", peer_,
                           stream_->local_address()) +
        "\r\n";
    lines_.save();
    // A new connection takes so little at once; one that does not is of no use.
    const std::string_view slice = answer;
    (void)stream_->write({&slice, 1});
    stream_->close();
  }
  void on_drained() override {}
  void on_closed(std::string_view) override { server_.end(*this); }

  IdentServer& server_;
  std::unique_ptr<net::Stream> stream_;
  net::Peer peer_;
  irc::LineBuffer lines_{kMaxQuery};
  std::unique_ptr<net::Timer> timer_;
  bool answered_ = false;
};

IdentServer::IdentServer(net::Loop& loop, const Idents& idents)
    : loop_(loop), idents_(idents), drop_(loop.task([this] { ended_.clear(); })) {}

IdentServer::~IdentServer() = default;

void IdentServer::accept(std::unique_ptr<net::Stream> stream, net::Peer peer) {
  if (askers_.size() >= kMostAskers) end(*askers_.front());
  askers_.push_back(std::make_unique<Asker>(*this, std::move(stream), std::move(peer)));
}

// It may stand on the stack.
void IdentServer::end(Asker& asker) {
  const auto at = std::ranges::find(askers_, &asker, &std::unique_ptr<Asker>::get);
  if (at == askers_.end()) return;
  ended_.splice(ended_.end(), askers_, at);
  drop_->schedule();
}

}  // namespace halley
