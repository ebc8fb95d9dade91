#include "bouncer/cli/control_server.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/cli/control_protocol.h"

namespace halley::cli {
namespace {
constexpr std::size_t kMostConnections = 64;
}

// One connection: a request, its reply, the next request.
class ControlServer::Connection final : public net::Stream::Listener {
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
    if (closing_) return;
    if (in_.size() + bytes.size() > kMostRequest) {
      return refuse_and_close("the input is more than 16 MiB; split it");
    }
    in_ += bytes;
    handle();
  }

  void on_drained() override { flush(); }

  void on_closed(std::string_view) override {
    closing_ = true;
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
    server_.runner_.run({}, request->args, request->input,
                        [this, alive = std::weak_ptr<int>(alive_)](CommandResult result) {
                          if (!alive.expired()) reply(result);
                        });
  }

  void reply(const CommandResult& result) {
    out_ += format_reply(result);
    flush();
  }

  void flush() {
    const std::string_view all = out_;
    if (all.empty()) return;
    out_.erase(0, stream_->write({&all, 1}));
    if (!out_.empty()) return;  // on_drained goes on
    busy_ = false;
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
