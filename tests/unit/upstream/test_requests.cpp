// Questions to a network and their askers.
#include <catch2/catch.hpp>

#include "bouncer/upstream/requests.h"

using namespace halley;

TEST_CASE("answers find their askers") {
  const ClientId one = 1, two = 2;
  Requests requests;
  requests.sent(one, "WHOIS", 0);
  requests.sent(two, "whois", 0);
  requests.sent(one, "PRIVMSG", 0);
  CHECK(requests.asker("311", 0) == one);
  CHECK(requests.asker("318", 0) == one);
  CHECK(requests.asker("401", 0) == two);  // no such nick; the end follows
  CHECK(requests.asker("318", 0) == two);
  CHECK(requests.asker("311", 0) == kNobody);
  requests.sent(one, "LIST", 0);
  requests.forget(one);
  CHECK(requests.asker("322", 0) == kNobody);
  requests.sent(two, "LIST", 0);
  CHECK(requests.asker("323", 0) == kNobody);  // the first question's end
  CHECK(requests.asker("323", 0) == two);
  requests.sent(one, "WHO", 0);
  CHECK(requests.asker("352", 100'000) == kNobody);  // forgotten after a minute
}
