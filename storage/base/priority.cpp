#include "storage/base/priority.h"

#include <unistd.h>

namespace halley::storage {

// nice() is of one thread on Linux (sched(7)). It fails for nobody who asks for less.
void give_way() {
  [[maybe_unused]] const int now = ::nice(10);
}

}  // namespace halley::storage
