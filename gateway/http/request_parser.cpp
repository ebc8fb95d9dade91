#include "gateway/http/request_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bouncer/net/origin.h"

namespace halley::gateway {
namespace {

struct MethodName {
  std::string_view name;
  Method method;
};
constexpr std::array kMethods = {MethodName{"GET", Method::kGet}, MethodName{"HEAD", Method::kHead},
                                 MethodName{"POST", Method::kPost}, MethodName{"PATCH", Method::kPatch},
                                 MethodName{"DELETE", Method::kDelete}};

constexpr std::size_t kKeptCapacity =
    2048;  // a connection that waits keeps no more of a long request's memory

// Appends a span that llhttp may give in several parts; the parts lie side by side in the head.
void extend(std::string_view& view, const char* at, std::size_t size) {
  view = view.empty() ? std::string_view(at, size) : std::string_view(view.data(), view.size() + size);
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

RequestParser& self(llhttp_t* parser) {
  return *static_cast<RequestParser*>(parser->data);
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view Request::header(std::string_view name) const {
  for (const Header& candidate : headers)
    if (equal_without_case(candidate.name, name)) return candidate.value;
  return {};
}

std::string Request::list(std::string_view name) const {
  std::string all;
  for (const Header& candidate : headers) {
    if (!equal_without_case(candidate.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += candidate.value;
  }
  return all;
}

const llhttp_settings_t& RequestParser::settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_url = [](llhttp_t* p, const char* at, std::size_t size) {
      extend(self(p).request_.target, at, size);
      return 0;
    };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t size) {
      extend(self(p).header_.name, at, size);
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t size) {
      extend(self(p).header_.value, at, size);
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) {
      RequestParser& parser = self(p);
      parser.header_.value = trim_end(parser.header_.value);
      parser.request_.headers.push_back(parser.header_);
      parser.header_ = {};
      return 0;
    };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t size) {
      self(p).request_.body.append(at, size);  // the filter bounds it
      return 0;
    };
    s.on_message_complete = [](llhttp_t* p) {
      RequestParser& parser = self(p);
      parser.complete_ = true;
      parser.request_.keep_alive = llhttp_should_keep_alive(p) != 0;
      return 0;
    };
    return s;
  }();
  return table;
}

RequestParser::RequestParser(Streams streams) : streams_(streams) {
  begin_parser();
}

void RequestParser::begin_parser() {
  llhttp_init(&parser_, HTTP_REQUEST, &settings());
  parser_.data = this;
}

void RequestParser::reset() {
  std::string head = std::move(request_.head);
  std::string body = std::move(request_.body);
  std::vector<Header> headers = std::move(request_.headers);
  request_ = Request{};
  if (head.capacity() <= kKeptCapacity) request_.head = std::move(head);
  if (body.capacity() <= kKeptCapacity) request_.body = std::move(body);
  request_.headers = std::move(headers);
  request_.head.clear();
  request_.body.clear();
  request_.headers.clear();
  filter_.reset();
  chunks_.reset();
  begin_parser();
  phase_ = Phase::kHead;
  line_at_ = 0;
  body_left_ = 0;
  complete_ = expectation_ = false;
  header_ = {};
  refusal_ = {};
}

bool RequestParser::take_expectation() {
  return std::exchange(expectation_, false);
}

RequestParser::Result RequestParser::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return Result::kRefused;
}

RequestParser::Result RequestParser::disagree() {
  return refuse({400, "bad_request", "The request cannot be understood."});
}

bool RequestParser::parse(std::string_view bytes) {
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  // An Upgrade that nobody here takes is passed over (RFC 9110 section 7.8): the request is an ordinary one.
  return error == HPE_OK || (error == HPE_PAUSED_UPGRADE && complete_);
}

RequestParser::Result RequestParser::feed(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  Result result = Result::kNeedMore;
  while (result == Result::kNeedMore && taken < bytes.size()) {
    std::size_t part = 0;
    const std::string_view rest = bytes.substr(taken);
    switch (phase_) {
      case Phase::kHead:
        result = feed_head(rest, part);
        break;
      case Phase::kLength:
        result = feed_length(rest, part);
        break;
      case Phase::kChunked:
        result = feed_chunked(rest, part);
        break;
      case Phase::kDone:
        return Result::kRequest;
    }
    taken += part;
  }
  return result;
}

RequestParser::Result RequestParser::feed_head(std::string_view bytes, std::size_t& taken) {
  std::string& head = request_.head;
  const std::size_t newline = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, newline == std::string_view::npos ? newline : newline + 1);
  taken = piece.size();
  if (head.size() + piece.size() > kMaxRequestHead) {
    if (!filter_.started()) return refuse({414, "uri_too_long", "The address is longer than 8 KiB."});
    return refuse({431, "head_too_large", "The head of the request is larger than 16 KiB."});
  }
  head += piece;
  if (newline == std::string_view::npos)
    return filter_.hopeless(std::string_view(head).substr(line_at_)) ? refuse(filter_.refusal())
                                                                     : Result::kNeedMore;
  const HeadFilter::Step step = filter_.line(std::string_view(head).substr(line_at_));
  if (step == HeadFilter::Step::kRefused) return refuse(filter_.refusal());
  if (step == HeadFilter::Step::kEnd) return head_done();
  if (!filter_.started()) head.clear();  // the empty line before a request
  line_at_ = head.size();
  return Result::kNeedMore;
}

