#include "bouncer/downstream/network_pipe.h"

#include <utility>

namespace halley {

NetworkPipe::NetworkPipe(net::Loop& loop, FarEnd& end) : end_(end), task_(loop.task([this] { run(); })) {}

void NetworkPipe::give(std::string_view line) {
  if (closing_) return;
  given_.append(line).append("\r\n");
  if (!paused_) hand_over();
}

void NetworkPipe::hand_over() {
  const std::string bytes = std::exchange(given_, {});
  listener_->on_data(bytes);
}

void NetworkPipe::drained() {
  if (!blocked_ || closing_) return;
  drained_ = true;
  task_->schedule();
}

std::size_t NetworkPipe::write(std::span<const std::string_view> slices) {
  std::size_t taken = 0;
  for (const std::string_view slice : slices) {
    if (!closing_ && !end_.takes_more()) {
      blocked_ = true;
      return taken;
    }
    taken += slice.size();
    if (closed_) continue;
    lines_.feed(slice);
    std::string_view line;
    for (auto result = lines_.next(line); result != irc::LineBuffer::Result::kNeedMore;
         result = lines_.next(line)) {
      // The part makes no line that is too long: its queue has whole ones, and each fits a client.
      if (result == irc::LineBuffer::Result::kLine) end_.part_wrote(line);
    }
    lines_.save();
  }
  return taken;
}

void NetworkPipe::resume() {
  paused_ = false;
  if (waits()) task_->schedule();
}

void NetworkPipe::close() {
  if (std::exchange(closing_, true)) return;
  given_.clear();
  task_->schedule();
}

// One of them in each turn: the listener may destroy the stream.
void NetworkPipe::run() {
  if (closing_) {
    if (!std::exchange(closed_, true)) listener_->on_closed({});
    return;
  }
  if (std::exchange(drained_, false)) {
    blocked_ = false;
    if (waits() && !paused_) task_->schedule();
    listener_->on_drained();
    return;
  }
  if (paused_ || !waits()) return;
  FarEnd& end = end_;
  hand_over();
  end.part_took();
}

}  // namespace halley
