#include "gateway/events/frame.h"

#include <array>

#include "bouncer/core/network.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/net/websocket.h"
#include "gateway/events/cursor.h"
#include "gateway/http/accept.h"
#include "gateway/http/json_writer.h"
#include "storage/api/msgid.h"

namespace halley::gateway {
namespace {

// Chunk sizes have five digits, so that they can be filled in afterwards: a frame is at most kMaxRecord bytes
// of line, each of which becomes at most six of JSON.
constexpr std::size_t kSizeDigits = 5;
static_assert(storage::kMaxRecord * 6 < (std::size_t{1} << (4 * kSizeDigits)));

// Above all keys that are made of capability bits: "web" in the upper half.
constexpr std::uint64_t kKeySpace = std::uint64_t{0x77656200} << 32;

void append_id(std::string& out, std::string_view name, std::string_view epoch, EventId id) {
  out += name;
  append_cursor(out, epoch, id);
  out += '"';
}

// The line as a client with server-time and message-tags gets it.
void append_tagged_line(std::string& out, const storage::Event& event) {
  out += "\"line\":\"@time=";
  irc::append_time(out, event.time_ms);
  out += ";msgid=";
  if (event.msgid.empty()) {
    out += storage::msgid_of(event.id);  // short enough to need no allocation
  } else {
    append_json_text(out, event.msgid);
  }
  if ((event.flags & event_flag::kMultiline) != 0) (out += ';') += irc::kMultilineTag;
  if (!event.tags.empty()) {
    out += ';';
    append_json_text(out, event.tags);
  }
  out += ' ';
  append_json_text(out, event.line);
  out += '"';
  if ((event.flags & event_flag::kHighlight) != 0) out += ",\"highlight\":true";
}

}  // namespace

void append_event_json(std::string& out, std::string_view epoch, const Delivery& delivery) {
  append_id(out, "{\"id\":\"", epoch, delivery.event.id);
  append_id(out, ",\"prev\":\"", epoch, delivery.prev);
  out += ",\"network\":";
  append_json_string(out, delivery.network ? std::string_view(delivery.network->name()) : std::string_view{});
  out += ',';
  append_tagged_line(out, delivery.event);
  out += '}';
}

void append_stored_json(std::string& out, std::string_view epoch, std::string_view network,
                        const storage::Event& event) {
  append_id(out, "{\"id\":\"", epoch, event.id);
  out += ",\"network\":";
  append_json_string(out, network);
  out += ',';
  append_tagged_line(out, event);
  out += '}';
}

void append_line_json(std::string& out, std::string_view network, std::string_view line) {
  out += '{';
  if (!network.empty()) {
    out += "\"network\":";
    append_json_string(out, network);
    out += ',';
  }
  out += "\"line\":";
  append_json_string(out, line);
  out += '}';
}

void append_network_json(std::string& out, const Network& network, bool removed) {
  out += "{\"event\":\"network\",\"network\":";
  append_json_string(out, network.name());
  out += ",\"state\":";
  append_json_string(out, removed ? "removed" : link_name(network.link()));
  out += ",\"nick\":";
  append_json_string(out, network.nick());
  if (!network.trouble().empty()) {
    out += ",\"trouble\":";
    append_json_string(out, network.trouble());
  }
  if (removed) out += ",\"removed\":true";
  out += '}';
}

void append_said_json(std::string& out, std::string_view epoch, std::string_view network,
                      const SaidNews& news) {
  out += "{\"event\":\"said\",\"network\":";
  append_json_string(out, network);
  ((out += ",\"outbox\":") += std::to_string(news.id)) += ",\"state\":";
  append_json_string(out, said_fate_name(news.fate));
  if (news.command.seq != 0) {
    out += ",\"client\":";
    append_json_string(out, news.command.client);
    (out += ",\"seq\":") += std::to_string(news.command.seq);
  }
  out += news.notice ? ",\"command\":\"NOTICE\",\"time\":\"" : ",\"command\":\"PRIVMSG\",\"time\":\"";
  irc::append_time(out, news.time_ms);
  out += "\",\"target\":";
  append_json_string(out, news.target);
  out += ",\"text\":";
  append_json_string(out, news.text);
  if (news.event != 0) append_id(out, ",\"log\":\"", epoch, news.event);
  if (!news.why.empty()) {
    out += ",\"message\":";
    append_json_string(out, news.why);
  }
  out += '}';
}

void append_mark_json(std::string& out, std::string_view event, std::string_view epoch, EventId id) {
  out += "{\"event\":";
  append_json_string(out, event);
  if (!epoch.empty()) append_id(out, ",\"id\":\"", epoch, id);
  out += '}';
}

void append_hello_json(std::string& out, std::int64_t wall_ms) {
  out += R"({"event":"hello","time":")";
  irc::append_time(out, wall_ms);
  out += "\"}";
}

