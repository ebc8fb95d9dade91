// The fakes themselves: a fault in them would hide or invent faults everywhere else.
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

namespace {

using namespace halley;
using namespace halley::fakes;

struct Fixture {
  FakeClock clock;
  FakeLoop loop{clock};
};

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>('a' + at % 23);
  return bytes;
}

}  // namespace

TEST_CASE("FakeClock moves both times together, and the wall alone when told") {
  FakeClock clock(5, 7'000'000);
  clock.advance_ms(3);
  CHECK(clock.monotonic_ms() == 8);
  CHECK(clock.wall_us() == 7'003'000);
  clock.set_wall_us(1);
  CHECK(clock.monotonic_ms() == 8);
  CHECK(clock.wall_us() == 1);
}

TEST_CASE_METHOD(Fixture, "FakeLoop fires timers in the order of their time, then of their start") {
  std::vector<int> fired;
  const auto late = loop.timer([&] { fired.push_back(3); });
  const auto first = loop.timer([&] { fired.push_back(1); });
  const auto second = loop.timer([&] { fired.push_back(2); });
  const auto stopped = loop.timer([&] { fired.push_back(4); });
  late->start(20);
  first->start(10);
  second->start(10);
  stopped->start(15);
  stopped->stop();
  loop.advance(9);
  CHECK(fired.empty());
  loop.advance(1);
  CHECK(fired == std::vector<int>{1, 2});
  CHECK_FALSE(first->active());
  CHECK(late->active());
  const auto before = clock.monotonic_ms();
  loop.advance(100);
  CHECK(fired == std::vector<int>{1, 2, 3});
  CHECK(clock.monotonic_ms() == before + 100);
}

TEST_CASE_METHOD(Fixture, "FakeLoop timers may rearm, stop others and destroy themselves in their callback") {
  int ticks = 0;
  std::unique_ptr<net::Timer> tick, victim, own;
  tick = loop.timer([&] {
    if (++ticks < 5) tick->start(10);
    if (ticks == 2) victim.reset();
  });
  bool victim_ran = false;
  victim = loop.timer([&] { victim_ran = true; });
  own = loop.timer([&] { own.reset(); });
  tick->start(10);
  victim->start(21);
  own->start(1);
  loop.advance(1000);
  CHECK(ticks == 5);
  CHECK_FALSE(victim_ran);
  CHECK(own == nullptr);
}

TEST_CASE_METHOD(Fixture, "FakeLoop runs tasks once, then what was deferred, until none is left") {
  std::vector<std::string> ran;
  std::unique_ptr<net::Task> second;
  const auto first = loop.task([&] {
    ran.push_back("first");
    if (ran.size() == 1) second->schedule();
  });
  second = loop.task([&] { ran.push_back("second"); });
  auto dead = loop.task([&] { ran.push_back("dead"); });
  loop.defer([&] { ran.push_back("deferred"); });
  first->schedule();
  first->schedule();
  dead->schedule();
  dead.reset();
  CHECK(loop.run_turn());
  CHECK(ran == std::vector<std::string>{"first", "second", "deferred"});
  CHECK_FALSE(loop.run_turn());
}

TEST_CASE_METHOD(Fixture, "FakeLoop takes posts of other threads, and runs or holds work") {
  int seen = 0;
  std::thread other([&] { loop.post([&] { seen = 1; }); });
  CHECK(loop.wait_posted());
  CHECK(seen == 0);
  loop.run_turns();
  CHECK(seen == 1);
  other.join();
  CHECK_FALSE(loop.wait_posted(std::chrono::milliseconds(0)));

  std::string order;
  loop.hold_work(true);
  loop.work([&] { order += "job "; }, [&] { order += "done"; });
  loop.run_turns();
  CHECK(order.empty());
  loop.hold_work(false);
  loop.run_turns();
  CHECK(order == "job done");
}

