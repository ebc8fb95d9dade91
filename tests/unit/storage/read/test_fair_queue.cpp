#include <catch2/catch.hpp>
#include <string>

#include "storage/read/fair_queue.h"

namespace halley::storage {

TEST_CASE("one of each user in turn, in order for each") {
  FairQueue<std::string> queue{{300, 1000}};
  for (int i = 0; i < 300; ++i) REQUIRE(queue.push(1, "1." + std::to_string(i)));
  REQUIRE(queue.push(2, "2.0"));
  REQUIRE(queue.push(3, "3.0"));
  REQUIRE(queue.push(2, "2.1"));
  std::string order;
  for (int i = 0; i < 6; ++i) order += queue.pop() + ' ';
  CHECK(order == "1.0 2.0 3.0 1.1 2.1 1.2 ");
  REQUIRE(queue.push(3, "3.1"));
  CHECK((queue.pop() == "1.3" && queue.pop() == "3.1" && queue.pop() == "1.4"));
  queue.clear();
  CHECK(queue.empty());
}

TEST_CASE("what goes on stays before what else its user asked, and lets the others have their turn") {
  FairQueue<int> queue{{2, 3}};
  CHECK((queue.push(1, 10) && queue.push(1, 11) && queue.push(2, 20)));
  const int first = queue.pop();
  CHECK(queue.push(2, 21));  // in the place that was free
  queue.put_back(1, first);
  CHECK((queue.pop() == 20 && queue.pop() == 10));
  queue.put_back(1, 10);
  CHECK((queue.pop() == 21 && queue.pop() == 10 && queue.pop() == 11));
  CHECK(queue.empty());
  queue.put_back(3, 30);
  CHECK(queue.pop() == 30);
}

TEST_CASE("what waits is bounded, for each user and for all") {
  FairQueue<int> queue{{2, 3}};
  CHECK((queue.push(1, 0) && queue.push(1, 1)));
  CHECK_FALSE(queue.push(1, 2));
  CHECK(queue.push(2, 3));
  CHECK_FALSE(queue.push(3, 4));
  CHECK(queue.pop() == 0);
  CHECK(queue.push(3, 5));
  CHECK((queue.pop() == 3 && queue.pop() == 1 && queue.pop() == 5));
  CHECK(queue.empty());
}

}  // namespace halley::storage
