// Clients' questions on their way to the network, and its lines on their way to who asked.
#include <algorithm>
#include <utility>

#include "bouncer/core/client.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {
constexpr std::size_t kLabelBytes = 40;  // "label=" and what follows it
constexpr double kTokensForFence = 2;    // of the pace, where it has them: one is left for what people say

std::string_view first_of(std::string_view lines) {
  return lines.substr(0, lines.find('\r'));
}

// What is said in several lines is answered as what is said in one. `message`: the first of `lines`.
void as_one_line(std::string_view lines, irc::Message& message) {
  const std::size_t end = lines.find('\n');
  const auto second = end == std::string_view::npos ? std::unexpected(irc::ParseError::kEmpty)
                                                    : irc::parse(first_of(lines.substr(end + 1)));
  if (!second) return;
  message.command = second->command;
  message.params[0] = second->params[0];
  message.param_count = 1;
}
}  // namespace

void Upstream::hold_answer(AskedBy asker) {
  if (asker.answer == 0) return;
  if (Client* client = user().client(asker.client)) client->hold_answer(asker.answer);
}

void Upstream::release_answer(AskedBy asker) {
  if (asker.answer == 0) return;
  if (Client* client = user().client(asker.client)) client->release_answer(asker.answer);
}

void Upstream::release_answers() {
  if (state_.in_line || !state_.requests.has_over()) return;
  for (const AskedBy& asker : state_.requests.take_over()) release_answer(asker);
}

void Upstream::forget_held_back() {
  const auto gone = std::exchange(state_.held_back, {});
  for (const HeldBack& question : gone) release_answer(question.asker);
}

// The asker's answer has been held for this.
Uplink::Spoken Upstream::ask_now(AskedBy asker, std::string_view line, std::uint64_t number) {
  auto message = irc::parse(first_of(line));
  if (!message) {  // made by our own serialiser
    release_answer(asker);
    return Spoken::kSent;
  }
  if (number != 0) as_one_line(line, *message);
  const irc::CapSet caps = state().caps;
  const bool labels = caps.has(irc::Cap::kLabeledResponse) && caps.has(irc::Cap::kBatch) &&
                      message->tags.size() + kLabelBytes < irc::kMaxClientTags;
  state_.requests.now(now_ms());
  const std::string label = state_.requests.sent(asker, *message, labels, number, relayed());
  std::string labelled;
  if (!label.empty()) {
    labelled = irc::with_tag("label=" + label, line);
    line = labelled;
  }
  const Spoken spoken = put(line, number);
  if (spoken == Spoken::kFull) {
    state_.requests.take_back();
    release_answers();
    return spoken;
  }
  if (irc::same_command(message->command, "AWAY")) away_.sent(state_.requests.newest(), message->param(0));
  if (asker.client == kNobody) {
    state_.own_asked_at_ms = now_ms();
  } else if (irc::same_command(message->command, "PRIVMSG")) {
    asks_by_ctcp(asker.client, *message);
  }
  send_fence();
  wait_for_pace();
  release_answers();  // of those that it has displaced
  return spoken;
}

// A bouncer answers PINGs itself, before the network behind it has said a word.
bool Upstream::relayed() const {
  const irc::CapSet offered = state_.registration.offered;
  return offered.has(irc::Cap::kSelfMessage) || offered.has(irc::Cap::kBouncerNetworks) ||
         network_.state().isupport().has("BOUNCER_NETID");
}

// Until when the question that waits is held back, as another client's may take its answer. 0: it may go.
std::uint64_t Upstream::held_until() const {
  if (state_.held_back.empty()) return 0;
  const HeldBack& question = state_.held_back.front();
  const auto message = irc::parse(question.line);
  return message ? state_.requests.held_until(question.asker.client, *message, network_.state().casemapping())
                 : 0;
}

// Only where the answer to one client could go to another, or somebody waits to hear that there is none.
std::uint64_t Upstream::fence_due() const {
  if (state_.link != Link::kConnected || !state_.requests.any()) return Requests::kNever;
  const auto sees = [this](const Client* client) { return client->view().shows(network_.id()); };
  const bool held = held_until() != 0;
  const bool several = held || std::ranges::count_if(network_.user().clients(), sees) > 1;
  return state_.requests.fence_due(held, [this, several](const AskedBy& asker) {
    const Client* client = several ? nullptr : network_.user().client(asker.client);
    return several || (client && client->awaits_answer(asker.answer));
  });
}

void Upstream::send_fence() {
  if (!state_.waiting.empty() || fence_due() > now_ms()) return;
  if (paced()) {
    refill();
    if (state_.tokens < std::min<double>(kTokensForFence, parts_.config.burst)) return;
    state_.tokens -= 1;
  }
  state_.requests.now(now_ms());
  send_now("PING " + state_.requests.next_fence());
}

void Upstream::match(const irc::Message& message) {
  state_.labelled.reset();
  state_.confirmed_for = {};
  state_.said_by = kNobody;
  if (!state_.requests.any()) return;
  state_.requests.now(now_ms());
  state_.labelled = state_.requests.labelled(message);
  if (state_.labelled) {
    state_.confirmed_for = {state_.labelled->asker, state_.labelled->answer};
  } else if (state().is_me(irc::parse_prefix(message.source).nick)) {
    state_.confirmed_for = state_.requests.confirmed(message, state().casemapping());
  }
}

void Upstream::route(const irc::Message& message) {
  Requests::Destination route =
      state_.labelled ? *state_.labelled : state_.requests.route(message, state().casemapping());
  take_refusal(message, route);
  hear_away(message, route.question);
  if (route.to == Requests::Destination::To::kNone) return;
  if (route.to == Requests::Destination::To::kAll) {
    pass(message);
    return;
  }
  Client* asker = user().client(route.asker);
  if (!asker) return;
  scratch_.clear();
  irc::append_message(scratch_, message);
  const Answering answering(*asker, route.answer);
  asker->pass(network_, scratch_);
}

bool Upstream::say_away(std::string_view text) {
  std::string line;
  const std::string_view params[] = {text};
  irc::append_line(
      line, {.command = "AWAY", .params = std::span(params).first(text.empty() ? 0 : 1), .colon = true});
  if (!ask(kEverybody, line)) return false;
  away_.sent_was_own();
  return true;
}

// Whatever else ends the question refuses it.
void Upstream::hear_away(const irc::Message& message, std::uint64_t question) {
  const bool away = message.command == irc::kRplNowAway;
  if (away || message.command == irc::kRplUnaway) return away_.told(question, away);
  away_.passed([this](std::uint64_t sent) { return state_.requests.waits_for(sent); });
}

void Upstream::pass(const irc::Message& message) {
  scratch_.clear();
  irc::append_message(scratch_, message);
  user().pass(network_, scratch_);
}

// With extended-monitor a network tells it also of those who are watched and share no channel with us: that
// is for who watches them. Of others it tells only what all may see.
// Source: https://ircv3.net/specs/extensions/extended-monitor
void Upstream::pass_presence(const irc::Message& message) {
  const std::string_view nick = irc::parse_prefix(message.source).nick;
  bool shares = state().is_me(nick) || !monitor_.watched(nick);
  if (!shares) state().each_channel_of(nick, [&](const Channel&) { shares = true; });
  if (shares) return pass(message);
  std::string line;
  irc::append_message(line, message);
  monitor_.pass_to_watchers(nick, line);
}

}  // namespace halley