TEST_CASE_METHOD(Fixture,
                 "FakeStream carries every byte in order through small capacities and random splits") {
  PipeOptions options;
  options.seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  options.capacity = 100;
  options.split_writes = true;
  auto [left, right] = FakeStream::make_pair(loop, options);
  FakeStream& writer = *left;
  FakePeer from(std::move(left));
  FakePeer to(std::move(right));
  const std::string bytes = pattern(10'000);
  from.send(bytes);
  CHECK(from.unsent() >= 9'900);
  CHECK(writer.unacknowledged() == 10'000 - from.unsent());
  loop.run_turns();
  CHECK(to.received() == bytes);
  CHECK(writer.counts().bytes_written == 10'000);
  CHECK(writer.counts().drained > 0);
  CHECK(writer.unacknowledged() == 0);
}

TEST_CASE_METHOD(Fixture, "FakeStream waits while paused, and a full one takes nothing") {
  auto [left, right] = FakeStream::make_pair(loop);
  FakeStream& writer = *left;
  FakePeer from(std::move(left));
  FakePeer to(std::move(right));
  to.pause();
  from.send("held");
  loop.run_turns();
  CHECK(to.received().empty());
  to.resume();
  loop.run_turns();
  CHECK(to.take() == "held");
  writer.set_capacity(0);
  from.send("stuck");
  loop.run_turns();
  CHECK(from.unsent() == 5);
  writer.set_capacity(3);
  loop.run_turns();
  CHECK(to.received() == "stuck");
}

TEST_CASE_METHOD(Fixture, "FakeStream ends: close and destruction in order, after the bytes; reset at once") {
  auto [left, right] = FakeStream::make_pair(loop);
  FakeStream& near = *left;
  FakePeer from(std::move(left));
  FakePeer to(std::move(right));
  from.send("last words");
  SECTION("close") {
    from.close();
    CHECK_FALSE(from.closed());
    loop.run_turns();
    CHECK(from.closed());
    CHECK(from.reason().empty());
    CHECK(to.received() == "last words");
    CHECK(to.closed());
    CHECK(to.reason().empty());
  }
  SECTION("destroy") {
    from.destroy();
    loop.run_turns();
    CHECK(to.received() == "last words");
    CHECK(to.closed());
    CHECK_FALSE(from.closed());
  }
  SECTION("reset") {
    near.reset("connection reset by peer");
    loop.run_turns();
    CHECK(to.received().empty());
    CHECK(to.reason() == "connection reset by peer");
    CHECK(from.reason() == "connection reset by peer");
  }
}

TEST_CASE_METHOD(Fixture, "FakePeer takes whole lines and leaves the rest") {
  auto [left, right] = FakeStream::make_pair(loop);
  FakePeer from(std::move(left));
  FakePeer to(std::move(right));
  from.send("one\r\ntwo\nthr");
  loop.run_turns();
  CHECK(to.take_lines() == std::vector<std::string>{"one", "two"});
  from.send_line("ee");
  loop.run_turns();
  CHECK(to.take_lines() == std::vector<std::string>{"three"});
}

TEST_CASE_METHOD(Fixture, "FakeDialer records targets, answers later, and respects a cancelled dial") {
  FakeDialer dialer(loop);
  std::string error;
  std::unique_ptr<net::Stream> stream;
  const auto done = [&](std::expected<net::Dialled, std::string> result) {
    if (result) {
      stream = std::move(result->stream);
    } else {
      error = result.error();
    }
  };
  net::DialTarget target;
  target.host = "irc.example.org";
  const auto refused = dialer.dial(target, done);
  dialer.refuse_last("no");
  CHECK(error.empty());
  loop.run_turns();
  CHECK(error == "no");
  const auto accepted = dialer.dial(target, done);
  const auto server = dialer.accept_last();
  loop.run_turns();
  REQUIRE(stream != nullptr);
  FakePeer client(std::move(stream));
  client.send_line("NICK me");
  loop.run_turns();
  CHECK(server->take_lines() == std::vector<std::string>{"NICK me"});
  auto cancelled = dialer.dial(target, done);
  CHECK(dialer.waiting() == 1);
  cancelled.reset();
  error.clear();
  dialer.refuse_last("too late");
  loop.run_turns();
  CHECK(error.empty());
  CHECK(dialer.cancelled(2));
  CHECK_FALSE(dialer.cancelled(1));
}

TEST_CASE_METHOD(Fixture, "FakeStream gives itself up, and a successor goes on where it was") {
  auto [near, far] = FakeStream::make_pair(loop);
  FakePeer peer(std::move(far));
  FakePeer old(std::move(near));
  old.send("from the old one, ");
  peer.send("for the new one");
  const auto given = old.stream().give_up();
  REQUIRE(given);
  old.destroy();
  loop.run_turns();
  CHECK_FALSE(peer.closed());
  FakePeer successor(FakeStream::adopt(loop, *given));
  CHECK(FakeStream::adopt(loop, *given) == nullptr);
  successor.send("from the new one");
  loop.run_turns();
  CHECK(peer.received() == "from the old one, from the new one");
  CHECK(successor.received() == "for the new one");
  successor.close();
  CHECK(successor.stream().give_up().error() == "the connection is being closed");
}
