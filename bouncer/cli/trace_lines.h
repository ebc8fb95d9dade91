// What `halley trace` prints: one raw line of a connection, without what could change the terminal. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace halley::cli {

// What a trace tells of a line: when, of which connection ("libera", "ircs 192.0.2.7 @phone"), and which way.
struct TracedLine {
  std::int64_t time_ms = 0;
  bool of_network = false;  // else a client's
  bool received = false;    // by Halley; else sent by it
  std::string_view peer, line;
};

nlohmann::json to_json(const TracedLine& traced);
// The same for a person: "16:08:05.123  libera -> :ann!a@host PRIVMSG #halley :hello"; "->" is what Halley
// received, "<-" what it sent. Control characters stand as ^B; `colours` are a terminal's. Of another piece:
// what it says.
std::string trace_text(const nlohmann::json& piece, bool colours);

}  // namespace halley::cli
