#include "bouncer/core/monitor_changes.h"

namespace halley {

std::string MonitorChanges::take_line(std::size_t bytes_of_names) {
  std::set<std::string>& names = remove_.empty() ? add_ : remove_;
  std::string list;
  while (!names.empty() && (list.empty() || list.size() + names.begin()->size() < bytes_of_names)) {
    (list += list.empty() ? "" : ",") += *names.begin();
    names.erase(names.begin());
  }
  return (&names == &add_ ? "MONITOR + " : "MONITOR - ") + list;
}

}  // namespace halley
