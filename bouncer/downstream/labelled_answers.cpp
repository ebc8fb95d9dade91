#include "bouncer/downstream/labelled_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {

std::string label_tag(std::string_view label) {
  return fmt::format("label={}", label);
}

}  // namespace

AnswerId LabelledAnswers::begin(std::string_view label) {
  if (answers_.size() == kMostOpen) {
    const Answer oldest = std::move(answers_.front());
    answers_.erase(answers_.begin());
    end(oldest);
  }
  answers_.push_back({.id = ++last_, .label = std::string(label)});
  return last_;
}

LabelledAnswers::At LabelledAnswers::find(AnswerId id) {
  return std::ranges::find(answers_, id, &Answer::id);
}

void LabelledAnswers::hold(AnswerId id) {
  if (const At answer = find(id); answer != answers_.end()) ++answer->holds;
}

void LabelledAnswers::release(AnswerId id) {
  const At answer = find(id);
  if (answer == answers_.end() || --answer->holds > 0) return;
  const Answer ended = std::move(*answer);
  answers_.erase(answer);
  end(ended);
}

std::string LabelledAnswers::hand_on(AnswerId id) {
  if (!waits(id)) return {};
  const At answer = find(id);
  std::string label = std::move(answer->label);
  answers_.erase(answer);
  return label;
}

void LabelledAnswers::end_all() {
  for (const Answer& answer : std::exchange(answers_, {})) end(answer);
}

bool LabelledAnswers::waits(AnswerId id) const {
  const auto answer = std::ranges::find(answers_, id, &Answer::id);
  return answer != answers_.end() && !answer->told && answer->batch.empty() && answer->first.empty();
}

bool LabelledAnswers::open(AnswerId id) const {
  const auto answer = std::ranges::find(answers_, id, &Answer::id);
  return answer != answers_.end() && !answer->told;
}

void LabelledAnswers::add(AnswerId id, std::string_view line) {
  const At answer = find(id);
  const auto message = irc::parse(line);
  // What stands in a batch, or closes one, is told as that batch is.
  const bool batch = message && message->command == "BATCH";
  const bool inside =
      message && (irc::find_tag(message->tags, "batch") || (batch && message->param(0).starts_with('-')));
  if (answer == answers_.end() || answer->told || inside) return client_.put(line);
  if (!answer->batch.empty()) return client_.put(irc::with_tag("batch=" + answer->batch, line));
  if (!answer->first.empty()) {
    open_batch(*answer);
    return client_.put(irc::with_tag("batch=" + answer->batch, line));
  }
  if (!batch) {
    answer->first = line;
    return;
  }
  answer->told = true;
  client_.put(irc::with_tag(label_tag(answer->label), line));
}

std::optional<LabelledAnswers::EventTags> LabelledAnswers::tags_of_event(AnswerId id) {
  const At answer = find(id);
  if (answer == answers_.end() || answer->told) return std::nullopt;
  if (!answer->first.empty()) open_batch(*answer);
  if (!answer->batch.empty()) return EventTags{.label = {}, .batch = answer->batch};
  answer->told = true;
  return EventTags{.label = answer->label, .batch = {}};
}

// With the line that has waited.
void LabelledAnswers::open_batch(Answer& answer) {
  answer.batch = client_.next_batch_reference();
  client_.put(irc::with_tag(
      label_tag(answer.label),
      irc::format_line(client_.server_name(), "BATCH", {"+" + answer.batch, "labeled-response"})));
  client_.put(irc::with_tag("batch=" + answer.batch, std::exchange(answer.first, {})));
}

void LabelledAnswers::end(const Answer& answer) {
  if (answer.told) return;
  if (!answer.batch.empty()) {
    client_.put(irc::format_line(client_.server_name(), "BATCH", {"-" + answer.batch}));
  } else if (!answer.first.empty()) {
    client_.put(irc::with_tag(label_tag(answer.label), answer.first));
  } else {
    client_.put(irc::with_tag(label_tag(answer.label), irc::format_line(client_.server_name(), "ACK", {})));
  }
}

}  // namespace halley
