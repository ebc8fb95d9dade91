// Streams without a kernel: two ends of a pipe in memory, with random splits and every kind of ending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/net/stream.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_random.h"

namespace halley::fakes {

struct PipeOptions {
  std::uint64_t seed = 1;
  std::size_t capacity = 64 * 1024;   // bytes under way in each direction before write() takes nothing more
  std::size_t max_chunk = 64 * 1024;  // most bytes of one on_data
  bool split_reads = true;            // bytes arrive in random pieces; false: all that is there at once
  bool split_writes = false;          // write() takes a random part of what would fit (at least one byte)
};

struct FakeStreamCounts {
  std::size_t writes = 0, bytes_written = 0;  // calls of write() here, and bytes it took
  std::size_t reads = 0, bytes_read = 0;      // calls of on_data here, and bytes they brought
  std::size_t drained = 0;                    // calls of on_drained here
};

// One end of a pipe; the other one is an equal. Each end is owned like any Stream; when one is destroyed the
// other reads what is under way and then an end in order. The FakeLoop must outlive both.
class FakeStream final : public net::Stream, private FakeIo {
 public:
  using Pair = std::pair<std::unique_ptr<FakeStream>, std::unique_ptr<FakeStream>>;
  static Pair make_pair(FakeLoop& loop, const PipeOptions& options = {});
  // Goes on with what give_up() gave away, as a successor does with a descriptor; null: no such number.
  static std::unique_ptr<FakeStream> adopt(FakeLoop& loop, int descriptor);
  ~FakeStream() override;

  void listen(Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override;
  std::size_t queued() const override { return 0; }
  std::size_t unacknowledged() const override;
  void pause() override { paused_ = true; }
  void resume() override { paused_ = false; }
  void close() override;
  std::expected<int, std::string> give_up() override;

  // Goes with this end, as an acceptor's place goes with a descriptor.
  void keep(std::shared_ptr<void> place) { place_ = std::move(place); }

  // What the test does to this end's writing: how many bytes may be under way from here (0: write() takes
  // nothing).
  void set_capacity(std::size_t bytes);
  // The connection breaks: what is under way is lost, and both ends hear on_closed(reason).
  void reset(std::string_view reason);
  bool paused() const { return paused_; }
  bool closing() const { return closing_; }  // close() was called here
  bool closed() const { return closed_; }    // on_closed was, or is about to be, delivered here
  const FakeStreamCounts& counts() const { return counts_; }

 private:
  struct Direction {
    std::string bytes;  // under way
    std::size_t capacity = 0;
    bool ended = false;        // the writer has closed: an end follows the bytes
    bool reader_gone = false;  // nobody will read: bytes vanish
    std::size_t unread = 0;    // bytes that vanished: their host never acknowledges them
  };
  struct Pipe {
    explicit Pipe(const PipeOptions& with) : options(with), random(with.seed) {
      directions[0].capacity = directions[1].capacity = with.capacity;
    }
    PipeOptions options;
    FakeRandom random;
    Direction directions[2];
    bool broken = false;
    std::string reason;
  };
  struct GivenUp {
    std::shared_ptr<Pipe> pipe;
    int side;
  };
  FakeStream(FakeLoop& loop, std::shared_ptr<Pipe> pipe, int side);
  Direction& out() const { return pipe_->directions[side_]; }
  Direction& in() const { return pipe_->directions[1 - side_]; }
  bool poll() override;
  bool deliver_end(std::string_view reason);
  bool deliver_data();
  void leave_unread();

  FakeLoop& loop_;
  std::shared_ptr<Pipe> pipe_;
  int side_;
  Listener* listener_ = nullptr;
  bool paused_ = true, blocked_ = false, closing_ = false, closed_ = false;
  bool given_up_ = false;
  std::shared_ptr<void> place_;
  FakeStreamCounts counts_;
};

}  // namespace halley::fakes
