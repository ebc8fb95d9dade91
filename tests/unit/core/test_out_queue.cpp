#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/core/out_queue.h"
#include "tests/fakes/core/cost_probe.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/net/fake_stream.h"

using halley::ChunkWriter;
using halley::OutQueue;
using namespace halley::fakes;

namespace {

struct Pipe {
  explicit Pipe(std::size_t capacity = 64 * 1024) {
    PipeOptions options;
    options.capacity = capacity;
    auto [near, far] = FakeStream::make_pair(loop, options);
    stream = std::move(near);
    peer = std::make_unique<FakePeer>(std::move(far));
  }
  FakeClock clock;
  FakeLoop loop{clock};
  std::unique_ptr<FakeStream> stream;
  std::unique_ptr<FakePeer> peer;
};

}  // namespace

TEST_CASE("what is shared is encoded once and sent whole, in order with what is private") {
  Pipe pipe;
  ChunkWriter shared;
  OutQueue a, b;
  const auto one = shared.append("one\n", 1);
  a.push(one);
  b.push(one);
  a.push_private("for a\n", 0);
  const auto two = shared.append("two\n", 2);
  a.push(two);
  b.push(two);
  CHECK(one.chunk.get() == two.chunk.get());
  CHECK(a.bytes() == 14);
  CHECK(b.bytes() == 8);
  CHECK(a.flush(*pipe.stream));
  pipe.loop.run_turns();
  CHECK(pipe.peer->take() == "one\nfor a\ntwo\n");
  CHECK(b.flush(*pipe.stream));
  pipe.loop.run_turns();
  CHECK(pipe.peer->take() == "one\ntwo\n");
  CHECK(pipe.stream->counts().writes == 2);
}

TEST_CASE("the position moves with the last byte of a line, never before") {
  Pipe pipe(5);  // five bytes under way at most
  ChunkWriter shared;
  OutQueue queue;
  queue.start_at(7);
  queue.push(shared.append("abc\n", 10));
  queue.push(shared.append("def\n", 11));
  queue.push(shared.append("ghi\n", 12));
  CHECK(queue.sent_id() == 7);
  CHECK_FALSE(queue.flush(*pipe.stream));
  CHECK(queue.sent_id() == 10);  // "abc\n" and one byte of the next
  pipe.loop.run_turns();
  CHECK_FALSE(queue.flush(*pipe.stream));
  CHECK(queue.sent_id() == 11);
  pipe.loop.run_turns();
  CHECK(queue.flush(*pipe.stream));
  CHECK(queue.sent_id() == 12);
  pipe.loop.run_turns();
  CHECK(pipe.peer->take() == "abc\ndef\nghi\n");
}

TEST_CASE("an event that is not shown moves the position when all before it is sent") {
  Pipe pipe(2);
  OutQueue queue;
  queue.skip(5);
  CHECK(queue.sent_id() == 5);
  queue.push_private("xyz\n", 6);
  queue.skip(7);
  CHECK_FALSE(queue.flush(*pipe.stream));
  CHECK(queue.sent_id() == 5);
  pipe.loop.run_turns();
  CHECK(queue.flush(*pipe.stream));
  CHECK(queue.sent_id() == 7);
}

TEST_CASE("what is dropped leaves whole lines and tells where to read on") {
  Pipe pipe(6);
  OutQueue queue;
  for (unsigned i = 1; i <= 5; ++i) queue.push_private(fmt::format("line{}\n", i), i);
  CHECK_FALSE(queue.flush(*pipe.stream));  // "line1\n"
  pipe.loop.run_turns();
  SECTION("at the end of a line") {
    CHECK(queue.drop_unsent() == 1);
  }
  SECTION("inside a line") {
    pipe.stream->set_capacity(3);
    CHECK_FALSE(queue.flush(*pipe.stream));  // "lin"
    CHECK(queue.drop_unsent() == 2);
    CHECK(queue.bytes() == 3);
    pipe.loop.run_turns();
    CHECK(queue.flush(*pipe.stream));
    CHECK(queue.sent_id() == 2);
    pipe.loop.run_turns();
    CHECK(pipe.peer->take() == "line1\nline2\n");
  }
}

TEST_CASE("what the peer's host has not acknowledged counts as unseen") {
  Pipe pipe;
  OutQueue queue;
  queue.start_at(1);
  for (unsigned i = 2; i <= 100; ++i) {
    queue.push_private("0123456789\n", i);
    CHECK(queue.flush(*pipe.stream));
  }
  CHECK(queue.acknowledged_id(0) == 100);
  CHECK(queue.acknowledged_id(11) <= 99);
  CHECK(queue.acknowledged_id(11 * 40) <= 60);
  CHECK(queue.acknowledged_id(11 * 40) > 0);
  CHECK(queue.acknowledged_id(1'000'000) == 0);
}

TEST_CASE("random pushes and writes deliver every byte once") {
  FakeRandom random(GENERATE(1U, 2U, 3U, 4U));
  Pipe pipe(97);
  ChunkWriter shared;
  OutQueue queue;
  std::string expected, got;
  for (unsigned i = 1; i < 3000; ++i) {
    const std::string line = fmt::format("{}:{}\n", i, std::string(random.between(0, 60), 'x'));
    expected += line;
    if (random.between(0, 3) == 0) {
      queue.push_private(line, i);
    } else {
      queue.push(shared.append(line, i));
    }
    if (random.between(0, 4) == 0) {
      queue.flush(*pipe.stream);
      queue.end_turn();
      shared.close();
      pipe.loop.run_turns();
      got += pipe.peer->take();
    }
  }
  while (!queue.flush(*pipe.stream)) pipe.loop.run_turns();
  pipe.loop.run_turns();
  got += pipe.peer->take();
  CHECK(got == expected);
  CHECK(queue.sent_id() == 2999);
}

TEST_CASE("a peer that is always a little behind costs what it has yet to take, and no more") {
  Pipe pipe(100);
  OutQueue queue;
  std::vector<ChunkWriter> writers(2);  // in turns, so that no range continues the last one
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    queue.push(writers[i % 2].append(fmt::format("line {}\n", i), i));
    if (i <= 3) continue;
    queue.flush(*pipe.stream);
    pipe.loop.run_turns();
  }
  CHECK(halley::CostProbe::ranges(queue) < 200);
}
