// UvLoop: the order inside a turn, destruction inside callbacks, and the doors to other threads.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "bouncer/net/system_random.h"
#include "bouncer/net/turn_list.h"
#include "tests/unit/net/real_loop.h"

using namespace halley::net;
using Names = std::vector<std::string>;

TEST_CASE_METHOD(RealLoop,
                 "UvLoop fires timers in order, rearms them, and forgets stopped and destroyed ones") {
  Names fired;
  std::unique_ptr<Timer> own, victim, again;
  const auto second = loop.timer([&] { fired.push_back("second"); });
  const auto first = loop.timer([&] { fired.push_back("first"); });
  const auto stopped = loop.timer([&] { fired.push_back("stopped"); });
  own = loop.timer([&] {
    fired.push_back("own");
    own.reset();
    victim.reset();
  });
  victim = loop.timer([&] { fired.push_back("victim"); });
  int times = 0;
  again = loop.timer([&] {
    if (++times < 3) again->start(1);
  });
  CHECK_FALSE(first->active());
  second->start(20);
  first->start(10);
  stopped->start(5);
  stopped->stop();
  own->start(1);
  victim->start(15);
  again->start(1);
  CHECK(first->active());
  CHECK_FALSE(stopped->active());
  REQUIRE(run_until([&] { return fired.size() == 3 && times == 3; }));
  CHECK(fired == Names{"own", "first", "second"});
  CHECK_FALSE(first->active());
}

TEST_CASE_METHOD(RealLoop, "UvLoop runs scheduled tasks once, in order, and deferred functions after them") {
  Names ran;
  std::unique_ptr<Task> second;
  bool chained = false;
  const auto first = loop.task([&] {
    ran.push_back("first");
    if (!chained) second->schedule();
    chained = true;
  });
  second = loop.task([&] { ran.push_back("second"); });
  loop.defer([&] {
    ran.push_back("deferred");
    first->schedule();
  });
  first->schedule();
  first->schedule();
  loop.turn(false);
  CHECK(ran == Names{"first", "second", "deferred", "first"});
  loop.turn(false);
  CHECK(ran.size() == 4);
}

TEST_CASE_METHOD(RealLoop, "UvLoop tasks may destroy themselves and one another") {
  Names ran;
  std::unique_ptr<Task> killer, earlier, later;
  earlier = loop.task([&] { ran.push_back("earlier"); });
  killer = loop.task([&] {
    ran.push_back("killer");
    earlier.reset();
    later.reset();
    killer.reset();
  });
  later = loop.task([&] { ran.push_back("later"); });
  killer->schedule();
  earlier->schedule();
  later->schedule();
  loop.turn(false);
  CHECK(ran == Names{"killer"});
  auto scheduled = loop.task([&] { ran.push_back("scheduled"); });
  scheduled->schedule();
  scheduled.reset();
  loop.turn(false);
  CHECK(ran == Names{"killer"});
}

TEST_CASE_METHOD(RealLoop,
                 "UvLoop runs a timer's tasks before it sleeps, and a busy task cannot starve the timers") {
  bool task_ran = false;
  const auto task = loop.task([&] { task_ran = true; });
  const auto timer = loop.timer([&] { task->schedule(); });
  timer->start(0);
  REQUIRE(run_until([&] { return task_ran; }));

  std::unique_ptr<Task> endless;
  int runs = 0;
  endless = loop.task([&] {
    ++runs;
    endless->schedule();
  });
  endless->schedule();
  loop.turn(true);
  CHECK(runs > 0);
  bool fired = false;
  const auto patient = loop.timer([&] { fired = true; });
  patient->start(5);
  REQUIRE(run_until([&] { return fired; }));
}

TEST_CASE_METHOD(RealLoop, "UvLoop counts a timer's delay from its start, however long the turn has been") {
  const auto begun = loop.clock().monotonic_ms();
  loop.turn(false);
  while (loop.clock().monotonic_ms() < begun + 30) {
  }
  bool fired = false;
  const auto timer = loop.timer([&] { fired = true; });
  timer->start(20);
  const auto started = loop.clock().monotonic_ms();
  REQUIRE(run_until([&] { return fired; }));
  CHECK(loop.clock().monotonic_ms() >= started + 19);
}

