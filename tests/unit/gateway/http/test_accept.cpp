// What a client takes.
#include <catch2/catch.hpp>

#include "gateway/http/accept.h"

using halley::gateway::accepts;

TEST_CASE("the most specific range of Accept decides") {
  CHECK(accepts("", "application/json"));
  CHECK(accepts(" , ", "application/json"));
  for (const auto* accept :
       {"application/json", "*/*", "application/*", "Application/JSON;charset=utf-8", "text/html, */*;q=0.1",
        "text/html;q=0,application/json;q=0.5", "*/*;q=0, application/*"}) {
    INFO(accept);
    CHECK(accepts(accept, "application/json"));
  }
  for (const auto* accept : {"text/html", "text/*", "application/json;q=0", "*/*, application/json;q=0.000",
                             "application/*;q=0, */*", "application/jsonx", "json"}) {
    INFO(accept);
    CHECK_FALSE(accepts(accept, "application/json"));
  }
}
