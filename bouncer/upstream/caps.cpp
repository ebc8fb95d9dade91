// Capability negotiation with a network, before and after registration.
// Source: https://ircv3.net/specs/extensions/capability-negotiation
#include <fmt/format.h>

#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Cap;
using irc::CapSet;
using irc::Message;

CapSet wanted(Upstream& up) {
  CapSet caps = irc::caps_for(irc::cap_use::kWanted);
  if (sasl_configured(up)) caps.add(Cap::kSasl);
  return caps;
}

CapSet known_caps(std::string_view list, bool minus_only = false) {
  CapSet caps;
  irc::for_each_cap(list, [&](std::string_view name, std::string_view, bool minus) {
    const auto cap = irc::find_cap(name);
    if (cap && minus == minus_only) caps.add(*cap);
  });
  return caps;
}

// In as few lines as fit.
void request(Upstream& up, CapSet caps) {
  up.registration().requested = up.registration().requested | caps;
  std::string list;
  const auto send = [&] {
    if (!list.empty()) up.send_now("CAP REQ :" + list);
    list.clear();
  };
  caps.for_each([&](Cap cap) {
    constexpr std::size_t kFits = 400;
    if (list.size() + irc::name(cap).size() > kFits) send();
    if (!list.empty()) list += ' ';
    list += irc::name(cap);
  });
  send();
}

// False: the link is gone.
bool remember_offer(Upstream& up, std::string_view list) {
  bool stays = true;
  irc::for_each_cap(list, [&](std::string_view name, std::string_view value, bool) {
    const auto cap = irc::find_cap(name);
    if (!cap || !stays) return;
    if (*cap == Cap::kSts) stays = !up.hear_sts(value);
    if (!stays) return;
    up.registration().offered.add(*cap);
    if (*cap == Cap::kMultiline) up.registration().multiline = irc::parse_multiline_limits(value);
    if (*cap == Cap::kSasl) up.registration().sasl_value = irc::clip_utf8(value, 256);
  });
  return stays;
}

// All that was asked for is answered: log in, or end the negotiation.
void go_on(Upstream& up) {
  Upstream::Registration& reg = up.registration();
  if (!reg.requested.empty() || reg.ended) return;
  if (!sasl_configured(up) || reg.sasl == Upstream::Sasl::kDone) {
    end_caps(up);
  } else if (reg.sasl == Upstream::Sasl::kNotYet) {
    if (up.state().caps.has(Cap::kSasl)) {
      begin_sasl(up);
    } else if (reg.offered.has(Cap::kSasl)) {
      sasl_refused(up, "the network refused the sasl capability");
    }
    // Otherwise it may come by CAP NEW, when the network's services are back: for a while nothing is ended.
  }
}

void on_ls(Upstream& up, const Message& m) {
  if (!remember_offer(up, m.last())) return;
  if (m.param_count >= 4 && m.param(2) == "*") return;  // more follows
  Upstream::Registration& reg = up.registration();
  if (reg.ls_done) return;  // an answer to nothing that we asked
  reg.ls_done = true;
  request(up, reg.offered & wanted(up));
  go_on(up);
}

void on_ack(Upstream& up, const Message& m) {
  const CapSet gone = known_caps(m.last(), true);
  const CapSet got = known_caps(m.last()) & wanted(up);
  NetworkState& state = up.state();
  const CapSet before = state.caps;
  state.caps = (state.caps | got) - gone;
  const bool login = up.registration().requested.has(Cap::kSasl) && got.has(Cap::kSasl);
  up.registration().requested = up.registration().requested - known_caps(m.last()) - gone;
  if (up.link() == Link::kConnected && state.caps != before) up.user().network_changed(up.network());
  if (up.registration().ended && login) {
    begin_sasl(up);  // offered anew while the link was up
    return;
  }
  go_on(up);
}

// A list is refused whole, whatever the network did not like of it: each is asked for alone, once.
void on_nak(Upstream& up, const Message& m) {
  Upstream::Registration& reg = up.registration();
  // Some networks clip the list, or leave it out: what was not asked for alone went in one with what it
  // names.
  CapSet refused = known_caps(m.last()) & reg.requested;
  const bool of_bundle = refused.empty() || !(refused - reg.asked_alone).empty();
  if (of_bundle) refused = refused | (reg.requested - reg.asked_alone);
  if (refused.empty()) refused = reg.requested;
  reg.requested = reg.requested - refused;
  const CapSet again = refused - reg.asked_alone;
  reg.asked_alone = reg.asked_alone | again;
  again.for_each([&](Cap cap) { request(up, CapSet::of(cap)); });
  go_on(up);
}

void on_new(Upstream& up, const Message& m) {
  if (!remember_offer(up, m.last())) return;
  const CapSet fresh = known_caps(m.last()) & (wanted(up) - up.state().caps);
  Upstream::Registration& reg = up.registration();
  reg.asked_alone = reg.asked_alone - fresh;
  if (reg.ls_done) request(up, fresh);
  // The services are back, and have forgotten us.
  const bool again = known_caps(m.last()).has(Cap::kSasl) && up.state().caps.has(Cap::kSasl);
  if (again && reg.ended && sasl_configured(up) && up.state().account.empty()) begin_sasl(up);
}

void on_del(Upstream& up, const Message& m) {
  const CapSet gone = known_caps(m.last());
  up.registration().offered = up.registration().offered - gone;
  up.state().caps = up.state().caps - gone;
  if (up.link() == Link::kConnected) up.user().network_changed(up.network());
}

struct Sub {
  std::string_view name;
  void (*run)(Upstream& up, const Message& m);
};
constexpr Sub kSubs[] = {{"LS", on_ls}, {"ACK", on_ack}, {"NAK", on_nak}, {"NEW", on_new}, {"DEL", on_del}};

void on_cap(Upstream& up, const Message& m) {
  for (const Sub& sub : kSubs) {
    if (irc::same_command(sub.name, m.param(1))) {
      sub.run(up, m);
      return;
    }
  }
}

constexpr UpstreamRow kCapRows[] = {{"CAP", 2, on_cap}};

}  // namespace

std::span<const UpstreamRow> cap_rows() {
  return kCapRows;
}

bool waits_for_sasl(Upstream& up) {
  const Upstream::Registration& reg = up.registration();
  return reg.ls_done && !reg.ended && sasl_configured(up) && !reg.offered.has(Cap::kSasl);
}

void end_caps(Upstream& up) {
  if (up.registration().ended) return;
  up.registration().ended = true;
  up.send_now("CAP END");
}

}  // namespace halley
