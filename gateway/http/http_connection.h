// One HTTP connection: requests in order, one answered before the next is looked at (so that pipelining is in
// order by construction), and at the end perhaps a stream that goes on.
//
// Thread: the loop's. Owner: the HttpServer, which drops it at the end of the turn in which it ended. Bounds:
// request.h; 10 s for a head from its first byte, 30 s more for a body, 60 s idle, 60 s without a byte of an
// answer taken, and for all of an answer a minute and a second for each KiB. A peer that does not take its
// answer is not read. Of requests that came together eight are answered in a turn of the loop, or fewer where
// those of other connections take long (Host::has_turn); the next ones wait, whole, for a later one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/net/stream.h"
#include "gateway/http/body_sink.h"
#include "gateway/http/proxy_protocol.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/responder.h"
#include "gateway/http/response.h"
#include "gateway/http/stream_body.h"

namespace halley::gateway {

class HttpConnection final : private net::Stream::Listener, private Responder::Connection {
 public:
  struct Answered {
    const Request* request;  // null: it was refused before it was whole
    const net::Peer& peer;
    int status;
    std::size_t bytes;  // of the body; 0 of a stream, which has just begun
    std::uint64_t took_ms;
    std::string_view id;  // the request's name; empty: it has none
  };
  // What it asks of its owner.
  class Host {
   public:
    // May answer at once or later. `request` is valid during the call.
    virtual void handle(const Request& request, const net::Peer& peer, Responder respond) = 0;
    // Whose body goes elsewhere: begin_body() is called when the head is there. `respond` refuses it, or
    // `take` is given where it goes, at once or later.
    virtual RequestParser::Streams long_bodies() const { return nullptr; }
    using TakeBody = std::function<void(std::shared_ptr<BodySink> sink)>;
    struct Coming {
      const Request& request;
      const net::Peer& peer;
      std::uint64_t bytes;  // as announced; 0: not
    };
    virtual void begin_body(const Coming&, const Responder&, TakeBody) {}
    // Does the browser see https here?
    virtual bool is_https(const Request& request, const net::Peer& peer) const = 0;
    // A trusted proxy says who speaks: `peer` and `place` become theirs. False: they may not connect.
    virtual bool introduce(const ProxyWord& word, net::Peer& peer, std::shared_ptr<void>& place) = 0;
    // The name that a request goes by in the access log and in its answer; empty: none.
    virtual std::string take_request_id(const Request& request, const net::Peer& peer) = 0;
    virtual void answered(const Answered& answer) = 0;
    virtual void ended(HttpConnection& connection) = 0;
    // May one more request be handled in this turn of the loop? True: it is going to be.
    virtual bool has_turn() = 0;
    // Calls take_turn() in a later turn of the loop, unless the connection is over by then.
    virtual void wait_for_turn(HttpConnection& connection, const Request& request, const net::Peer& peer) = 0;
    virtual std::uint64_t turn_number() const = 0;  // of the loop
    virtual std::uint64_t now_ms() const = 0;
    virtual std::string_view date() = 0;

   protected:
    ~Host() = default;
  };

  // `place`: kept as long as the connection is. `proxied`: a header of the PROXY protocol may come first.
  HttpConnection(Host& host, std::unique_ptr<net::Stream> stream, net::Peer peer,
                 std::shared_ptr<void> place = nullptr, bool proxied = false);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection();

  // Looks at its deadline; about once a second.
  void tick(std::uint64_t now_ms);
  // Ends soon: an answer on its way is finished.
  void shut();
  // Handles the request that waits for its turn. REQUIRES: it has asked for that.
  void take_turn();
  bool over() const { return state_.phase == Phase::kEnded; }

 private:
  enum class Phase { kReading, kWaiting, kHandling, kWriting, kStreaming, kClosing, kEnded };
  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;
  void respond(Response response) override;
  void keep(std::shared_ptr<void> what) override { kept_.push_back(std::move(what)); }
  void respond_with_stream(Response head, const MakeBody& make) override;

  void listen_to_proxy(std::string_view bytes);
  void consume(std::string_view bytes);
  void hold(std::string_view bytes);
  bool waits_for_turn();
  void handle_at_hand();
  void release_parser();
  void request_ready();
  void look_at_request();
  void begin_handling();
  void body_begins();
  void take_body(std::shared_ptr<BodySink> sink);
  bool pour();
  void wait_for_body();
  void go_ahead();
  void refuse(const Refusal& refusal);
  void drop_sink();
  void write();
  void written();
  void wait(std::uint64_t ms);
  void wait_for_taker();
  void tell_answered(Response& response);
  void close();

  // What it is, as values (besides its stream, what is left of a fixed body, and what a parser or a stream's
  // body has).
  struct State {
    net::Peer peer;
    Phase phase = Phase::kReading;
    std::optional<std::string> preface = {};  // what came while it may still be a proxy's header
    std::string held = {};                    // bytes behind the request at hand
    std::string out = {};                     // what is being written: the head, and a body of our own
    std::size_t out_at = 0;                   // bytes of it that are out
    std::uint64_t deadline_ms = 0;            // 0: none
    std::uint64_t body_by_ms = 0;             // when all of a body that goes elsewhere must be there
    std::uint64_t taken_by_ms = 0;            // when all of the answer must be out
    std::uint64_t asked_ms = 0;  // when the request at hand was whole, or its body began to go elsewhere
    std::uint64_t turn = 0;      // of the loop, in which ...
    std::size_t in_turn = 0;     // so many requests were answered
    std::string id = {};         // its name in the access log; empty: none
    bool keep_alive = true, head_only = false, http11 = true, shutting = false;
    bool https = false;
  };

  Host& host_;
  State state_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<RequestParser> parser_;  // null while streaming
  std::unique_ptr<StreamBody> body_;       // while streaming; destroyed before the stream
  std::shared_ptr<Connection*> right_;     // to answer the request at hand
  std::shared_ptr<BodySink> sink_;         // where its body goes; null: it is kept with the request
  std::string_view out_fixed_;             // of a body that outlives us, what is not yet out
  std::shared_ptr<void> place_;
  std::vector<std::shared_ptr<void>> kept_;  // until the answer is out
  bool consuming_ = false;
};

}  // namespace halley::gateway
