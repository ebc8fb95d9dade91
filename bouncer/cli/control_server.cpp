#include "bouncer/cli/control_server.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/cli/control_protocol.h"
#include "bouncer/cli/follower.h"

namespace halley::cli {
namespace {
constexpr std::size_t kMostConnections = 64;
constexpr std::size_t kMostToldBytes = std::size_t{256} << 10;  // that wait for a peer that follows
}  // namespace

// One connection: a request, its reply, the next request. Of a command that goes on it is the follower until
// it is closed: what is said meanwhile is passed over.
class ControlServer::Connection final : public net::Stream::Listener {
  // For whoever tells: it goes with the connection.
  class Following final : public Follower {
   public:
    explicit Following(Connection& connection) : connection_(connection) {}
    void begin() override { connection_.begin_following(); }
    void tell(const nlohmann::json& piece) override { connection_.tell(piece); }
    void end(CommandResult result) override { connection_.reply(result); }

   private:
    Connection& connection_;
  };

 public:
  Connection(ControlServer& server, std::unique_ptr<net::Stream> stream)
      : server_(server), stream_(std::move(stream)) {
    stream_->listen(*this);
    stream_->resume();
  }

  void refuse_and_close(std::string why) {
    closing_ = true;
    reply(CommandResult::refuse(std::move(why)));
  }

 private:
  void on_data(std::string_view bytes) override {
    if (closing_ || following_) return;
    if (in_.size() + bytes.size() > kMostRequest) {
      return refuse_and_close("the input is more than 16 MiB; split it");
    }
    in_ += bytes;
    handle();
  }

  void on_drained() override { flush(); }

  void on_closed(std::string_view) override {
    closing_ = true;
    follower_.reset();
    server_.drop(*this);
  }

  // The next whole request, when none is under way.
  void handle() {
    if (busy_ || closing_) return;
    const std::size_t end = in_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = in_.size();
      return;
    }
    const auto request = parse_request(std::string_view(in_).substr(0, end));
    in_.erase(0, end + 1);
    searched_ = 0;
    if (!request) return refuse_and_close(request.error());
    busy_ = true;
    stream_->pause();
    follower_ = std::make_shared<Following>(*this);
    server_.runner_.run(
        {}, request->args, request->input,
        [this, alive = std::weak_ptr<int>(alive_)](CommandResult result) {
          if (!alive.expired()) reply(result);
        },
        {.follower = follower_, .on_progress = request->progress ? teller() : storage::OnProgress()});
  }

  storage::OnProgress teller() {
    return [this, alive = std::weak_ptr<int>(alive_)](const storage::WorkProgress& progress) {
      if (!alive.expired()) tell_progress(progress);
    };
  }

  // To a peer that has not read the last one nothing is told: the next one says more.
  void tell_progress(const storage::WorkProgress& progress) {
    if (closing_ || !busy_ || replied_ || !out_.empty()) return;
    out_ += format_progress(progress);
    flush();
  }

  void begin_following() {
    following_ = true;
    in_.clear();
    stream_->resume();  // only what is read tells that the peer has gone
  }

  void tell(const nlohmann::json& piece) {
    if (closing_) return;
    if (out_.size() >= kMostToldBytes) {
      ++lost_;
      return;
    }
    out_ += format_piece(piece);
    flush();
  }

  void reply(const CommandResult& result) {
    following_ = false;
    replied_ = true;
    follower_.reset();
    tell_lost();
    out_ += format_reply(result);
    flush();
  }

  void tell_lost() {
    if (lost_ > 0) out_ += format_piece({{"lost", std::exchange(lost_, 0)}});
  }

  void flush() {
    const std::string_view all = out_;
    if (all.empty()) return;
    out_.erase(0, stream_->write({&all, 1}));
    if (!out_.empty()) return;  // on_drained goes on
    if (following_) {
      if (lost_ == 0) return;
      tell_lost();
      return flush();
    }
    if (!replied_) return;  // that was how far it has got
    busy_ = replied_ = false;
    if (closing_) return stream_->close();
    stream_->resume();
    // Not from here: a thousand requests in one piece would nest as deep.
    server_.loop_.defer([this, alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired()) handle();
    });
  }

  ControlServer& server_;
  std::unique_ptr<net::Stream> stream_;
  std::string in_, out_;
  std::size_t searched_ = 0;  // of in_, already seen to hold no line end
  bool busy_ = false, closing_ = false;
  bool replied_ = false;  // what is in out_ is a reply, or ends with one
  bool following_ = false;
  std::uint64_t lost_ = 0;  // pieces that had no room, not yet told
  std::shared_ptr<Follower> follower_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

ControlServer::ControlServer(net::Loop& loop, CommandRunner& runner) : loop_(loop), runner_(runner) {}
ControlServer::~ControlServer() = default;

void ControlServer::accept(std::unique_ptr<net::Stream> stream) {
  const bool full = connections_.size() >= kMostConnections;
  if (connections_.size() >= 2 * kMostConnections) return;  // not even told
  connections_.push_back(std::make_unique<Connection>(*this, std::move(stream)));
  if (full) connections_.back()->refuse_and_close("too many commands at once; try again in a moment");
}

void ControlServer::drop(Connection& connection) {
  loop_.defer([this, &connection, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    std::erase_if(connections_, [&](const auto& item) { return item.get() == &connection; });
  });
}

}  // namespace halley::cli