void append_end_json(std::string& out, std::string_view reason) {
  out += "{\"event\":\"end\",\"message\":";
  append_json_string(out, reason);
  out += '}';
}

std::optional<Transport> parse_transport(std::string_view name) {
  const auto* const row = std::ranges::find(kTransports, name, &TransportRow::name);
  if (row == kTransports.end()) return std::nullopt;
  return row->transport;
}

std::optional<Transport> transport_by_accept(std::string_view accept) {
  std::optional<Transport> first;
  for (std::size_t i = kTransportCount; i-- > 0;) {
    const TransportRow& row = kTransports[i];
    if (!row.by_accept || !accepts(accept, row.type)) continue;
    if (accept.find(row.type) != std::string_view::npos) return row.transport;
    first = row.transport;
  }
  return first;
}

std::uint64_t FrameFormat::key() const {
  return kKeySpace | static_cast<std::uint64_t>(transport_) << 1 | (chunked_ ? 1 : 0);
}

std::size_t FrameFormat::begin_chunk(std::string& out) const {
  const std::size_t chunk = out.size();
  if (chunked_) out += "00000\r\n";
  return chunk;
}

void FrameFormat::end_chunk(std::string& out, std::size_t chunk) const {
  if (!chunked_) return;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t size = out.size() - chunk - kSizeDigits - 2;
  for (std::size_t i = kSizeDigits; i-- > 0; size >>= 4) out[chunk + i] = kHex[size & 15];
  out += "\r\n";
}

FrameFormat::FrameStart FrameFormat::begin(std::string& out, std::string_view epoch, EventId id) const {
  const std::size_t chunk = begin_chunk(out);
  if (transport_ == Transport::kSse) {
    if (!epoch.empty()) {
      out += "id: ";
      append_cursor(out, epoch, id);
      out += '\n';
    }
    out += "data: ";
  } else if (transport_ == Transport::kIframe) {
    out += "<script";
    if (!nonce_.empty()) {
      out += " nonce=\"";
      out += nonce_;
      out += '"';
    }
    out += ">parent.halley(";
  }
  return {chunk, out.size()};
}

void FrameFormat::end(std::string& out, const FrameStart& mark) const {
  switch (transport_) {
    case Transport::kSse:
      out += "\n\n";
      break;
    case Transport::kIframe:
      escape_for_html(out, mark.json);
      out += ")</script>\n";
      break;
    case Transport::kWebSocket: {
      std::string head;
      net::append_ws_header(head, net::WsOpcode::kText, out.size() - mark.json);
      out.insert(mark.json, head);
      return;
    }
    default:
      out += '\n';
  }
  end_chunk(out, mark.chunk);
}

// ndjson: an empty line. The others: a frame, as scripts do not hear comments.
void FrameFormat::append_heartbeat(std::string& out) const {
  if (transport_ == Transport::kNdjson) {
    const std::size_t chunk = begin_chunk(out);
    out += '\n';
    end_chunk(out, chunk);
    return;
  }
  const FrameStart mark = begin(out);
  append_mark_json(out, "ping");
  end(out, mark);
}

void FrameFormat::append_preamble(std::string& out) const {
  if (transport_ != Transport::kIframe && transport_ != Transport::kSse) return;
  const std::size_t chunk = begin_chunk(out);
  if (transport_ == Transport::kSse) {
    // Left to themselves browsers wait for three or five seconds before they come back.
    out += "retry: 1000\n\n";
    end_chunk(out, chunk);
    return;
  }
  out += "<!doctype html><meta charset=\"utf-8\"><title>Halley</title>";
  out.append(1024, ' ');  // some browsers show nothing before the first kilobyte
  out += '\n';
  end_chunk(out, chunk);
}

void FrameFormat::append_epilogue(std::string& out) const {
  if (transport_ == Transport::kWebSocket) net::append_ws_close(out, net::WsCode::kNormal, {});
  if (chunked_) out += "0\r\n\r\n";
}

}  // namespace halley::gateway
