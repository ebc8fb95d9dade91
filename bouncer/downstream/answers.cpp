// What one client is answered: lines of Halley's own, and whose answer they are.
#include <fmt/format.h>

#include <vector>

#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/numerics.h"

namespace halley {

// --- Lines

void Downstream::send(std::string_view line) {
  if (answering() != 0 && labels_) {
    labels_->add(answering(), line);
  } else {
    put(line);
  }
}

void Downstream::put(std::string_view line) {
  if (!stream_) return;
  scratch_.assign(line);
  const std::size_t space = line.starts_with('@') ? line.find(' ') : std::string_view::npos;
  if (!irc::fit_line(scratch_, space == std::string_view::npos ? 0 : space + 1)) return;
  scratch_ += "\r\n";
  queue(scratch_, 0);
  flush_->schedule();
}

void Downstream::reply(std::string_view numeric, std::initializer_list<std::string_view> params) {
  const std::string target = state_.welcomed                 ? state_.nick
                             : state_.handshake.nick.empty() ? std::string("*")
                                                             : state_.handshake.nick;
  std::vector<std::string_view> all{target};
  all.insert(all.end(), params.begin(), params.end());
  std::string line;
  irc::append_line(line, {.source = server_name(), .command = numeric, .params = all, .colon = true});
  send(line);
}

void Downstream::fail(std::string_view command, std::string_view code,
                      std::initializer_list<std::string_view> context, std::string_view text) {
  std::vector<std::string_view> params{command, code};
  params.insert(params.end(), context.begin(), context.end());
  params.push_back(text);
  std::string line;
  irc::append_line(line, {.source = server_name(), .command = "FAIL", .params = params, .colon = true});
  send(line);
}

void Downstream::notice(std::string_view text) {
  std::string line;
  const std::string_view params[] = {state_.welcomed ? std::string_view(state_.nick) : std::string_view("*"),
                                     text};
  irc::append_line(line, {.source = server_name(), .command = "NOTICE", .params = params, .colon = true});
  send(line);
}

// --- Labels

std::optional<std::string_view> Downstream::label_in(std::string_view tags) const {
  if (!state_.welcomed || !state_.caps.has(irc::Cap::kLabeledResponse) || !state_.caps.has(irc::Cap::kBatch))
    return std::nullopt;
  const auto label = irc::find_tag(tags, "label");
  if (!label || label->empty() || label->size() > LabelledAnswers::kMostLabel) return std::nullopt;
  return label;
}

// Of its tags those count that are whole, and without the bytes that no line may have.
void Downstream::refuse_line(std::string_view line, std::string_view numeric,
                             std::initializer_list<std::string_view> params) {
  const bool tagged = line.starts_with('@');
  const std::size_t end = line.find(' ');
  const bool whole = end != std::string_view::npos || numeric != irc::kErrInputTooLong;
  std::string_view tags = tagged ? line.substr(1, end == std::string_view::npos ? end : end - 1) : "";
  if (!whole) tags = tags.substr(0, tags.rfind(';'));
  const auto label = label_in(tags);
  if (!label || label->find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos)
    return reply(numeric, params);
  if (!labels_) labels_ = std::make_unique<LabelledAnswers>(*this);
  const Answering answering_it(*this, labels_->begin(*label));
  reply(numeric, params);
  release_answer(answering());
}

void Downstream::handle_labelled(irc::Message message, std::string_view label) {
  if (!labels_) labels_ = std::make_unique<LabelledAnswers>(*this);
  const Answering answering_it(*this, labels_->begin(label));
  std::string tags;
  irc::for_each_tag(message.tags, [&](std::string_view key, std::string_view value) {
    if (key == "label") return;
    (tags += tags.empty() ? "" : ";") += key;
    if (!value.empty()) (tags += '=') += value;
  });
  message.tags = tags;
  handle_downstream_line(*this, message);
  release_answer(answering());
}

void Downstream::hold_answer(AnswerId answer) {
  if (labels_) labels_->hold(answer);
}

void Downstream::release_answer(AnswerId answer) {
  if (labels_ && stream_ && !state_.ending) labels_->release(answer);
}

// The event answers a labelled command of this client. False: not so, or it bears no label.
bool Downstream::deliver_answer(const Delivery& delivery) {
  if (!labels_ || delivery.answers.client != id()) return false;
  const auto tags = labels_->tags_of_event(delivery.answers.answer);
  if (!tags) return false;
  scratch_.clear();
  append_event(scratch_, delivery, style_, state_.nick, {.batch = tags->batch, .label = tags->label});
  queue_or_skip(delivery.event.id);
  return true;
}

AnswerId Downstream::asked_store() {
  ++state_.store_questions;
  hold_answer(answering());
  return answering();
}

void Downstream::store_answered(AnswerId answer) {
  --state_.store_questions;
  release_answer(answer);
  answers_taken();
}

}  // namespace halley
