#include "bouncer/core/names_queue.h"

#include <algorithm>
#include <utility>

#include "bouncer/core/burst.h"
#include "bouncer/core/client.h"
#include "bouncer/core/network.h"

namespace halley {

NamesQueue::~NamesQueue() {
  if (waits_) turns_.forget(*this);
}

void NamesQueue::add(NetworkId network, std::string_view channel, bool joined, AnswerId answer) {
  Wanted wanted{.network = network, .joined = joined, .channel = std::string(channel), .answer = answer};
  if (state_.places.contains(wanted)) return;
  if (state_.wanted.size() >= look_through_at_) forget_left();
  if (answer != 0) {
    client_.hold_answer(answer);
    ++state_.answers;
  }
  put(std::move(wanted));
}

void NamesQueue::put(Wanted wanted) {
  state_.places.emplace(wanted, ++state_.last_place);
  state_.wanted.emplace(state_.last_place, std::move(wanted));
}

// A network may have us join and leave ever new channels, while the peer takes nothing.
void NamesQueue::forget_left() {
  const auto left = [this](const Wanted& wanted) {
    const Network* network = client_.network_of(wanted.network);
    return !network || !network->state().find_channel(wanted.channel);
  };
  std::vector<AnswerId> answers;
  std::erase_if(state_.places, [&](const auto& entry) {
    if (left(entry.first)) answers.push_back(entry.first.answer);
    return left(entry.first);
  });
  std::erase_if(state_.wanted, [&](const auto& entry) { return left(entry.second); });
  for (const AnswerId answer : answers) answered(answer);
  look_through_at_ = std::max(kFew, 2 * state_.wanted.size());
}

// A list that is on its way ends by itself (ChannelWatcher): its lines bear the old name.
void NamesQueue::rename(NetworkId network, std::string_view old_name, std::string_view name) {
  for (const bool joined : {true, false}) {
    for (const AnswerId answer : take_back(network, joined, old_name)) {
      Wanted wanted{.network = network, .joined = joined, .channel = std::string(name), .answer = answer};
      if (!state_.places.contains(wanted)) put(std::move(wanted));
    }
  }
  if (list_ && state_.now.network == network && state_.now.channel == old_name) add(network, name, false);
}

void NamesQueue::forget(NetworkId network, std::string_view channel) {
  for (const bool joined : {true, false}) {
    for (const AnswerId answer : take_back(network, joined, channel)) answered(answer);
  }
}

// The answers (0: none in particular) that waited for it, which are still held.
std::vector<AnswerId> NamesQueue::take_back(NetworkId network, bool joined, std::string_view channel) {
  std::vector<AnswerId> answers;
  const Wanted first{.network = network, .joined = joined, .channel = std::string(channel)};
  for (auto at = state_.places.lower_bound(first); at != state_.places.end();) {
    const Wanted& wanted = at->first;
    if (wanted.network != network || wanted.joined != joined || wanted.channel != channel) break;
    answers.push_back(wanted.answer);
    state_.wanted.erase(at->second);
    at = state_.places.erase(at);
  }
  return answers;
}

void NamesQueue::answered(AnswerId answer) {
  if (answer == 0) return;
  --state_.answers;
  client_.release_answer(answer);
}

void NamesQueue::go_on() {
  if (waits_ || empty() || !client_.takes_more_names() || (!list_ && !client_.live())) return;
  waits_ = true;
  turns_.wait(user_, *this);
}

// The last that it does may be to be no more.
void NamesQueue::take_turn() {
  waits_ = false;
  std::size_t left = UserTurns::kPiece;
  while (left > 0 && client_.takes_more_names() && (list_ || begin_next(left))) {
    const Network* network = client_.network_of(state_.now.network);
    std::size_t written = 0;
    // What is not held is told whole.
    const std::size_t piece = state_.held_at ? left : ~std::size_t{0};
    const bool done = !network || list_->piece(piece, [&](std::string_view line) {
      written += line.size() + 2;
      const Answering answering(client_, state_.now.answer);
      client_.tell(*network, line);
    });
    left -= std::min(left, written);
    if (!done) continue;
    answered(std::exchange(state_.now.answer, 0));
    if (network && list_->spoilt()) add(state_.now.network, state_.now.channel, false);
    list_.reset();
    if (state_.held_at) break;
  }
  if (!list_ && (state_.held_at || state_.wanted.empty())) {
    client_.names_told(std::exchange(state_.held_at, std::nullopt));
    return;
  }
  go_on();
}

// False: there is none, or not now. A list too long for this turn holds the client, as long as it lasts.
bool NamesQueue::begin_next(std::size_t left) {
  while (!state_.wanted.empty() && client_.live()) {
    state_.now = std::move(state_.wanted.begin()->second);
    state_.wanted.erase(state_.wanted.begin());
    state_.places.erase(state_.now);
    const Network* network = client_.network_of(state_.now.network);
    const Channel* channel = network ? network->state().find_channel(state_.now.channel) : nullptr;
    if (!network) {
      answered(state_.now.answer);
      continue;
    }
    const NamesStyle style = client_.names_style();
    const Burst burst(*network, style);
    // Left meanwhile, or joined anew, which is told when it is whole. Who asked is answered.
    if (!channel || !channel->names_known) {
      if (!state_.now.joined) {
        const Answering answering(client_, state_.now.answer);
        client_.tell(*network, burst.end_of_names(state_.now.channel));
      }
      answered(state_.now.answer);
      continue;
    }
    if (state_.now.joined) client_.tell_topic(*network, *channel);
    if (state_.now.joined && !client_.takes_names_unasked()) continue;
    list_ = std::make_unique<NamesList>(*network, *channel, style);
    if (burst.bytes_of_names(*channel) > left) state_.held_at = client_.hold();
    return true;
  }
  return false;
}

}  // namespace halley
