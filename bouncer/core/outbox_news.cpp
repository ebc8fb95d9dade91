// What became of a line, told: in a sentence to people, by its number to programs.
#include <fmt/format.h>

#include "bouncer/core/client.h"
#include "bouncer/core/network.h"
#include "bouncer/core/outbox.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/service_words.h"

namespace halley {

namespace {
constexpr std::size_t kNoted = 200;  // bytes of a text in a sentence about it
}  // namespace

std::string Outbox::text_for_people(const Line& line) {
  const auto clean = irc::without_password(line.target, line.text);
  return irc::on_one_line(clean ? *clean : line.text);
}

std::string Outbox::note_of(const Line& line) const {
  const std::string all = text_for_people(line);
  const std::string_view text = irc::clip_utf8(all, kNoted);
  if (line.refused) return fmt::format("The network refused what you said to {}: {}", line.target, text);
  if (line.stage == Stage::kWaiting) {
    return fmt::format("The link was lost before {} heard this; it waits (/msg *halley outbox): {}",
                       line.target, text);
  }
  return fmt::format("Nobody knows whether {} heard this (/msg *halley outbox): {}", line.target, text);
}

std::string Outbox::not_sent_note(const Line& line, std::string_view why) const {
  return fmt::format("Halley did not send what you said to {} ({}): {}", line.target, why,
                     irc::clip_utf8(text_for_people(line), kNoted));
}

void Outbox::tell_others(const Line& line, std::string_view note) const {
  std::string out;
  const std::string_view params[] = {network_.nick(), note};
  irc::append_line(
      out, {.source = network_.user().hostname(), .command = "NOTICE", .params = params, .colon = true});
  const User& user = network_.user();
  for (std::size_t i = 0; i < user.clients().size(); ++i) {
    Client* client = user.clients()[i];
    if (client->id() != line.from && client->live() && client->view().shows(network_.id()))
      client->pass(network_, out);
  }
}

SaidNews Outbox::news_of(const Line& line, SaidNews::Fate fate) const {
  return {.fate = fate,
          .to_all = line.shown,
          .id = line.id,
          .command = {line.client, line.seq},
          .notice = line.notice,
          .target = line.target,
          .text = line.text,
          .time_ms = line.time_ms,
          .event = line.event,
          .why = {}};
}

// As a rule a line is said, and its way is of interest to the program that numbered it alone. What waits, or
// comes to grief, is shown to all.
void Outbox::tell_fate(Line& line, SaidNews::Fate fate, std::string_view why) {
  using S = SaidNews::Fate;
  line.shown = line.shown || fate == S::kQueued || fate == S::kRefused || fate == S::kUnknown;
  if (!line.shown && line.seq == 0) return;
  const auto clean = irc::without_password(line.target, line.text);
  SaidNews news = news_of(line, fate);
  if (clean) news.text = *clean;
  news.why = why;
  const User& user = network_.user();
  for (std::size_t i = 0; i < user.clients().size(); ++i) {
    Client* client = user.clients()[i];
    if (client->view().shows(network_.id())) client->said(network_, news);
  }
}

void Outbox::tell_open(Client& client) {
  using S = SaidNews::Fate;
  if (!open_) return;
  for (Line& line : open_->lines) {
    if (line.secret || line.stage == Stage::kSaid || line.stage == Stage::kTakenBack) continue;
    line.shown = true;
    client.said(network_, news_of(line, line.stage == Stage::kWaiting   ? S::kQueued
                                        : line.stage == Stage::kQueued  ? S::kAccepted
                                        : line.stage == Stage::kUnknown ? S::kUnknown
                                                                        : S::kSent));
  }
}

std::string_view said_fate_name(SaidNews::Fate fate) {
  constexpr std::string_view kNames[] = {"queued",  "accepted", "sent",     "confirmed",
                                         "refused", "unknown",  "cancelled"};
  return kNames[static_cast<std::size_t>(fate)];
}

}  // namespace halley