TEST_CASE_METHOD(RealLoop, "UvLoop takes posts from several threads, in order for each") {
  constexpr int kEach = 2000;
  std::vector<int> seen[2];
  std::vector<std::thread> threads;
  for (int number = 0; number < 2; ++number) {
    threads.emplace_back([&, number] {
      for (int count = 0; count < kEach; ++count)
        loop.post([&, number, count] { seen[number].push_back(count); });
    });
  }
  REQUIRE(run_until([&] { return seen[0].size() + seen[1].size() == 2 * kEach; }));
  for (auto& thread : threads) thread.join();
  for (const auto& list : seen) {
    REQUIRE(list.size() == kEach);
    CHECK(std::is_sorted(list.begin(), list.end()));
  }
}

TEST_CASE_METHOD(RealLoop, "UvLoop posts made on its own thread run in a later turn") {
  Names ran;
  loop.post([&] {
    ran.push_back("outer");
    loop.post([&] { ran.push_back("inner"); });
    loop.defer([&] { ran.push_back("deferred"); });
  });
  REQUIRE(run_until([&] { return ran.size() == 3; }));
  CHECK(ran == Names{"outer", "deferred", "inner"});
}

TEST_CASE_METHOD(RealLoop, "UvLoop works at most two jobs at once, off its thread, and reports on it") {
  const auto here = std::this_thread::get_id();
  std::atomic<int> running = 0, most = 0, elsewhere = 0;
  int done = 0, done_here = 0;
  for (int job = 0; job < 20; ++job) {
    loop.work(
        [&] {
          const int now = ++running;
          int before = most.load();
          while (before < now && !most.compare_exchange_weak(before, now)) {
          }
          if (std::this_thread::get_id() != here) ++elsewhere;
          std::this_thread::yield();
          --running;
        },
        [&] {
          ++done;
          if (std::this_thread::get_id() == here) ++done_here;
        });
  }
  REQUIRE(run_until([&] { return done == 20; }));
  CHECK(done_here == 20);
  CHECK(elsewhere == 20);
  CHECK(most <= 2);
}

TEST_CASE(
    "UvLoop may be destroyed with jobs, posts, tasks and deferred functions under way, and calls none") {
  std::atomic<bool> worked = false;
  bool called = false;
  {
    UvLoop loop;
    loop.work([&] { worked = true; }, [&] { called = true; });
    loop.post([&] { called = true; });
    loop.defer([&] { called = true; });
    loop.stop();
  }
  CHECK(worked);
  CHECK_FALSE(called);
}

TEST_CASE_METHOD(RealLoop, "UvLoop hears signals, and stop() ends run()") {
  int heard = 0;
  loop.on_signal(SIGUSR1, [&] {
    ++heard;
    loop.stop();
  });
  std::raise(SIGUSR1);
  loop.run();
  CHECK(heard == 1);
}

TEST_CASE("SystemRandom fills every byte and SystemClock goes on") {
  SystemRandom random;
  std::vector<unsigned char> bytes(4096);
  random.fill(bytes);
  std::vector<bool> seen(256);
  for (const auto byte : bytes) seen[byte] = true;
  CHECK(std::count(seen.begin(), seen.end(), true) > 200);
  const UvLoop loop;
  const auto before = loop.clock().monotonic_ms();
  CHECK(loop.clock().monotonic_ms() >= before);
  CHECK(loop.clock().wall_us() > 1'600'000'000'000'000);
}

TEST_CASE("TurnList unlinks what is destroyed, wherever it waits") {
  struct Hook : TurnHook {
    explicit Hook(int& with) : count(with) {}
    void at_end_of_turn() override { ++count; }
    int& count;
  };
  int count = 0;
  TurnList list;
  auto a = std::make_unique<Hook>(count), b = std::make_unique<Hook>(count),
       c = std::make_unique<Hook>(count);
  for (auto* hook : {a.get(), b.get(), c.get(), a.get()}) list.schedule(*hook);
  b.reset();
  list.run_round();
  CHECK(count == 2);
  CHECK(list.empty());
  list.schedule(*a);
  a.reset();
  CHECK(list.empty());
}
