// An answer before it is bytes. Source: RFC 9110, RFC 9112. Pure values; the connection adds what every
// answer has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/refusal.h"

namespace halley::gateway {

struct Response {
  int status = 200;
  std::string headers;  // whole lines, each with its CR LF
  std::string body;
  std::string_view fixed_body;  // instead of `body`: bytes that outlive every connection (the page's files)
  bool close = false;           // the connection ends behind it
  bool page = false;            // HTML of ours: it gets the page's content security policy
  bool script = false;          // a script of ours: in a worker it may speak to us, and to nobody else
  bool file = false;            // of a user's: it runs nothing, and pages of others may show it
  std::optional<std::uint64_t> length;  // of a stream whose length is known
  std::string script_nonce;             // of the scripts in a document for a frame; empty: it is none

  // REQUIRES: `value` comes from us or was checked: it holds no CR or LF.
  Response& header(std::string_view name, std::string_view value) &;
  Response&& header(std::string_view name, std::string_view value) &&;
  std::string_view content() const { return fixed_body.empty() ? std::string_view(body) : fixed_body; }
};

Response json_response(int status, std::string body);
Response empty_response(int status);
// {"error":...,"message":...}; `extra` is further JSON members, each with a comma before it.
Response error_response(int status, std::string_view error, std::string_view message,
                        std::string_view extra = {});
Response error_response(const Refusal& refusal);

// An answer of JSON, or of nothing, as a document for a frame of a page of ours, whose one script calls
// parent.halley({"event":"answer","status":204,"body":...}): so a form learns what became of it.
Response frame_document(Response response, std::string_view nonce);

std::string_view reason_phrase(int status);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t wall_us);

enum class Framing { kLength, kChunked, kUntilClose, kUpgrade };  // kUpgrade: a WebSocket follows
// What of a head is the connection's to say.
struct HeadFrame {
  Framing framing;
  std::string_view date;
  bool keep_alive;
  bool https = false;  // as the browser sees it
};
// The head of an answer, the empty line included.
void append_head(std::string& out, const Response& response, const HeadFrame& frame);

}  // namespace halley::gateway
