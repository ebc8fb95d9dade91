// Answers networks that ask whose a connection from here to them is. Source: RFC 1413
//
// One question a connection, which is then closed. Thread: the loop's. Owner: the Assembly. A successor needs
// nothing of it: who was not answered asks again with the next connection.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"
#include "bouncer/upstream/idents.h"

namespace halley {

// "6193, 23" as the server that asks has it: the port here, and its own. Nothing: it is no question, or a
// port is not from 1 to 65535.
std::optional<Idents::Connection> parse_ident_query(std::string_view line);
// The line that answers it, without CR LF. `peer`: who asks; of a program on this machine (oidentd, which
// hands questions on) addresses say nothing, and are not compared.
std::string answer_ident_query(const Idents& idents, std::string_view line, const net::Peer& peer,
                               std::string_view local_address);

class IdentServer {
 public:
  static constexpr std::size_t kMostAskers = 64;  // at once; then the oldest goes
  static constexpr std::size_t kMaxQuery = 1000;  // bytes of a line, RFC 1413 section 4
  static constexpr std::uint64_t kAnsweredWithinMs = 30'000;

  IdentServer(net::Loop& loop, const Idents& idents);
  ~IdentServer();

  // REQUIRES: the stream is paused, and nobody listens.
  void accept(std::unique_ptr<net::Stream> stream, net::Peer peer);

 private:
  class Asker;
  void end(Asker& asker);

  net::Loop& loop_;
  const Idents& idents_;
  std::list<std::unique_ptr<Asker>> askers_;  // the oldest first
  std::list<std::unique_ptr<Asker>> ended_;   // in this turn of the loop
  std::unique_ptr<net::Task> drop_;
};

}  // namespace halley
