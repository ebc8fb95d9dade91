// bench_net: a fake IRC network in a process of its own.
#include "tests/bench/arguments.h"
#include "tests/bench/fake_network.h"
#include "tests/bench/sockets.h"

int main(int count, char** values) {
  const bench::Arguments arguments(count, values,
                                   "bench_net [--port N] [--members N] [--pool N] [--caps LIST] [--tags 1]");
  bench::raise_descriptor_limit();
  bench::NetworkOptions options;
  options.caps = arguments.text("caps", "");
  options.members = static_cast<std::size_t>(arguments.number("members", 50));
  options.pool = static_cast<std::size_t>(arguments.number("pool", 10000));
  options.tags = arguments.number("tags", 0) != 0;
  bench::FakeNetwork network(options, static_cast<std::uint16_t>(arguments.number("port", 0)));
  network.run();
}