RequestParser::Result RequestParser::head_done() {
  if (!parse(request_.head)) return disagree();
  request_.http11 = parser_.http_minor == 1;
  if (!split_target())
    return refuse(
        {400, "bad_request", "The address is no path, or names another host than the Host header."});
  expectation_ = filter_.expects_continue() && filter_.body() != HeadFilter::Body::kNone;
  const bool streamed = filter_.body() != HeadFilter::Body::kNone && streams_ && streams_(request_);
  if (streamed)
    chunks_.unbound();
  else if (filter_.length() > kMaxRequestBody)
    return refuse({413, "body_too_large", "The body is larger than 64 KiB."});
  switch (filter_.body()) {
    case HeadFilter::Body::kNone:
      return finish();
    case HeadFilter::Body::kLength:
      phase_ = Phase::kLength;
      body_left_ = filter_.length();
      break;
    case HeadFilter::Body::kChunked:
      phase_ = Phase::kChunked;
      break;
  }
  if (complete_) return disagree();
  return streamed ? Result::kBody : Result::kNeedMore;
}

RequestParser::Result RequestParser::feed_length(std::string_view bytes, std::size_t& taken) {
  taken = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
  body_left_ -= taken;
  if (!parse(bytes.substr(0, taken))) return disagree();
  if (body_left_ == 0) return finish();
  return complete_ ? disagree() : Result::kNeedMore;
}

RequestParser::Result RequestParser::feed_chunked(std::string_view bytes, std::size_t& taken) {
  const ChunkFilter::Step step = chunks_.feed(bytes, taken);
  if (step == ChunkFilter::Step::kRefused) return refuse(chunks_.refusal());
  if (!parse(bytes.substr(0, taken))) return disagree();
  if (step == ChunkFilter::Step::kEnd) return finish();
  return complete_ ? disagree() : Result::kNeedMore;
}

RequestParser::Result RequestParser::finish() {
  if (!complete_) return disagree();
  phase_ = Phase::kDone;
  return Result::kRequest;
}

// absolute-form, which a server must take (RFC 9112 section 3.2.2): the rest behind host and port. nullopt:
// none, or it names another host than Host does, and nobody knows which one a proxy before us followed.
std::optional<std::string_view> RequestParser::behind_host() const {
  const std::string_view target = request_.target;
  const auto origin = net::Origin::parse(target);
  if (!origin) return std::nullopt;
  const auto host = net::Authority::parse(request_.header("host"));
  const std::uint16_t usual = origin->scheme == "https" ? 443 : 80;
  if (host && (host->host != origin->host || (host->port != 0 ? host->port : usual) != origin->port))
    return std::nullopt;
  const std::size_t authority = target.find("://") + 3;
  return target.substr(std::min(target.find_first_of("/?", authority), target.size()));
}

// origin-form, absolute-form or "*".
bool RequestParser::split_target() {
  std::string_view rest = request_.target;
  if (rest != "*" && !rest.starts_with('/')) {
    const auto behind = behind_host();
    if (!behind) return false;
    rest = *behind;
  }
  const std::size_t mark = rest.find('?');
  request_.path = rest.substr(0, mark);
  if (request_.path.empty()) request_.path = "/";
  request_.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  const std::string_view line = request_.head;
  request_.method_name = line.substr(0, line.find(' '));
  for (const auto& [name, method] : kMethods) {
    if (request_.method_name == name) request_.method = method;
  }
  return rest != "*" || request_.method_name == "OPTIONS";
}

}  // namespace halley::gateway
