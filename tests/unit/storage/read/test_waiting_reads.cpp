// What waits for the readers of a whole store: as much as docs/LIMITS.md says, of a user and of all.
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

// A store whose readers stand still, once they have answered something, until they are let go.
class HeldReaders {
 public:
  HeldReaders() {
    options_.directory = directory_.path();
    options_.journal_bytes = 1 << 20;
    auto opened = open_store(options_, [this, post = queue_.post()](std::function<void()> task) {
      if (std::this_thread::get_id() != loop_) {
        if (!std::exchange(held_, true)) standing_.set_value();
        gone_on_.wait();
      }
      post(std::move(task));
    });
    if (!opened) throw std::runtime_error(opened.error());
    store_ = std::move(*opened);
  }

  Store& store() { return *store_.store; }
  // Until a reader has answered, and stands: it waits for nothing more, and nothing waits for it.
  void until_one_stands() { standing_.get_future().wait(); }
  void let_go() { go_on_.set_value(); }
  void run_one() { queue_.run_one(); }

  // What has come of so many questions.
  struct Answers {
    std::size_t given = 0, busy = 0;
    std::function<void(std::expected<Page, std::string>)> taker() {
      return [this](const std::expected<Page, std::string>& answer) {
        ++given;
        if (!answer && answer.error() == kBusy) ++busy;
      };
    }
  };
  void read(UserId user, Answers& answers) { store().read_log(log_of(user), answers.taker()); }
  void search(UserId user, Answers& answers) {
    SearchQuery query;
    query.user = user;
    query.text = "comet";
    store().search(std::move(query), answers.taker());
  }
  void run_until(const Answers& answers, std::size_t given) {
    while (answers.given < given) run_one();
  }

 private:
  const fakes::TempDirectory directory_;
  const std::thread::id loop_ = std::this_thread::get_id();
  std::promise<void> standing_, go_on_;
  std::shared_future<void> gone_on_ = go_on_.get_future().share();
  bool held_ = false;  // the thread of the one reader that is asked
  StoreOptions options_;
  PostQueue queue_;
  OpenStore store_;
};

}  // namespace

TEST_CASE("4,096 reads of a user wait, 16,384 of all, and a further one is refused as busy") {
  HeldReaders t;
  HeldReaders::Answers answers;
  t.read(1, answers);
  t.until_one_stands();
  for (UserId user = 1; user <= 3; ++user) {
    for (int i = 0; i < 4096; ++i) t.read(user, answers);
  }
  t.read(1, answers);  // refused: that user's are too many
  t.run_until(answers, 1);
  CHECK(answers.busy == 1);
  for (int i = 0; i < 4095; ++i) t.read(4, answers);
  t.read(5, answers);  // there are 16,384 now
  t.read(5, answers);  // refused: those of all are too many
  t.run_until(answers, 2);
  CHECK(answers.busy == 2);
  t.let_go();
  t.run_until(answers, 1 + 16'384 + 2);
  CHECK(answers.busy == 2);
}

TEST_CASE("32 searches of a user wait, 4,096 of all, and a further one is refused as busy") {
  HeldReaders t;
  HeldReaders::Answers answers;
  t.search(1, answers);
  t.until_one_stands();
  for (UserId user = 1; user <= 128; ++user) {
    for (int i = 0; i < 32; ++i) t.search(user, answers);
    if (user > 1) continue;
    t.search(1, answers);
    t.run_until(answers, 1);
    CHECK(answers.busy == 1);
  }
  t.search(129, answers);
  t.run_until(answers, 2);
  CHECK(answers.busy == 2);
  t.let_go();
  t.run_until(answers, 1 + 4096 + 2);
  CHECK(answers.busy == 2);
}

}  // namespace halley::storage
