#include "gateway/api/access_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace halley::gateway {
namespace {

constexpr std::size_t kMaxId = 64;      // bytes of a name that a proxy gave
constexpr std::size_t kMaxShown = 200;  // bytes of a path

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxId && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// A word of the line: without spaces and what a terminal would obey.
std::string as_word(std::string_view text) {
  if (text.empty()) return "-";
  std::string out(text.substr(0, kMaxShown));
  std::ranges::replace_if(
      out, [](char c) { return c <= ' ' || c >= 0x7f; }, '?');
  return out;
}

}  // namespace

AccessLog::AccessLog(net::Random& random) : start_(fmt::format("{:016x}", random.next())) {}

std::string AccessLog::take_name(std::string_view given) {
  return is_id(given) ? std::string(given) : fmt::format("{}-{}", start_, ++count_);
}

std::string AccessLog::line(std::string_view address, const HttpConnection::Answered& answer) {
  const Request* request = answer.request;
  return fmt::format("{} {} {} {} {} B {} ms {}", as_word(address),
                     as_word(request ? request->method_name : ""), as_word(request ? request->path : ""),
                     answer.status, answer.bytes, answer.took_ms, as_word(answer.id));
}

}  // namespace halley::gateway
