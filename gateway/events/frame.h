// The frames of the event stream (halley-web(7)): their JSON, and the framing that each transport puts around
// it.
//
// Without state; what is shown of a Network is read during the call. Thread: the loop's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/core/client.h"

namespace halley::gateway {

// --- JSON ---
// {"id":"EPOCH:ID","prev":"EPOCH:ID","network":"libera","line":"@time=...;msgid=... :nick!u@h PRIVMSG #c
// :hi"}, with "highlight":true where it calls the user.
void append_event_json(std::string& out, std::string_view epoch, const Delivery& delivery);
// {"id":...,"network":...,"line":...}: a line of history, without what came before it.
void append_stored_json(std::string& out, std::string_view epoch, std::string_view network,
                        const storage::Event& event);
// {"network":"libera","line":"..."}: a line without a row. An empty network is left out.
void append_line_json(std::string& out, std::string_view network, std::string_view line);
// {"event":"network","network":"libera","state":"connected","nick":"ann"}, with "trouble" or "removed" where
// they apply.
void append_network_json(std::string& out, const Network& network, bool removed = false);
// {"event":"said","network":"libera","outbox":7,"state":"sent",...}: what becomes of a line of the outbox.
// An "id" is a cursor in each frame that has one: it has none.
void append_said_json(std::string& out, std::string_view epoch, std::string_view network,
                      const SaidNews& news);
// {"event":"snapshot"}; with an epoch: {"event":"ready","id":"EPOCH:ID"}.
void append_mark_json(std::string& out, std::string_view event, std::string_view epoch = {}, EventId id = 0);
// {"event":"hello","time":"2024-05-01T12:00:00.123Z"}: the first frame of a stream, sent at this time.
void append_hello_json(std::string& out, std::int64_t wall_ms);
// {"event":"end","message":"..."}: the stream ends for this reason.
void append_end_json(std::string& out, std::string_view reason);

// --- Transports ---
enum class Transport : std::uint8_t { kNdjson, kSse, kIframe, kPoll, kWebSocket };
struct TransportRow {
  Transport transport;
  std::string_view name;   // in ?transport=
  std::string_view type;   // the Content-Type
  bool by_accept = false;  // an Accept header may ask for it
  bool upgrade = false;    // of a WebSocket, whose client speaks, too
  bool held = false;       // an answer that ends, held back until there is something to say
  bool scripted = false;   // a document whose scripts have our nonce
};
inline constexpr std::array kTransports = {
    TransportRow{
        .transport = Transport::kNdjson, .name = "ndjson", .type = "application/x-ndjson", .by_accept = true},
    TransportRow{.transport = Transport::kSse, .name = "sse", .type = "text/event-stream", .by_accept = true},
    TransportRow{.transport = Transport::kIframe,
                 .name = "iframe",
                 .type = "text/html; charset=utf-8",
                 .scripted = true},
    TransportRow{.transport = Transport::kPoll, .name = "poll", .type = "application/json", .held = true},
    TransportRow{.transport = Transport::kWebSocket, .name = "websocket", .type = {}, .upgrade = true},
};
inline constexpr std::size_t kTransportCount = kTransports.size();
constexpr const TransportRow& row_of(Transport transport) {
  return kTransports[static_cast<std::size_t>(transport)];
}
static_assert(std::ranges::all_of(kTransports,
                                  [](const TransportRow& row) { return &row_of(row.transport) == &row; }),
              "in the order of the enumeration");
std::optional<Transport> parse_transport(std::string_view name);
// What an Accept header asks for: one that it names, the later row first, else the first that it takes.
// nullopt: nothing that it takes.
std::optional<Transport> transport_by_accept(std::string_view accept);

// Wraps a frame's JSON for a stream. With `chunked` each frame is a chunk of its own (RFC 9112 section 7.1),
// so that the bytes of one encoding serve every stream of its kind. A value.
class FrameFormat {
 public:
  // `nonce`: of the scripts of an iframe; it outlives the format.
  FrameFormat(Transport transport, bool chunked, std::string_view nonce = {})
      : transport_(transport), chunked_(chunked), nonce_(nonce) {}

  struct FrameStart {
    std::size_t chunk, json;
  };
  // Between begin() and end() the caller appends the JSON. `epoch` empty: the frame has no id.
  // REQUIRES (end): `mark` is that of the last begin(), and `out` was only appended to.
  FrameStart begin(std::string& out, std::string_view epoch = {}, EventId id = 0) const;
  void end(std::string& out, const FrameStart& mark) const;

  void append_heartbeat(std::string& out) const;
  void append_preamble(std::string& out) const;  // what a stream says before its first frame
  void append_epilogue(std::string& out) const;  // ... and after its last
  Transport transport() const { return transport_; }
  // Names this encoding among the keys of User::shared().
  std::uint64_t key() const;

 private:
  std::size_t begin_chunk(std::string& out) const;
  void end_chunk(std::string& out, std::size_t chunk) const;

  Transport transport_;
  bool chunked_;
  std::string_view nonce_;
};

}  // namespace halley::gateway
