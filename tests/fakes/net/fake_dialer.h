// A dialler that reaches nobody: it records each target, and the test answers.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/net/dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

namespace halley::fakes {

// Answers reach the caller in the next turn of the loop, and not at all when the Dial was destroyed before.
class FakeDialer final : public net::Dialer {
 public:
  explicit FakeDialer(FakeLoop& loop) : loop_(loop) {}

  std::unique_ptr<net::Dial> dial(const net::DialTarget& target, Done done) override {
    auto attempt = std::make_shared<Attempt>();
    attempt->target = target;
    attempt->done = std::move(done);
    attempts_.push_back(attempt);
    return std::make_unique<FakeDial>(attempt);
  }

  std::size_t count() const { return attempts_.size(); }  // all dials so far
  const net::DialTarget& target(std::size_t at) const { return attempts_.at(at)->target; }
  const net::DialTarget& last_target() const { return attempts_.back()->target; }
  bool cancelled(std::size_t at) const { return attempts_.at(at)->cancelled; }
  // Dials that are neither answered nor cancelled.
  std::size_t waiting() const {
    std::size_t number = 0;
    for (const auto& attempt : attempts_) number += attempt->answered || attempt->cancelled ? 0 : 1;
    return number;
  }

  // Answers dial `at` with one end of a new pipe, and returns the other: the server's. Each dial has its own
  // splits.
  std::unique_ptr<FakePeer> accept(std::size_t at, PipeOptions options = {},
                                   net::Peer peer = {"192.0.2.1", false, false, ""}) {
    options.seed += at;
    auto [near, far] = FakeStream::make_pair(loop_, options);
    answer(at, net::Dialled{std::move(near), std::move(peer)});
    return std::make_unique<FakePeer>(std::move(far));
  }
  std::unique_ptr<FakePeer> accept_last(PipeOptions options = {}) {
    return accept(attempts_.size() - 1, options);
  }
  void refuse(std::size_t at, std::string error) { answer(at, std::unexpected(std::move(error))); }
  void refuse_last(std::string error) { refuse(attempts_.size() - 1, std::move(error)); }

 private:
  struct Attempt {
    net::DialTarget target;
    Done done;
    bool answered = false, delivered = false, cancelled = false;
  };
  class FakeDial final : public net::Dial {
   public:
    explicit FakeDial(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
    ~FakeDial() override { attempt_->cancelled = !attempt_->delivered; }

   private:
    std::shared_ptr<Attempt> attempt_;
  };

  void answer(std::size_t at, std::expected<net::Dialled, std::string> result) {
    const auto attempt = attempts_.at(at);
    attempt->answered = true;
    auto held = std::make_shared<std::expected<net::Dialled, std::string>>(std::move(result));
    loop_.post([attempt, held] {
      if (attempt->cancelled) return;
      attempt->delivered = true;
      attempt->done(std::move(*held));
    });
  }

  FakeLoop& loop_;
  std::vector<std::shared_ptr<Attempt>> attempts_;
};

}  // namespace halley::fakes
