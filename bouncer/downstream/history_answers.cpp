#include "bouncer/downstream/history_answers.h"

#include <utility>
#include <vector>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"

namespace halley {

namespace {
// Of pages that a user's clients have asked for and do not read.
constexpr std::size_t kMostPageBytes = std::size_t{16} << 20;
}  // namespace

std::string_view Downstream::tell_page(std::string_view type, std::string target, storage::Page page,
                                       std::function<void()> told) {
  if (!bound_network()) {  // removed meanwhile
    told();
    return {};
  }
  auto place = parts_.held_pages.take(user()->id(), page.bytes, kMostPageBytes);
  if (!place) return "Too much that your clients asked for is not read by them: nothing was sent";
  if (!answers_) answers_ = std::make_unique<HistoryAnswers>(*this, user()->user_turns(), user()->id());
  answers_->add({.state = {.type = std::string(type), .target = std::move(target), .page = std::move(page)},
                 .place = std::move(place),
                 .answering = answering(),
                 .told = std::move(told)});
  return {};
}

HistoryAnswers::~HistoryAnswers() {
  if (waits_) turns_.forget(*this);
}

void HistoryAnswers::add(Answer answer) {
  answers_.push_back(std::move(answer));
  // What is short is told at once.
  if (answers_.size() == 1 && client_.takes_answers() && turns_.spend(UserTurns::kPiece)) {
    take_turn();
  } else {
    go_on();
  }
}

void HistoryAnswers::go_on() {
  if (waits_ || answers_.empty() || !client_.takes_answers()) return;
  waits_ = true;
  turns_.wait(user_, *this);
}

void HistoryAnswers::take_turn() {
  waits_ = false;
  const std::size_t until = client_.queued() + UserTurns::kPiece;
  const auto tell_next = [&] {
    const Answering answering(client_, answers_.front().answering);
    return tell(answers_.front().state, until);
  };
  while (!answers_.empty() && client_.takes_answers() && tell_next()) {
    const auto told = std::move(answers_.front().told);
    answers_.pop_front();
    told();
  }
  go_on();
}

// False: there is more of it.
bool HistoryAnswers::tell(Answer::State& answer, std::size_t until) {
  const Network* network = client_.bound_network();
  if (!network) return true;  // removed meanwhile: the client is about to be ended
  const storage::Page& page = answer.page;
  if (!std::exchange(answer.begun, true)) {
    answer.batch =
        open_batch(client_, {.type = answer.type, .target = answer.target, .ends_history = !page.more});
  }
  for (; answer.at < page.events.size() && client_.queued() < until; ++answer.at) {
    const storage::Event& event = page.events[answer.at];
    if (client_.user()->redactions().has(event)) continue;  // taken back while it waited
    client_.send_history({.event = event, .prev = 0, .network = network, .live = false}, answer.batch);
  }
  if (answer.at < page.events.size()) return false;
  close_batch(client_, answer.batch);
  return true;
}

}  // namespace halley
