#include "bouncer/cli/trace_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/cli/text_table.h"
#include "bouncer/irc/time_tag.h"

namespace halley::cli {
namespace {

constexpr std::size_t kPeerWidth = 12;  // shorter names are padded, so that most lines begin below each other
constexpr std::string_view kDim = "\x1b[2m", kNetwork = "\x1b[36m", kClient = "\x1b[33m", kPlain = "\x1b[0m";

std::string text_of(const nlohmann::json& piece, const char* key) {
  const auto at = piece.find(key);
  return at != piece.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

nlohmann::json to_json(const TracedLine& traced) {
  std::string time;
  irc::append_time(time, traced.time_ms);
  return {{"time", time},
          {"side", traced.of_network ? "network" : "client"},
          {"peer", traced.peer},
          {"way", traced.received ? "received" : "sent"},
          {"line", traced.line}};
}

std::string trace_text(const nlohmann::json& piece, bool colours) {
  if (const auto lost = piece.find("lost"); lost != piece.end()) {
    const std::string left = lost->is_number_unsigned() ? counted_were(lost->get<std::uint64_t>(), "line")
                                                        : lost->dump() + " lines were";
    return fmt::format("-- {} left out: what reads this is slower than they come", left);
  }
  const auto colour = [&](std::string_view code) { return colours ? code : std::string_view(); };
  const std::string time = text_of(piece, "time"), peer = visible(text_of(piece, "peer"));
  constexpr std::size_t kDate = 11, kTime = 12;  // of "2026-11-22T16:08:05.123Z"
  return fmt::format("{}{}{}  {}{}{}{} {} {}", colour(kDim), time.substr(std::min(kDate, time.size()), kTime),
                     colour(kPlain), colour(text_of(piece, "side") == "network" ? kNetwork : kClient), peer,
                     colour(kPlain), std::string(kPeerWidth - std::min(peer.size(), kPeerWidth), ' '),
                     text_of(piece, "way") == "received" ? "->" : "<-", visible(text_of(piece, "line")));
}

}  // namespace halley::cli
