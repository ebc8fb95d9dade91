#include <catch2/catch.hpp>

#include "bouncer/core/monitor_changes.h"

using halley::MonitorChanges;

TEST_CASE("what is added and removed again costs no line") {
  MonitorChanges changes;
  changes.add("bob");
  changes.remove("bob");
  CHECK(changes.empty());
  changes.add("carl");
  changes.remove("bob");  // the network has that one
  changes.add("dave");
  changes.remove("eve");
  CHECK(changes.take_line(100) == "MONITOR - bob,eve");
  CHECK(changes.take_line(100) == "MONITOR + carl,dave");
  CHECK(changes.empty());
}

TEST_CASE("who is removed and added again is asked for anew") {
  MonitorChanges changes;
  changes.remove("bob");
  changes.add("bob");
  changes.remove("bob");
  changes.add("bob");
  CHECK(changes.take_line(100) == "MONITOR - bob");
  CHECK(changes.take_line(100) == "MONITOR + bob");
  CHECK(changes.empty());
  changes.remove("bob");
  changes.add("bob");
  changes.remove("bob");
  CHECK(changes.take_line(100) == "MONITOR - bob");
  CHECK(changes.empty());
}

TEST_CASE("whom the network did not take is not sent again") {
  MonitorChanges changes;
  changes.remove("bob");
  changes.add("bob");
  changes.forget("bob");
  CHECK(changes.take_line(100) == "MONITOR - bob");
  CHECK(changes.empty());
}

TEST_CASE("a line holds as many names as fit, and one at least") {
  MonitorChanges changes;
  for (const char* nick : {"aaaa", "bbbb", "cccc"}) changes.add(nick);
  CHECK(changes.take_line(10) == "MONITOR + aaaa,bbbb");
  CHECK(changes.take_line(2) == "MONITOR + cccc");
}
