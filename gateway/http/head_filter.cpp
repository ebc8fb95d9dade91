#include "gateway/http/head_filter.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "bouncer/net/origin.h"
#include "gateway/http/request.h"

namespace halley::gateway {
namespace {

bool is_token_char(char c) {  // RFC 9110 section 5.6.2
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  for (const char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}

// Bytes that may not stand in a head at all, line ends and tabs aside.
bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// uri-host [":" port] (RFC 9110 section 7.2): names, numbers and bracketed IPv6.
bool is_host(std::string_view text) {
  return net::Authority::parse(text).has_value();
}

// Is chunked among the codings of this list?
bool has_chunked(std::string_view list) {
  for (;;) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view coding = list.substr(0, comma);
    if (equal_without_case(trim(coding.substr(0, coding.find(';'))), "chunked")) return true;
    if (comma == list.size()) return false;
    list.remove_prefix(comma + 1);
  }
}

enum Singleton : std::uint32_t {
  kHost = 1,
  kContentLength = 2,
  kTransferEncoding = 4,
  kExpect = 8,
  kOther = 16
};

struct Row {
  std::string_view name;
  std::uint32_t bit;
};
// Two of one of these are two opinions, and nobody knows which one a proxy before us followed.
constexpr std::array kSingletons = {
    Row{"host", kHost},
    Row{"content-length", kContentLength},
    Row{"transfer-encoding", kTransferEncoding},
    Row{"expect", kExpect},
    Row{"authorization", kOther},
    Row{"origin", kOther << 1},
    Row{"content-type", kOther << 2},
    Row{"sec-fetch-site", kOther << 3},
    Row{"last-event-id", kOther << 4},
    Row{"sec-websocket-key", kOther << 5},
    Row{"sec-websocket-version", kOther << 6},
};

}  // namespace

HeadFilter::Step HeadFilter::refuse(int status, std::string_view error, std::string_view message) {
  refusal_ = {status, error, message};
  return Step::kRefused;
}

bool HeadFilter::hopeless(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (is_control(bytes[i]) || (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] != '\n')) {
      bad("The request holds a control character or a lone CR.");
      return true;
    }
  }
  return false;
}

HeadFilter::Step HeadFilter::line(std::string_view line) {
  if (line.size() < 2 || line[line.size() - 2] != '\r') return bad("A line of the head ends without CR LF.");
  const std::string_view text = line.substr(0, line.size() - 2);
  for (const char c : text)
    if (is_control(c) || c == '\r' || c == '\n')
      return bad("The head holds a control character or a lone CR.");
  if (phase_ == Phase::kBefore) {
    // One empty line before a request is forgiven (RFC 9112 section 2.2): old clients end a body with it.
    if (text.empty() && !blank_skipped_) {
      blank_skipped_ = true;
      return Step::kContinue;
    }
    return request_line(text);
  }
  return text.empty() ? end() : header(text);
}

HeadFilter::Step HeadFilter::request_line(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t last = text.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("The request line is not METHOD TARGET HTTP/1.1.");
  const std::string_view method = text.substr(0, first);
  const std::string_view target = text.substr(first + 1, last - first - 1);
  const std::string_view version = text.substr(last + 1);
  if (!is_token(method) || method.size() > 20) return bad("The method is not a word.");
  if (target.size() > kMaxRequestTarget)
    return refuse(414, "uri_too_long", "The address is longer than 8 KiB.");
  for (const char c : target)
    if (c <= ' ' || c == '#' || static_cast<unsigned char>(c) >= 0x7F)
      return bad("The address holds a space, a # or a byte that must be percent-encoded.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (!version.starts_with("HTTP/")) return bad("The request line is not METHOD TARGET HTTP/1.1.");
    return refuse(505, "version_not_supported", "Use HTTP/1.1.");
  }
  if (method == "CONNECT") return refuse(501, "not_implemented", "This is no proxy.");
  http11_ = version == "HTTP/1.1";
  phase_ = Phase::kHeaders;
  return Step::kContinue;
}

HeadFilter::Step HeadFilter::header(std::string_view text) {
  if (text.front() == ' ' || text.front() == '\t') return bad("A header is folded over two lines.");
  if (++headers_ > kMaxHeaders) return refuse(431, "head_too_large", "There are more than 100 headers.");
  const std::size_t colon = text.find(':');
  // White space before the colon is no token: also refused (RFC 9112 section 5.1).
  if (colon == std::string_view::npos || !is_token(text.substr(0, colon)))
    return bad("A header is not NAME: VALUE.");
  const std::string_view name = text.substr(0, colon);
  for (const Row& row : kSingletons) {
    if (!equal_without_case(name, row.name)) continue;
    if (seen_ & row.bit) return bad("A header that may come only once came twice.");
    seen_ |= row.bit;
    return known_header(row.name, trim(text.substr(colon + 1)));
  }
  return Step::kContinue;
}

HeadFilter::Step HeadFilter::known_header(std::string_view name, std::string_view value) {
  if (name == "host") return is_host(value) ? Step::kContinue : bad("The Host header is not a host.");
  if (name == "content-length") return content_length(value);
  if (name == "transfer-encoding") return transfer_encoding(value);
  if (name == "expect") {
    if (!equal_without_case(value, "100-continue"))
      return refuse(417, "expectation_failed", "Only 100-continue can be expected.");
    expects_continue_ = http11_;
  }
  return Step::kContinue;
}

HeadFilter::Step HeadFilter::content_length(std::string_view value) {
  // 1*DIGIT: no sign, no list, no white space inside (RFC 9112 section 6.3).
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length_);
  const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
  if (value.empty() || !digits || error != std::errc{} || end != value.data() + value.size())
    return bad("The Content-Length is not a number.");
  if (body_ == Body::kChunked) return bad("Content-Length and Transfer-Encoding stand together.");
  if (length_ > 0) body_ = Body::kLength;
  return Step::kContinue;
}

HeadFilter::Step HeadFilter::transfer_encoding(std::string_view value) {
  if (seen_ & kContentLength) return bad("Content-Length and Transfer-Encoding stand together.");
  if (!http11_) return bad("HTTP/1.0 knows no Transfer-Encoding.");
  if (equal_without_case(value, "chunked")) {
    body_ = Body::kChunked;
    return Step::kContinue;
  }
  // Where the last coding is not chunked, nobody knows where the body ends (RFC 9112 section 6.3).
  const std::string_view last = trim(value.substr(value.rfind(',') + 1));
  const std::size_t comma = value.rfind(',');
  if (comma == std::string_view::npos || !equal_without_case(last, "chunked"))
    return bad("The last transfer coding must be chunked.");
  if (has_chunked(value.substr(0, comma))) return bad("A body can be chunked only once.");
  return refuse(501, "not_implemented", "Of transfer codings only chunked is understood.");
}

HeadFilter::Step HeadFilter::end() {
  // HTTP/1.0 knows none: health checks send none (RFC 9112 section 3.2).
  if (http11_ && !(seen_ & kHost)) return bad("The Host header is missing.");
  phase_ = Phase::kEnd;
  return Step::kEnd;
}

}  // namespace halley::gateway
