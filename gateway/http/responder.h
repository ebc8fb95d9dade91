// The right to answer one request, once. It may be kept until the answer is known; when the connection has
// gone meanwhile, or the answer was given, it does nothing.
//
// Thread: the loop's. A value: copies share the one right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "bouncer/net/byte_count.h"
#include "bouncer/net/stream.h"
#include "gateway/http/response.h"
#include "gateway/http/stream_body.h"

namespace halley::gateway {

using HeldAnswers = net::ByteCount<std::uint32_t>;  // of users, by their UserId

class Responder {
 public:
  // Bytes of answers to a user's requests that nobody takes.
  static constexpr std::size_t kMostUnreadAnswers = std::size_t{16} << 20;

  // What a connection lets its requests do.
  class Connection {
   public:
    virtual void respond(Response response) = 0;
    // Kept until the answer is out, or its stream has ended.
    virtual void keep(std::shared_ptr<void> what) = 0;
    using MakeBody =
        std::function<std::unique_ptr<StreamBody>(net::Stream& stream, std::string_view head, bool chunked)>;
    // The answer is a stream: `make` is given the head's bytes to send first.
    virtual void respond_with_stream(Response head, const MakeBody& make) = 0;

   protected:
    ~Connection() = default;
  };

  Responder() = default;
  explicit Responder(std::weak_ptr<Connection*> connection) : connection_(std::move(connection)) {}

  // Somebody still waits for this answer.
  bool waiting() const { return !connection_.expired(); }
  // The answer is for a frame of a page of ours (response.h: frame_document). REQUIRES: `nonce` outlives it.
  Responder in_frame(std::string_view nonce) const {
    Responder copy = *this;
    copy.nonce_ = nonce;
    return copy;
  }
  // The answer's bytes count among what is held for `user` until they are out; where that would be too much
  // the answer to what `only_asks` is an error. REQUIRES: `held` outlives every connection.
  Responder held_for(std::uint32_t user, HeldAnswers& held, bool only_asks) const {
    Responder copy = *this;
    copy.user_ = user;
    copy.held_ = &held;
    copy.only_asks_ = only_asks;
    return copy;
  }
  void send(Response response) const {
    const auto connection = connection_.lock();
    if (!connection) return;
    if (held_ && !hold(response.body.size())) response = unread_answers();
    (*connection)
        ->respond(nonce_.empty() ? std::move(response) : frame_document(std::move(response), nonce_));
  }
  static Response unread_answers() {
    return error_response(429, "unread_answers",
                          "Too much that you asked for is not read yet: read it, or close those connections.")
        .header("Retry-After", "10");
  }
  // Kept until the answer is out, or the connection has gone: a place that is given back then.
  void keep(std::shared_ptr<void> what) const {
    if (const auto connection = connection_.lock()) (*connection)->keep(std::move(what));
  }
  void stream(Response head, const Connection::MakeBody& make) const {
    if (const auto connection = connection_.lock()) (*connection)->respond_with_stream(std::move(head), make);
  }

 private:
  bool hold(std::size_t bytes) const {
    auto place =
        held_->take(user_, bytes, only_asks_ ? kMostUnreadAnswers : std::numeric_limits<std::size_t>::max());
    if (!place) return false;
    keep(std::move(place));
    return true;
  }

  std::weak_ptr<Connection*> connection_;
  std::uint32_t user_ = 0;
  bool only_asks_ = false;
  HeldAnswers* held_ = nullptr;  // null: it does not count
  std::string_view nonce_;       // empty: the answer goes out as it is
};

}  // namespace halley::gateway
