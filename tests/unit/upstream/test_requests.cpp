// Questions to a network and their askers.
#include <catch2/catch.hpp>

#include "bouncer/upstream/requests.h"

using namespace halley;

TEST_CASE("answers find their askers") {
  // Only the addresses matter here.
  int a = 0, b = 0;
  auto* one = reinterpret_cast<Client*>(&a);
  auto* two = reinterpret_cast<Client*>(&b);
  Requests requests;
  requests.sent(one, "WHOIS", 0);
  requests.sent(two, "whois", 0);
  requests.sent(one, "PRIVMSG", 0);
  CHECK(requests.asker("311", 0) == one);
  CHECK(requests.asker("318", 0) == one);
  CHECK(requests.asker("401", 0) == two);  // no such nick; the end follows
  CHECK(requests.asker("318", 0) == two);
  CHECK(requests.asker("311", 0) == nullptr);
  requests.sent(one, "LIST", 0);
  requests.forget(one);
  CHECK(requests.asker("322", 0) == nullptr);
  requests.sent(two, "LIST", 0);
  CHECK(requests.asker("323", 0) == nullptr);  // the first question's end
  CHECK(requests.asker("323", 0) == two);
  requests.sent(one, "WHO", 0);
  CHECK(requests.asker("352", 100'000) == nullptr);  // forgotten after a minute
}
