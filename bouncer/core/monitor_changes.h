// What of a network's MONITOR list has yet to be changed, and was not said to it: what is added and removed
// meanwhile costs no line. Bounded by the lists: it holds names that are watched, and names that the network
// still has.
//
// Thread: the loop's. Owner: the link's Monitor. A value; pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace halley {

class MonitorChanges {
 public:
  void add(std::string nick) { add_.insert(std::move(nick)); }
  void remove(std::string nick) {
    if (add_.erase(nick) == 0) remove_.insert(std::move(nick));
  }
  // Nobody watches it any more, and the network does not have it.
  void forget(const std::string& nick) { add_.erase(nick); }
  bool empty() const { return add_.empty() && remove_.empty(); }
  // The next "MONITOR - a,b" or "MONITOR + c,d", with as many names as fit. What is removed goes first, so
  // that the network's list is never longer than ours. REQUIRES: it is not empty.
  std::string take_line(std::size_t bytes_of_names);

 private:
  std::set<std::string> add_, remove_;
};

}  // namespace halley
