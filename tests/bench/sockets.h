// Loopback sockets for the load generator. All are non-blocking, close-on-exec, with Nagle's delay off.
// Errors end the program with a line on stderr: a broken harness must not produce figures.
#pragma once

#include <cstdint>
#include <string_view>

namespace bench {

// CLOCK_MONOTONIC in nanoseconds: one clock for all processes of a run.
std::uint64_t now_ns();

[[noreturn]] void fail(std::string_view what);  // adds errno's text; exit status 1

// Listens on 127.0.0.1; port 0 lets the kernel choose. Returns the descriptor and sets `port`.
int listen_on_loopback(std::uint16_t& port);
// Starts to connect to 127.0.0.1; completion shows as writability.
int connect_to_loopback(std::uint16_t port);
// The next waiting connection, or -1 when there is none.
int accept_from(int listener);
// Lifts the soft limit of descriptors to the hard one.
void raise_descriptor_limit();

}  // namespace bench
