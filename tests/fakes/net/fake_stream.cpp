#include "tests/fakes/net/fake_stream.h"

#include <algorithm>

namespace halley::fakes {

FakeStream::Pair FakeStream::make_pair(FakeLoop& loop, const PipeOptions& options) {
  const auto pipe = std::make_shared<Pipe>(options);
  return {std::unique_ptr<FakeStream>(new FakeStream(loop, pipe, 0)),
          std::unique_ptr<FakeStream>(new FakeStream(loop, pipe, 1))};
}

FakeStream::FakeStream(FakeLoop& loop, std::shared_ptr<Pipe> pipe, int side)
    : loop_(loop), pipe_(std::move(pipe)), side_(side) {
  loop_.add(*this);
}

std::unique_ptr<FakeStream> FakeStream::adopt(FakeLoop& loop, int descriptor) {
  const auto given_up = std::static_pointer_cast<GivenUp>(loop.take(descriptor));
  if (!given_up) return nullptr;
  return std::unique_ptr<FakeStream>(new FakeStream(loop, given_up->pipe, given_up->side));
}

FakeStream::~FakeStream() {
  loop_.remove(*this);
  if (given_up_) return;
  out().ended = true;
  leave_unread();
}

std::size_t FakeStream::write(std::span<const std::string_view> slices) {
  if (closing_ || closed_ || pipe_->broken) return 0;
  ++counts_.writes;
  Direction& direction = out();
  slices = slices.first(std::min<std::size_t>(slices.size(), 64));
  std::size_t offered = 0;
  for (const auto slice : slices) offered += slice.size();
  const std::size_t room = direction.capacity - std::min(direction.capacity, direction.bytes.size());
  std::size_t take = std::min(offered, room);
  if (take > 1 && pipe_->options.split_writes) take = pipe_->random.between(1, take);
  if (take < offered) blocked_ = true;

  std::size_t left = take;
  for (const auto slice : slices) {
    const auto part = slice.substr(0, left);
    if (!direction.reader_gone) direction.bytes.append(part);
    left -= part.size();
  }
  if (direction.reader_gone) direction.unread += take;
  counts_.bytes_written += take;
  return take;
}

std::size_t FakeStream::unacknowledged() const {
  return out().bytes.size() + out().unread;
}

void FakeStream::close() {
  closing_ = true;
  out().ended = true;
  leave_unread();
}

void FakeStream::leave_unread() {
  in().reader_gone = true;
  in().unread += in().bytes.size();
  in().bytes.clear();
}

std::expected<int, std::string> FakeStream::give_up() {
  if (closing_ || closed_) return std::unexpected("the connection is being closed");
  if (pipe_->broken) return std::unexpected(pipe_->reason);
  given_up_ = closed_ = true;
  return loop_.keep(std::make_shared<GivenUp>(GivenUp{pipe_, side_}));
}

void FakeStream::set_capacity(std::size_t bytes) {
  out().capacity = bytes;
}

void FakeStream::reset(std::string_view reason) {
  pipe_->broken = true;
  pipe_->reason = reason;
  for (auto& direction : pipe_->directions) {
    direction.unread += direction.bytes.size();
    direction.bytes.clear();
  }
}

bool FakeStream::poll() {
  if (closed_ || listener_ == nullptr) return false;
  if (pipe_->broken) return deliver_end(pipe_->reason);
  if (closing_) return deliver_end({});
  if (blocked_ && out().bytes.size() < out().capacity) {
    blocked_ = false;
    ++counts_.drained;
    listener_->on_drained();
    return true;
  }
  if (paused_) return false;
  if (!in().bytes.empty()) return deliver_data();
  return in().ended && deliver_end({});
}

// Nothing is touched after either callback: it may have destroyed this end.
bool FakeStream::deliver_end(std::string_view reason) {
  closed_ = true;
  out().ended = true;
  leave_unread();
  const std::string held(reason);
  listener_->on_closed(held);
  return true;
}

bool FakeStream::deliver_data() {
  std::string& bytes = in().bytes;
  std::size_t size = std::min(bytes.size(), pipe_->options.max_chunk);
  if (pipe_->options.split_reads) {
    // Small pieces find more faults than even ones: a third of them are of at most 8 bytes.
    const std::size_t most = pipe_->random.between(0, 2) == 0 ? std::min<std::size_t>(size, 8) : size;
    size = pipe_->random.between(1, most);
  }
  const std::string piece = bytes.substr(0, size);
  bytes.erase(0, size);
  ++counts_.reads;
  counts_.bytes_read += size;
  listener_->on_data(piece);
  return true;
}

}  // namespace halley::fakes
