// The access log (http.access_log): names for requests, and one line for each answer. Of an address only its
// path is written: what stands behind '?' may be what somebody searches for.
//
// Owner: the HttpServer. Thread: the loop's. A successor names its requests by a start of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/net/clock.h"
#include "gateway/http/http_connection.h"

namespace halley::gateway {

class AccessLog {
 public:
  explicit AccessLog(net::Random& random);
  // The name that a trusted proxy gave, if it is one, else a new one, never given twice.
  std::string take_name(std::string_view given);
  // "203.0.113.9 GET /api/me 200 312 B 4 ms ID"
  static std::string line(std::string_view address, const HttpConnection::Answered& answer);

 private:
  std::string start_;  // of the names of this start
  std::uint64_t count_ = 0;
};

}  // namespace halley::gateway
