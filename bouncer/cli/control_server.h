// The daemon's end of the control socket: takes command lines from `halley ...` run by the same system user.
//
// Thread: the loop's. Owner: the composition root, which accepts the streams. At most 64 connections at once:
// a further one is told so and closed. A request is at most kMostRequest bytes: a longer one is refused and
// its connection closed. Nothing to hand over: who asked hears of a closed connection, and asks again.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "bouncer/cli/command_runner.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley::cli {

class ControlServer {
 public:
  ControlServer(net::Loop& loop, CommandRunner& runner);
  ~ControlServer();

  // REQUIRES: the stream is paused, and nobody listens.
  void accept(std::unique_ptr<net::Stream> stream);

 private:
  class Connection;
  void drop(Connection& connection);

  net::Loop& loop_;
  CommandRunner& runner_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley::cli
