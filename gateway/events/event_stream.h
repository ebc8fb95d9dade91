// One open stream of events (ndjson, sse, iframe or WebSocket): a response that does not end. A cursor over
// the log and a queue of shared bytes.
//
// Thread: the loop's. Owner: an HttpConnection, whose net::Stream it writes to. Idle, it costs itself, an
// empty queue and the connection: no parser, no buffers, no timer and no task of its own.
//
// A peer that reads slowly: beyond limits.client_queue bytes the queue is dropped and the log is read again
// from where the peer got; lines without a row that came meanwhile are left out. A peer that takes nothing
// for two minutes is let go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/core/out_queue.h"
#include "bouncer/net/stream.h"
#include "bouncer/net/websocket.h"
#include "gateway/events/frame.h"
#include "gateway/events/frame_client.h"
#include "gateway/http/stream_body.h"

namespace halley::gateway {

class EventStream final : public FrameClient, public StreamBody {
 public:
  // `head`: the bytes of the answer's head, sent before anything else.
  EventStream(StreamHub& hub, StreamOwner owner, net::Stream& stream, FrameFormat format,
              std::string_view head);
  ~EventStream() override;

  // REQUIRES: called before open(). The frame that a client measures by whether something keeps the stream
  // back.
  void greet(std::int64_t wall_ms);

  Transport transport() const override { return format_.transport(); }
  std::size_t queued() const override { return queue_.bytes(); }
  std::size_t queue_limit() const override;

  void tick(std::uint64_t now_ms) override;
  void flush() override;
  void received(std::string_view bytes) override;
  void drained() override;
  void closed() override;

  void deliver(const Delivery& delivery) override;
  bool wants_more() const override;
  std::string description() const override;

 private:
  void put(std::string_view json, EventId id) override;
  void start_at(EventId id) override;
  void ready() override;
  void finish() override;
  void keep() override;
  bool has_room() const override;
  bool takes_more_names() const override;
  void pushed(std::size_t bytes);
  void overflow();
  void close_when_sent();
  void leave(net::WsCode code, std::string_view reason);
  void pong(std::string_view payload);
  void beat();

  // What it is, as values (besides its format, the bytes on their way and what FrameClient has).
  struct State {
    // Bytes that entered the queue, less those that were dropped; and how many of them are the head and the
    // snapshot, which the log cannot give again.
    std::uint64_t pushed = 0, kept = 0;
    EventId resume_at = 0;
    std::string pong;  // to a WebSocket's last ping, while it does not take what is there
    bool pong_due = false;
    std::uint16_t quiet_ticks = 0, stuck_ticks = 0;
    std::uint8_t first_beat_ticks = 0;
    bool opened = false;  // the first ready was put
    bool behind = false;  // delivery has stopped until the queue is short again
    bool closing = false, gone = false;
  };

  net::Stream& stream_;
  OutQueue queue_;
  FrameFormat format_;
  State state_;
  std::unique_ptr<net::WebSocketReader> reader_;  // of a WebSocket
  bool blocked_ = false;                          // the stream took less than was there: drained() follows
};

}  // namespace halley::gateway
