// One HTTP request, whole: what the parser hands to a handler. Source: RFC 9110, RFC 9112.
//
// Owner: the RequestParser; views point into `head` and live as long as the request is not reset.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace halley::gateway {

// Bounds of a request in bytes. Beyond them: 431, 414, 413.
inline constexpr std::size_t kMaxRequestHead = 16 * 1024;
inline constexpr std::size_t kMaxRequestTarget = 8 * 1024;
inline constexpr std::size_t kMaxRequestBody = 64 * 1024;
inline constexpr std::size_t kMaxHeaders = 100;

enum class Method { kGet, kHead, kPost, kPatch, kDelete, kOther };

class BodySink;

struct Header {
  std::string_view name, value;  // as sent; the value without white space around it
};

struct Request {
  std::string head;  // the bytes that the views below point into
  Method method = Method::kOther;
  std::string_view method_name;
  std::string_view target;  // as sent
  std::string_view path;    // of the target, still percent-encoded
  std::string_view query;   // behind '?', without it
  std::vector<Header> headers;
  std::string body;
  std::shared_ptr<BodySink> sink;  // where the body has gone that was not to be kept here; else null
  bool http11 = true;
  bool keep_alive = true;

  // The value of the first header of that name (compared without case); empty when there is none.
  std::string_view header(std::string_view name) const;
  // The same of a header that is a list: it may stand in several lines, which count as one (RFC 9110 section
  // 5.3).
  std::string list(std::string_view name) const;
};

// ASCII only, as header names and schemes are.
bool equal_without_case(std::string_view a, std::string_view b);

}  // namespace halley::gateway
