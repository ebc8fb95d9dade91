// Who is there: the user's own AWAY, and what MONITOR says of others.
#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;

void on_own_away(Upstream& up, const Message& m) {
  up.state().away = m.command == irc::kRplNowAway;
  up.route(m);
}

void on_monitor_online(Upstream& up, const Message& m) {
  up.monitor().told(m, true);
}

void on_monitor_offline(Upstream& up, const Message& m) {
  up.monitor().told(m, false);
}

void on_monitor_full(Upstream& up, const Message& m) {
  up.monitor().list_full(m);
}

constexpr UpstreamRow kPresenceRows[] = {
    {irc::kRplUnaway, 0, on_own_away}, {irc::kRplNowAway, 0, on_own_away}, {"730", 2, on_monitor_online},
    {"731", 2, on_monitor_offline},    {"734", 3, on_monitor_full},
};

}  // namespace

std::span<const UpstreamRow> presence_rows() {
  return kPresenceRows;
}

void set_up_presence(Upstream& up) {
  const std::string& text = up.away().text();
  if (!text.empty()) (void)up.say_away(text);
  up.monitor().in_use();
}

}  // namespace halley
