#include "bouncer/upstream/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace halley {

namespace {

constexpr std::string_view kLabel = "halley";
constexpr std::size_t kMostLabelledBatches = 16;

// What an answer may name: all parameters but a text and the keys of channels.
std::string subject_of(const irc::Message& m) {
  const bool first = irc::same_command(m.command, "PRIVMSG") || irc::same_command(m.command, "NOTICE") ||
                     irc::same_command(m.command, "JOIN");
  std::string subject;
  std::size_t named = first ? std::min<std::size_t>(1, m.param_count) : m.param_count;
  if (irc::same_command(m.command, "AWAY")) named = 0;
  for (std::size_t i = 0; i < named; ++i) {
    if (m.param(i).find(' ') != std::string_view::npos) continue;
    if (subject.size() + m.param(i).size() + 1 > Requests::kMostSubject) break;
    if (!subject.empty()) subject += ' ';
    subject += m.param(i);
  }
  return subject;
}

// Takes `name` out of the list ("#a,#b") that it stands in. False: it stands in none.
bool take_name(std::string& subject, std::string_view name, irc::CaseMapping mapping) {
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < subject.size(); begin = end + 1) {
    end = std::min(subject.find_first_of(" ,", begin), subject.size());
    const bool follows = begin > 0 && subject[begin - 1] == ',';
    const bool leads = end < subject.size() && subject[end] == ',';
    if (!(follows || leads) ||
        !irc::equal(mapping, std::string_view(subject).substr(begin, end - begin), name))
      continue;
    subject.erase(follows ? begin - 1 : begin, end - begin + 1);
    return true;
  }
  return false;
}

// The names in a reply: what stands between our own nick and the text.
std::span<const std::string_view> names_in(const irc::Message& m) {
  if (m.param_count < 2) return {};
  const std::size_t text = m.param_count > 2 ? 1 : 0;
  return m.parameters().subspan(1, m.param_count - 1 - text);
}

// Takes out of "#c +vv carol dave" the argument that a refusal names, or the last one if it names a letter.
// False: none was left to take but one.
bool take_argument(std::string& subject, std::span<const std::string_view> refused,
                   irc::CaseMapping mapping) {
  const std::size_t channel = subject.find(' ');
  const std::size_t first = channel == std::string::npos ? channel : subject.find(' ', channel + 1);
  const std::size_t last = subject.rfind(' ');
  if (first == std::string::npos || first == last) return false;
  std::size_t taken = last;
  for (std::size_t begin = first; begin != std::string::npos; begin = subject.find(' ', begin + 1)) {
    const std::string_view argument = std::string_view(subject).substr(begin + 1);
    const std::string_view word = argument.substr(0, argument.find(' '));
    if (std::ranges::any_of(refused, [&](std::string_view n) { return irc::equal(mapping, n, word); }))
      taken = begin;
  }
  subject.erase(taken, std::min(subject.find(' ', taken + 1), subject.size()) - taken);
  return true;
}

