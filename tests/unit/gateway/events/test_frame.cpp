#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "gateway/events/frame.h"
#include "storage/api/msgid.h"

using namespace halley;
using namespace halley::gateway;
using nlohmann::json;

namespace {

storage::Event event(EventId id, std::string_view line) {
  storage::Event e;
  e.id = id;
  e.time_ms = 1714564800123;  // 2024-05-01T12:00:00.123Z
  e.line = line;
  return e;
}

std::string wrapped(const FrameFormat& format, std::string_view text, std::string_view epoch = {},
                    EventId id = 0) {
  std::string out;
  const FrameFormat::FrameStart mark = format.begin(out, epoch, id);
  out += text;
  format.end(out, mark);
  return out;
}

// The inverse of a chunked body whose chunks are whole; fails on anything odd.
std::string unchunked(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n");
    REQUIRE(end != std::string_view::npos);
    const std::size_t size = std::stoul(std::string(bytes.substr(0, end)), nullptr, 16);
    REQUIRE(bytes.size() >= end + 2 + size + 2);
    out += bytes.substr(end + 2, size);
    CHECK(bytes.substr(end + 2 + size, 2) == "\r\n");
    bytes.remove_prefix(end + 2 + size + 2);
    if (size == 0) CHECK(bytes.empty());
  }
  return out;
}

}  // namespace

TEST_CASE("an event's frame") {
  storage::Event e = event(43, ":nick!u@h PRIVMSG #c :hi \"you\" \x02 \xff");
  e.msgid = "abc-1";
  e.tags = "account=nick;+draft/reply=x";
  std::string out;
  append_event_json(out, "ep", {.event = e, .prev = 42, .network = nullptr, .live = true});
  CHECK(json::parse(out) == json{{"id", "ep:43"},
                                 {"prev", "ep:42"},
                                 {"network", ""},
                                 {"line",
                                  "@time=2024-05-01T12:00:00.123Z;msgid=abc-1;account=nick;+draft/reply=x "
                                  ":nick!u@h PRIVMSG #c :hi \"you\" \x02 \uFFFD"}});
}

TEST_CASE("an event without a msgid gets ours") {
  const storage::Event e = event(1714564800123456, ":n JOIN #c");
  std::string out;
  append_stored_json(out, "ep", "libera", e);
  const json frame = json::parse(out);
  CHECK(frame["network"] == "libera");
  CHECK(frame["line"] == "@time=2024-05-01T12:00:00.123Z;msgid=" + storage::msgid_of(e.id) + " :n JOIN #c");
  CHECK_FALSE(frame.contains("prev"));
}

TEST_CASE("frames without an event") {
  const auto made = [](auto&& append) {
    std::string out;
    append(out);
    return json::parse(out);
  };
  CHECK(made([](auto& out) { append_line_json(out, "libera", ":s 311 me x"); }) ==
        json{{"network", "libera"}, {"line", ":s 311 me x"}});
  CHECK(made([](auto& out) { append_line_json(out, "", ":s NOTE"); }) == json{{"line", ":s NOTE"}});
  CHECK(made([](auto& out) { append_mark_json(out, "snapshot"); }) == json{{"event", "snapshot"}});
  CHECK(made([](auto& out) { append_mark_json(out, "ready", "ep", 9); }) ==
        json{{"event", "ready"}, {"id", "ep:9"}});
  CHECK(made([](auto& out) { append_end_json(out, "so \"long\""); }) ==
        json{{"event", "end"}, {"message", "so \"long\""}});
}

TEST_CASE("transports have names") {
  for (const auto* name : {"ndjson", "sse", "iframe", "poll"}) {
    const auto transport = parse_transport(name);
    REQUIRE(transport);
    CHECK(row_of(*transport).name == name);
  }
  CHECK_FALSE(parse_transport("WebSocket"));
  CHECK_FALSE(parse_transport(""));
}

TEST_CASE("an Accept header asks for a transport by its type") {
  CHECK(transport_by_accept("") == Transport::kNdjson);
  CHECK(transport_by_accept("*/*") == Transport::kNdjson);
  CHECK(transport_by_accept("application/x-ndjson, */*") == Transport::kNdjson);
  CHECK(transport_by_accept("application/x-ndjson, text/event-stream") == Transport::kSse);
  CHECK(transport_by_accept("text/event-stream, */*") == Transport::kSse);
  CHECK(transport_by_accept("text/*") == Transport::kSse);
  CHECK(transport_by_accept("*/*, text/event-stream;q=0") == Transport::kNdjson);
  CHECK(transport_by_accept("application/json, text/html") == std::nullopt);
}

TEST_CASE("what each transport puts around a frame") {
  CHECK(wrapped({Transport::kNdjson, false}, "{}") == "{}\n");
  CHECK(wrapped({Transport::kNdjson, true}, "{}") == "00003\r\n{}\n\r\n");
  CHECK(wrapped({Transport::kSse, false}, "{}") == "data: {}\n\n");
  CHECK(wrapped({Transport::kSse, false}, "{}", "ep", 7) == "id: ep:7\ndata: {}\n\n");
  CHECK(wrapped({Transport::kSse, true}, "{}", "ep", 7) == "00013\r\nid: ep:7\ndata: {}\n\n\r\n");
  CHECK(wrapped({Transport::kIframe, false}, "{\"line\":\"</script>\"}") ==
        "<script>parent.halley({\"line\":\"\\u003c/script\\u003e\"})</script>\n");
}

TEST_CASE("chunks say their true size") {
  for (const std::size_t size : {0U, 1U, 14U, 15U, 16U, 254U, 255U, 256U, 65'535U, 196'608U}) {
    const std::string text(size, 'x');
    CHECK(unchunked(wrapped({Transport::kNdjson, true}, text)) == text + "\n");
  }
  for (const Transport transport : {Transport::kNdjson, Transport::kSse, Transport::kIframe}) {
    std::string out;
    const FrameFormat format(transport, true);
    format.append_preamble(out);
    format.append_heartbeat(out);
    out += wrapped(format, "{}");
    format.append_epilogue(out);
    std::string plain;
    const FrameFormat bare(transport, false);
    bare.append_preamble(plain);
    bare.append_heartbeat(plain);
    plain += wrapped(bare, "{}");
    bare.append_epilogue(plain);
    CHECK(unchunked(out) == plain);
  }
}

TEST_CASE("heartbeats") {
  const auto beat = [](Transport transport) {
    std::string out;
    FrameFormat(transport, false).append_heartbeat(out);
    return out;
  };
  CHECK(beat(Transport::kNdjson) == "\n");
  CHECK(beat(Transport::kSse) == "data: {\"event\":\"ping\"}\n\n");
  CHECK(beat(Transport::kIframe) == "<script>parent.halley({\"event\":\"ping\"})</script>\n");
}

TEST_CASE("an EventSource is told when to come back") {
  std::string out;
  FrameFormat(Transport::kSse, false).append_preamble(out);
  CHECK(out == "retry: 1000\n\n");
}

TEST_CASE("each encoding has a key of its own") {
  std::vector<std::uint64_t> keys;
  for (const Transport transport : {Transport::kNdjson, Transport::kSse, Transport::kIframe})
    for (const bool chunked : {false, true}) keys.push_back(FrameFormat(transport, chunked).key());
  std::sort(keys.begin(), keys.end());
  CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  CHECK(keys.front() > 0xFFFFFFFFU);
}
