// What users say on its way to the network, and the network's word on it: echoes, refusals, fences
// (core/outbox.h).
#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "bouncer/core/client.h"
#include "bouncer/upstream/question_kinds.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

constexpr std::string_view kSpeechFence = "halley-said-";

// Numerics by which a message is refused, other than 4xx and 5xx: its target takes none from us.
constexpr std::string_view kOtherRefusals = "716 974";

bool refuses_speech(const irc::Message& m) {
  if (irc::same_command(m.command, "FAIL"))
    return irc::same_command(m.param(0), "PRIVMSG") || irc::same_command(m.param(0), "NOTICE") ||
           irc::same_command(m.param(0), "BATCH");
  return m.command.size() == 3 &&
         (m.command[0] == '4' || m.command[0] == '5' || holds_word(kOtherRefusals, m.command));
}

// Of those the ones that may be about what was said, when no question is known that they answer.
bool names_speech(const irc::Message& m) {
  irc::Message speech;
  speech.command = "PRIVMSG";
  return irc::same_command(m.command, "FAIL") || holds_word(kOtherRefusals, m.command) ||
         holds_word(question_kind(question_kind_of(speech)).errors, m.command);
}

bool is_speech(const irc::Message& m) {
  return irc::same_command(m.command, "PRIVMSG") || irc::same_command(m.command, "NOTICE") ||
         irc::same_command(m.command, "TAGMSG");
}

}  // namespace

Uplink::Spoken Upstream::speak(AskedBy asker, std::string_view line, std::uint64_t number) {
  if (!stream_) return Spoken::kFull;
  hold_answer(asker);
  const Spoken spoken = ask_now(asker, line, number);
  if (spoken == Spoken::kSent) send_speech_fence(true);
  return spoken;
}

void Upstream::send_speech_fence(bool urgent) {
  if (const std::uint64_t number = network_.outbox().next_fence(urgent))
    send_now(fmt::format("PING {}{}", kSpeechFence, number));
}

bool Upstream::fence_back(std::string_view token) {
  if (!token.starts_with(kSpeechFence)) {
    const bool ours = state_.requests.fence_back(token);
    away_.passed([this](std::uint64_t question) { return state_.requests.waits_for(question); });
    return ours;
  }
  token.remove_prefix(kSpeechFence.size());
  std::uint64_t number = 0;
  std::from_chars(token.data(), token.data() + token.size(), number);
  const bool was_full = !has_room();
  network_.outbox().fence_back(number);
  wake_if(was_full);
  return true;
}

void Upstream::wake_if(bool was_full) {
  if (was_full && has_room()) user().wake_clients();
}

Outbox::Confirmed Upstream::confirm(const irc::Message& message) {
  const Outbox::Confirmed confirmed =
      network_.outbox().confirm(message, state_.labelled ? state_.labelled->speech : 0);
  state_.said_by = confirmed.origin;
  return confirmed;
}

void Upstream::settle(std::uint64_t number, EventId event) {
  const bool was_full = !has_room();
  state_.said_by = kNobody;  // what is logged behind it, out of turn, is somebody else's
  state_.confirmed_for = {};
  network_.outbox().settle(number, event);
  wake_if(was_full);
}

void Upstream::acknowledged() {
  if (!state_.labelled || state_.labelled->speech == 0) return;
  const bool was_full = !has_room();
  network_.outbox().accepted(state_.labelled->speech);
  wake_if(was_full);
}

// What was said and is refused: by its label, by the question that it answers, else by what it names.
bool Upstream::take_refusal(const irc::Message& message, Requests::Destination& route) {
  if (!refuses_speech(message)) return false;
  std::uint64_t number = route.speech;
  const bool labelled = state_.labelled.has_value();
  if (route.question == 0 && names_speech(message)) {
    for (std::size_t i = 1; number == 0 && i + 1 < message.param_count; ++i) {
      const auto line = network_.outbox().in_flight_to(message.param(i));
      if (!line) continue;
      number = line->number;
      if (line->from != kNobody) route = {.to = Requests::Destination::To::kAsker, .asker = line->from};
    }
  }
  // Of a batch as such it says nothing that we could name.
  if (number == 0 && irc::same_command(message.command, "FAIL") &&
      irc::same_command(message.param(0), "BATCH")) {
    if (const auto line = network_.outbox().multiline_in_flight()) {
      number = line->number;
      state_.requests.refused(number);
      if (line->from != kNobody) route = {.to = Requests::Destination::To::kAsker, .asker = line->from};
    }
  }
  if (number == 0) return false;
  const bool was_full = !has_room();
  network_.outbox().refused(number, message.last(), labelled);
  wake_if(was_full);
  return true;
}

// Typing and the like, CTCP questions, and what the outbox has queued here.
void Upstream::partner_renamed(std::string_view from, std::string_view to) {
  network_.outbox().partner_renamed(from, to);
  // Each NICK has all of it looked at.
  user().has_read(state_.waiting.size() * UserTurns::kOfEachLine, 0);
  for (Paced& line : state_.waiting) {
    const auto message = irc::parse(line.text);
    if (!message || !is_speech(*message) || !irc::equal(state().casemapping(), message->param(0), from))
      continue;
    std::vector<std::string_view> params(message->parameters().begin(), message->parameters().end());
    params.front() = to;
    std::string renamed;
    irc::append_line(
        renamed,
        {.tags = message->tags, .command = message->command, .params = params, .colon = params.size() > 1});
    line.text = std::move(renamed);
  }
}

void Upstream::pass_to_others(const irc::Message& message) {
  scratch_.clear();
  irc::append_message(scratch_, message);
  for (std::size_t i = 0; i < user().clients().size(); ++i) {
    Client* client = user().clients()[i];
    if (client->id() != state_.confirmed_for.client && client->view().shows(network_.id()))
      client->pass(network_, scratch_);
  }
}

}  // namespace halley
