#include "bouncer/cli/notify.h"

#ifdef HALLEY_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace halley::cli {

#ifdef HALLEY_SYSTEMD
void notify_systemd(const char* state) {
  sd_notify(0, state);
}
#else
void notify_systemd(const char*) {}
#endif

}  // namespace halley::cli