bool is_numeric(std::string_view command) {
  return command.size() == 3 && std::ranges::all_of(command, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_error(std::string_view numeric) {
  return numeric[0] == '4' || numeric[0] == '5' || numeric[0] == '9';
}

}  // namespace

bool Requests::names(std::string_view subject, std::string_view name, irc::CaseMapping mapping) {
  if (name.empty()) return false;
  while (!subject.empty()) {
    const std::size_t end = subject.find_first_of(" ,");
    if (irc::equal(mapping, subject.substr(0, end), name)) return true;
    subject = end == std::string_view::npos ? std::string_view{} : subject.substr(end + 1);
  }
  return false;
}

bool Requests::about(std::string_view subject, const irc::Message& m, irc::CaseMapping mapping) {
  return std::ranges::any_of(names_in(m),
                             [&](std::string_view name) { return names(subject, name, mapping); });
}

std::string Requests::sent(AskedBy by, const irc::Message& message, bool labels, std::uint64_t speech,
                           bool relayed) {
  make_room(by.client);
  const QuestionKindId kind = question_kind_of(message);
  const std::size_t elsewhere = question_kind(kind).elsewhere;
  waiting_.push_back({.who = by.client,
                      .answer = by.answer,
                      .number = ++last_number_,
                      .kind = kind,
                      .labelled = labels,
                      .late = relayed || (elsewhere != 0 && message.param_count >= elsewhere),
                      .heard_ms = now_ms_,
                      .command = std::string(message.command),
                      .subject = subject_of(message),
                      .speech = speech});
  return labels ? fmt::format("{}{}", kLabel, last_number_) : std::string();
}

std::size_t Requests::count(ClientId who) const {
  return static_cast<std::size_t>(std::ranges::count(waiting_, who, &Question::who));
}

void Requests::take_back() {
  if (!waiting_.empty() && waiting_.back().number == last_number_) erase(std::prev(waiting_.end()));
}

// For the asker itself its oldest question goes; over all askers, the oldest of whoever has most. What is
// only answered when it is refused goes first: an answer that nobody is known to have asked for goes to all.
// An AWAY goes last: its text is the answer's.
void Requests::make_room(ClientId who) {
  ClientId most = who;
  if (count(who) < kMostQuestions) {
    if (waiting_.size() < kMostInAll) return;
    std::map<ClientId, std::size_t> counts;
    std::size_t highest = 0;
    for (const Question& question : waiting_) highest = std::max(highest, ++counts[question.who]);
    most = std::ranges::find_if(waiting_, [&](const Question& q) { return counts[q.who] == highest; })->who;
  }
  const auto oldest = [&](auto&& fits) {
    return std::ranges::find_if(
        waiting_, [&](const Question& q) { return q.who == most && fits(question_kind(q.kind)); });
  };
  At least = oldest([](const QuestionKind& kind) { return kind.last.empty(); });
  if (least == waiting_.end()) least = oldest([](const QuestionKind& kind) { return !kind.prompt; });
  erase(least != waiting_.end() ? least : oldest([](const QuestionKind&) { return true; }));
}

void Requests::ended(const Question& question) {
  if (question.answer != 0) over_.emplace_back(question.who, question.answer);
}

void Requests::erase(At question) {
  if (question == waiting_.end()) return;
  ended(*question);
  waiting_.erase(question);
  give_back();
}

// Most of the time hardly anything is waited for, and a thousand networks are many.
void Requests::give_back() {
  if (waiting_.capacity() > 4 * waiting_.size()) waiting_.shrink_to_fit();
}

// The network has come as far as this question: those before it that nothing ends are over.
void Requests::drop_older(At question) {
  const std::uint64_t number = question->number;
  std::erase_if(waiting_, [&](const Question& q) {
    const bool gone = q.number < number && !q.labelled && open_ended(q.kind);
    if (gone) ended(q);
    return gone;
  });
}

Requests::Destination Requests::route_to(ClientId who, AnswerId answer) {
  if (who == kEverybody) return {};
  return {.to = who == kNobody ? Destination::To::kNone : Destination::To::kAsker,
          .asker = who,
          .answer = answer};
}

Requests::Destination Requests::answered(At question, const irc::Message& message, bool over) {
  const std::uint64_t number = question->number;
  Destination route = route_to(question->who, question->answer);
  route.question = number;
  route.speech = question->speech;
  drop_older(question);
  const At now = std::ranges::find(waiting_, number, &Question::number);
  if (!over) {
    trailing_ = kUnknownKind;  // the network is elsewhere
    now->begun = true;
    now->heard_ms = now_ms_;
    return route;
  }
  trailing_ = is_error(message.command) ? kUnknownKind : now->kind;
  trailing_for_ = now->who;
  erase(now);
  return route;
}

// A label says it all: on a line of its own, on the batch that holds the answer, or on a batch around that
// one.
std::optional<Requests::Destination> Requests::labelled(const irc::Message& message) {
  const bool batch = irc::same_command(message.command, "BATCH");
  if (const auto label = irc::find_tag(message.tags, "label"); label && label->starts_with(kLabel)) {
    std::uint64_t number = 0;
    std::from_chars(label->data() + kLabel.size(), label->data() + label->size(), number);
    const At question = std::ranges::find(waiting_, number, &Question::number);
    if (question == waiting_.end()) return std::nullopt;
    Destination route = route_to(question->who, question->answer);
    route.question = number;
    route.speech = question->speech;
    if (batch && message.param(0).starts_with('+') && batches_.size() < kMostLabelledBatches) {
      batches_.push_back({.reference = std::string(message.param(0).substr(1)),
                          .who = question->who,
                          .answer = question->answer,
                          .number = number,
                          .speech = question->speech,
                          .heard_ms = now_ms_});
      question->begun = true;
      question->heard_ms = now_ms_;
    } else {
      erase(question);
    }
    return route;
  }
  const auto find = [&](std::string_view reference) {
    return std::ranges::find(batches_, reference, &LabelledBatch::reference);
  };
  if (batch && message.param(0).starts_with('-')) {
    const auto closed = find(message.param(0).substr(1));
    if (closed == batches_.end()) return std::nullopt;
    Destination route = route_to(closed->who, closed->answer);
    route.speech = closed->speech;  // it is whole now
    erase(std::ranges::find(waiting_, closed->number, &Question::number));
    batches_.erase(closed);
    return route;
  }
  const auto reference = irc::find_tag(message.tags, "batch");
  const auto around = reference ? find(*reference) : batches_.end();
  if (around == batches_.end()) return std::nullopt;
  const ClientId who = around->who;
  Destination route = route_to(who, around->answer);
  route.question = around->number;
  route.speech = around->speech;
  heard_in_batch(who, route.answer);
  if (batch && message.param(0).starts_with('+') && batches_.size() < kMostLabelledBatches) {
    // The inner one ends no question: its number is nobody's.
    batches_.push_back({.reference = std::string(message.param(0).substr(1)),
                        .who = who,
                        .answer = route.answer,
                        .number = 0,
                        .speech = route.speech,
                        .heard_ms = now_ms_});
  }
  return route;
}

// A standard reply: FAIL ends the oldest question of its command of which it names most; WARN and NOTE are
// beside an answer that is still to come, and go to all where two may have asked.
Requests::Destination Requests::standard_reply(const irc::Message& message, std::string_view command,
                                               bool ends, irc::CaseMapping mapping) {
  At question = waiting_.end();
  std::ptrdiff_t most = -1;
  bool several = false;  // have asked what it names so much of
  for (At q = waiting_.begin(); q != waiting_.end(); ++q) {
    if (q->labelled || !irc::same_command(q->command, command)) continue;
    const auto named = std::ranges::count_if(
        names_in(message), [&](std::string_view name) { return names(q->subject, name, mapping); });
    if (named > most) {
      question = q;
      most = named;
      several = false;
    } else if (named == most) {
      several = several || q->who != question->who;
    }
  }
  if (question == waiting_.end()) return {};
  if (ends) return answered(question, message, true);
  if (several) return {};
  Destination route = route_to(question->who, question->answer);
  route.question = question->number;
  return route;
}

Requests::Destination Requests::route(const irc::Message& message, irc::CaseMapping mapping) {
  if (!is_numeric(message.command)) {
    // Standard replies name the command that they answer ('*' where it could not be read), and those of
    // draft/account-registration are named like their questions.
    const bool own_name =
        irc::same_command(message.command, "REGISTER") || irc::same_command(message.command, "VERIFY");
    const bool ends = own_name || irc::same_command(message.command, "FAIL");
    const bool warns =
        irc::same_command(message.command, "WARN") || irc::same_command(message.command, "NOTE");
    if (message.param_count == 0 || !(ends || warns)) return {};
    return standard_reply(message, own_name ? message.command : message.param(0), ends, mapping);
  }
  // 301 also answers whoever has written to somebody.
  const bool trails = holds_word(question_kind(trailing_).trailing, message.command);
  if (trails && message.command != "301") return route_to(trailing_for_);
  if (const At question = find_numeric(message, mapping); question != waiting_.end()) {
    return answered(question, message, holds_word(question_kind(question->kind).last, message.command));
  }
  if (trails) return route_to(trailing_for_);
  if (is_error(message.command) || refuses_some(message.command)) return refused_by(message, mapping);
  const At question = find_unknown(message, mapping);
  return question == waiting_.end() ? Destination{} : answered(question, message, false);
}

// Numbers of some refusals look like those of answers.
bool Requests::refuses_some(std::string_view numeric) const {
  return std::ranges::any_of(waiting_, [&](const Question& q) {
    return !q.labelled && holds_word(question_kind(q.kind).errors, numeric);
  });
}

Requests::Destination Requests::refused_by(const irc::Message& message, irc::CaseMapping mapping) {
  const At question = find_error(message, mapping);
  if (question == waiting_.end()) return {};
  // "No such nick" of a WHOIS is followed by the end that it always has.
  const bool end_follows = message.command == "401" && holds_word(question_kind(question->kind).last, "318");
  return answered(question, message, !end_follows && !refuse_some(*question, message, mapping));
}

// Takes out of the question what was refused. True: it was of several, and more may be said of the others.
bool Requests::refuse_some(Question& question, const irc::Message& message, irc::CaseMapping mapping) {
  if (!open_ended(question.kind) || question.speech != 0) return false;
  if (irc::same_command(question.command, "MODE"))
    return take_argument(question.subject, names_in(message), mapping);
  const bool several = question.subject.contains(',');
  for (const std::string_view name : names_in(message)) take_name(question.subject, name, mapping);
  return several;
}

// The oldest question of the kind that this numeric answers; one that it names goes before, unless its server
// answers in the order of the questions and what a reply names need not be what was asked for.
Requests::At Requests::find_numeric(const irc::Message& message, irc::CaseMapping mapping) {
  At first = waiting_.end();
  for (At q = waiting_.begin(); q != waiting_.end(); ++q) {
    if (q->labelled) continue;
    const QuestionKind& kind = question_kind(q->kind);
    if (!holds_word(kind.last, message.command) && !holds_word(kind.replies, message.command)) continue;
    const bool in_order = kind.in_order && !holds_word(kind.last, message.command);
    if (!in_order && about(q->subject, message, mapping)) return q;
    if (first == waiting_.end()) first = q;
  }
  // Whoever is away is named as they were: another one's is nobody's answer.
  return message.command == "301" ? waiting_.end() : first;
}

// An error names what it is about, the command (421, 461) or its target; it ends the oldest question that
// fits both its number and its name, else its name, else its number. What was said is never refused by an
// error that names somebody else: it may be about a line of Halley's own, or a stranger's doing.
Requests::At Requests::find_error(const irc::Message& message, irc::CaseMapping mapping) {
  const bool of_command = message.command == "421" || message.command == "461";
  const bool may_name_command = of_command || message.command == "263" || message.command == "400";
  const bool names_one = message.param_count > 2;  // us, a name, the reason
  At by_name = waiting_.end(), by_number = waiting_.end();
  for (At q = waiting_.begin(); q != waiting_.end(); ++q) {
    if (q->labelled) continue;
    if (may_name_command && irc::same_command(q->command, message.param(1))) return q;
    if (of_command) continue;
    const bool fits = holds_word(question_kind(q->kind).errors, message.command);
    const bool named = about(q->subject, message, mapping);
    if (fits && named) return q;
    if (named && by_name == waiting_.end()) by_name = q;
    if (q->speech != 0 && names_one) continue;
    // "No privileges" and the like name nothing, and may be the answer to a command of no table.
    if ((fits || q->kind == kUnknownKind) && by_number == waiting_.end()) by_number = q;
  }
  if (by_name != waiting_.end()) return by_name;
  if (by_number != waiting_.end() || names_one || of_command) return by_number;
  // It names nothing, and its number is of no question: the oldest that may be refused at all.
  return std::ranges::find_if(
      waiting_, [](const Question& q) { return !q.labelled && q.speech == 0 && q.who != kNobody; });
}

// A numeric of no table: of a WHOIS when it names the nick that was asked for, else of the oldest command
// whose answer is not known.
Requests::At Requests::find_unknown(const irc::Message& message, irc::CaseMapping mapping) {
  const At whois = std::ranges::find_if(waiting_, [&](const Question& q) {
    return !q.labelled && holds_word(question_kind(q.kind).last, "318") && about(q.subject, message, mapping);
  });
  if (whois != waiting_.end()) return whois;
  return std::ranges::find_if(waiting_,
                              [](const Question& q) { return !q.labelled && q.kind == kUnknownKind; });
}

// A JOIN or PART of some channels, or a KICK of some nicks, is confirmed one by one: it is over when none is
// left.
AskedBy Requests::confirmed(const irc::Message& message, irc::CaseMapping mapping) {
  const At question = std::ranges::find_if(waiting_, [&](const Question& q) {
    return question_kind(q.kind).last.empty() && !q.labelled &&
           irc::same_command(q.command, message.command) &&
           (message.param_count == 0 || names(q.subject, message.param(0), mapping));
  });
  if (question == waiting_.end()) return kNobody;
  const AskedBy by(question->who, question->answer);
  bool more = false;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, message.param_count); ++i)
    more = take_name(question->subject, message.param(i), mapping) || more;
  if (more) {
    drop_older(question);
  } else {
    answered(question, message, true);
  }
  return by;
}

void Requests::refused(std::uint64_t speech) {
  erase(std::ranges::find(waiting_, speech, &Question::speech));
}

void Requests::forget(ClientId who) {
  for (Question& question : waiting_) {
    if (question.who == who) {
      question.who = kNobody;
      question.answer = 0;
    }
  }
  for (LabelledBatch& batch : batches_) {
    if (batch.who == who) batch.who = kNobody;
  }
  if (trailing_for_ == who) trailing_for_ = kNobody;
}

void Requests::clear() {
  for (const Question& question : waiting_) ended(question);
  waiting_.clear();
  give_back();
  batches_.clear();
  trailing_ = kUnknownKind;
  fence_.on_its_way = false;
  lost_ = 0;
}

}  // namespace halley
