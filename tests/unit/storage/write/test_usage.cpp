// How much of each user stands in the log is known without counting, whatever is said, removed or taken back.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"
#include "tests/unit/storage/usage_check.h"
#include "tests/unit/storage/write/removal_bench.h"

namespace halley::storage {
namespace {

constexpr UserId kUsers = 3;

// Something of everything that changes the log, by chance, of users 1 to kUsers, each with networks 10 * user
// and 10 * user + 1, and in each of those buffers 10 * network and 10 * network + 1.
class Chance {
 public:
  Chance(TestStore& test, unsigned seed) : test_(test), chance_(seed) {
    for (UserId user = 1; user <= kUsers; ++user) add(user);
  }

  void step() {
    switch (below(16)) {
      case 0:
        return replace();
      case 1:
        return take_back();
      case 2:
        return outdate();
      case 3:
        return remove_buffer();
      case 4:
        return remove_network();
      case 5:
        return remove_user();
      case 6:
        return refused();
      case 7:
        return test_.reopen();
      default:
        for (unsigned lines = below(300); lines > 0; --lines) say();
    }
  }

 private:
  unsigned below(unsigned end) { return std::uniform_int_distribution<unsigned>(0, end - 1)(chance_); }
  UserId some_user() { return 1 + below(kUsers); }
  NetworkId some_network(UserId user) { return 10 * user + below(2); }
  BufferId some_buffer(NetworkId network) { return 10 * network + below(2); }
  void must(std::vector<Change> changes) { REQUIRE(test_.commit(std::move(changes))); }

  void add(UserId user) {
    must({PutUser{{.id = user, .name = std::to_string(user)}}, PutNetwork{network_of(10 * user, user, "a")},
          PutNetwork{network_of(10 * user + 1, user, "b")}});
    for (const NetworkId network : {10 * user, 10 * user + 1}) {
      for (const BufferId buffer : {10 * network, 10 * network + 1})
        test_.journal().append(BufferRecord{
            .id = buffer, .user = user, .network = network, .name = '#' + std::to_string(buffer)});
    }
  }

  void say() {
    const UserId user = some_user();
    Sample sample = said(++newest_, std::string(below(200), 'c') + " größer", user);
    sample.network = some_network(user);
    sample.buffers = {10 * sample.network, 10 * sample.network + 1};
    sample.buffers.resize(below(3));
    if (below(2) == 0) sample.msgid = "theirs-" + std::to_string(newest_);
    if (below(3) == 0) sample.tags = "+draft/reply=" + std::string(below(30), 'x');
    if (below(20) == 0) sample.time_ms -= 1'000'000;
    test_.journal().append(sample.view());
    // The journal may hold more than the database expects: what is there already counts once.
    if (below(20) == 0) test_.journal().append(sample.view());
    said_.push_back(sample);
  }

  void replace() {
    if (said_.empty()) return;
    const Sample& old = said_[below(static_cast<unsigned>(said_.size()))];
    must({ReplaceEvent{.user = old.user,
                       .id = old.id,
                       .kind = 11,
                       .buffer = some_buffer(old.network),
                       .line = ":srv NOTICE ann :refused"}});
  }

  void take_back() {
    if (said_.empty()) return;
    const Sample& old = said_[below(static_cast<unsigned>(said_.size()))];
    if (old.msgid.empty() || old.buffers.empty()) return;
    must({EraseText{.user = old.user,
                    .network = old.network,
                    .buffer = old.buffers[0],
                    .msgid = old.msgid,
                    .kind = 14},
          ForgetErased{}});
  }

  void outdate() {
    const auto before =
        static_cast<std::int64_t>((kStart + below(static_cast<unsigned>(newest_ - kStart + 1))) / 1000);
    const UserId user = some_user();
    RemoveEvents change{.user = user, .before_ms = before};
    if (below(2) == 0) change.own = {{.buffer = some_buffer(some_network(user)), .before_ms = 0}};
    must({change});
  }

  void remove_buffer() { must({RemoveBuffer{some_buffer(some_network(some_user()))}}); }

  void remove_network() {
    const UserId user = some_user();
    const NetworkId network = some_network(user);
    must({RemoveNetwork{network}});
    settle(test_);
    add(user);
  }

  void remove_user() {
    const UserId user = some_user();
    must({RemoveUser{user}});
    settle(test_);
    add(user);
  }

  // What it did before it was refused is undone.
  void refused() {
    if (said_.empty()) return;
    const Sample& old = said_.back();
    const auto status = test_.commit(
        {ReplaceEvent{.user = old.user, .id = old.id, .kind = 11, .line = ":srv NOTICE ann :refused"},
         PutUser{{.id = 90, .name = "taken"}}, PutUser{{.id = 91, .name = "taken"}}});
    REQUIRE_FALSE(status);
  }

  TestStore& test_;
  std::mt19937 chance_;
  EventId newest_ = kStart;
  std::vector<Sample> said_;
};

std::vector<LogUsage> usage_of(TestStore& test, UserId user) {
  auto found = test.usage(user);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("how much of a user is in the log is what counting it all would say, after anything") {
  const auto seed = GENERATE(range(1U, 7U));
  CAPTURE(seed);
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 1 << 22};
  Chance chance{test, seed};
  for (int round = 0; round < 10; ++round) {
    for (int step = 0; step < 12; ++step) chance.step();
    (void)usage_of(test, 0);  // all that was journalled is in the database
    checked_usage(directory.path());
    if (round % 3 == 0) settle(test);
    checked_usage(directory.path());
  }
  test.reopen();
  checked_usage(directory.path());
}

TEST_CASE("how much of a user is in the log is told of one user, and of all who have lines") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutUser{{.id = 2, .name = "two"}},
                       PutUser{{.id = 3, .name = "three"}}}));
  Sample first = said(kStart, "größer", 1);
  first.msgid = "theirs";
  first.tags = "+x=y";
  const std::size_t bytes = first.line.size() + 6 + 4;
  test.journal().append(first.view());
  const Sample second = said(kStart + 1, "word", 3);
  test.journal().append(second.view());
  test.journal().append(said(kStart + 2, "word", 3).view());
  const auto one = usage_of(test, 1);
  REQUIRE(one.size() == 1);
  CHECK((one[0].user == 1 && one[0].lines == 1 && one[0].bytes == bytes));
  CHECK(usage_of(test, 2).empty());
  const auto all = usage_of(test, 0);
  REQUIRE(all.size() == 2);
  CHECK((all[0].user == 1 && all[0].lines == 1));
  CHECK((all[1].user == 3 && all[1].lines == 2 && all[1].bytes == 2 * second.line.size()));
  REQUIRE(test.commit({RemoveUser{3}}));
  settle(test);
  CHECK(usage_of(test, 0).size() == 1);
}

}  // namespace halley::storage
