// bench_client: k clients of a bouncer in a process of their own.
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/arguments.h"
#include "tests/bench/client_pool.h"
#include "tests/bench/sockets.h"

namespace {

std::vector<std::string> read_lines(const std::string& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

int main(int count, char** values) {
  const bench::Arguments arguments(
      count, values,
      "bench_client --port N --passes FILE [--protocol irc|ndjson|sse|websocket|iframe|poll] "
      "[--tls 1] [--clients K] [--channels C] "
      "[--expect LINES] [--first SEQUENCE] [--caps LIST] [--after CURSOR] "
      "[--ramp N] [--linger-ms N] [--nick N]");
  bench::raise_descriptor_limit();
  bench::PoolOptions pool;
  pool.port = static_cast<std::uint16_t>(arguments.number("port", 0));
  pool.clients = static_cast<std::size_t>(arguments.number("clients", 1));
  pool.tls = arguments.number("tls", 0) != 0;
  pool.ramp = static_cast<std::size_t>(arguments.number("ramp", 0));
  pool.expect = static_cast<std::uint64_t>(arguments.number("expect", 0));
  pool.linger_ms = static_cast<std::uint64_t>(arguments.number("linger-ms", 200));
  bench::SessionOptions session;
  session.protocol = arguments.text("protocol", "irc");
  session.nick = arguments.text("nick", "bench");
  session.caps = arguments.text("caps", "");
  session.after = arguments.text("after", "");
  session.channels = static_cast<std::uint64_t>(arguments.number("channels", 1));
  session.first = arguments.number("first", -1);
  // One login a line, taken in turn: passwords stay off the command line, and 1,000 users fit.
  std::vector<std::string> passes = read_lines(arguments.text("passes", ""));
  if (passes.empty()) passes.emplace_back("none");
  bench::ClientPool clients(pool, [&](std::size_t index) {
    bench::SessionOptions mine = session;
    mine.pass = passes[index % passes.size()];
    return mine.protocol == "irc" ? make_irc_session(std::move(mine)) : make_http_session(std::move(mine));
  });
  clients.run();
}
