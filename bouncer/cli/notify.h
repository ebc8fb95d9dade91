// Tells systemd how the service stands, when it asks and libsystemd was there at build time. Any thread.
#pragma once

namespace halley::cli {

// `state` as sd_notify(3) has it: "READY=1", "STOPPING=1".
void notify_systemd(const char* state);

}  // namespace halley::cli
