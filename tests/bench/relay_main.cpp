// bench_relay: the floor of every path through a bouncer, in a process of its own.
#include "tests/bench/arguments.h"
#include "tests/bench/relay.h"
#include "tests/bench/sockets.h"

int main(int count, char** values) {
  const bench::Arguments arguments(count, values,
                                   "bench_relay --network N [--users U] [--channels C] [--greeting-bytes N]");
  bench::raise_descriptor_limit();
  bench::RelayOptions options;
  options.network_port = static_cast<std::uint16_t>(arguments.number("network", 0));
  options.users = static_cast<std::size_t>(arguments.number("users", 1));
  options.channels = static_cast<std::size_t>(arguments.number("channels", 1));
  options.greeting_bytes = static_cast<std::size_t>(arguments.number("greeting-bytes", 0));
  bench::Relay relay(options);
  relay.run();
}
