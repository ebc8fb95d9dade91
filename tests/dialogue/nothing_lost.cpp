// A property, over random days: devices come, go, stop reading and are cut off in the middle of a line, the
// network's link is lost, Halley is killed. A client that pages for itself ends with exactly the log; one
// that is replayed what it missed does, too, except that lines which its host may not have had come once
// more.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bouncer/irc/message.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;
namespace irc = halley::irc;

namespace {

constexpr int kDays = 8, kDeedsOfADay = 150;

class Device {
 public:
  Device(Scene& scene, std::string name, bool pages) : scene_(scene), name_(std::move(name)), pages_(pages) {}

  bool here() const { return actor_.has_value(); }
  // `piece`: so many bytes may be under way to it.
  void come(std::size_t piece) {
    actor_.emplace(scene_.connect_client({.seed = ++visits_, .capacity = piece}));
    reads_ = true;
    // Without server-time what is replayed would begin with its time.
    say(pages_ ? "CAP REQ :batch server-time message-tags draft/chathistory" : "CAP REQ :server-time");
    say(fmt::format("PASS ann/net@{}:secret", name_));
    say("NICK ann");
    say("USER ann 0 * :ann");
    say("CAP END");
    wait_for(" 422 ");
    if (pages_) page();  // from where it was, before anything new is said
  }
  void go() {
    look();
    if (actor_) actor_->vanish();
    actor_.reset();
  }
  // Halley is gone; what its host has is read.
  void cut_off() {
    take("");
    actor_.reset();
  }
  void read(bool on) {
    if (!actor_ || std::exchange(reads_, on) == on) return;
    on ? actor_->peer().resume() : actor_->peer().pause();
  }
  // What has come by now.
  void look() {
    scene_.loop.run_turns();
    take("");
    if (actor_ && actor_->peer().closed()) actor_.reset();  // it was silent for too long
  }
  void page() {
    read(true);
    look();
    for (std::size_t before = texts_.size() + 1; actor_ && before != texts_.size();) {
      before = texts_.size();
      say(fmt::format("CHATHISTORY AFTER #c {} 20",
                      last_.empty() ? "timestamp=1970-01-01T00:00:00.000Z" : "msgid=" + last_));
      wait_for("BATCH -");
    }
  }
  // A long replay rests between its turns while somebody else is spoken to.
  void wait_for_text(const std::string& text) {
    const auto has_come = [&] { return !texts_.empty() && texts_.back() == text; };
    for (look(); here() && !has_come(); look()) scene_.advance(10);
    REQUIRE(has_come());
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  void say(std::string_view line) { actor_->say(line); }
  bool take(std::string_view part) {
    bool found = false;
    if (!actor_) return found;
    for (const std::string& line : actor_->peer().take_lines()) {
      found = found || (!part.empty() && line.contains(part));
      const auto message = irc::parse(line);
      if (message && message->command == "PRIVMSG" && message->param(0) == "#c") hear(*message);
    }
    return found;
  }
  void hear(const irc::Message& message) {
    if (pages_) {
      const std::string msgid(irc::find_tag(message.tags, "msgid").value_or(""));
      REQUIRE_FALSE(msgid.empty());
      if (!known_.insert(msgid).second) return;
      last_ = msgid;
    }
    texts_.emplace_back(message.last());
  }
  void wait_for(std::string_view part) {
    REQUIRE(scene_.turn_until([&] { return take(part); }));
  }

  Scene& scene_;
  const std::string name_;
  const bool pages_;
  std::optional<Actor> actor_;
  bool reads_ = true;
  std::uint64_t visits_ = 0;
  std::set<std::string> known_;  // msgids
  std::string last_;
  std::vector<std::string> texts_;
};

class Day {
 public:
  explicit Day(unsigned seed) : random_(seed), scene_(seed) {
    scene_.config.history.backlog_lines = 1'000'000;
    scene_.add_user("ann");
    scene_.add_network("ann", "net", {"#c"});
    connect();
    for (Device* device : devices()) {
      device->come(2000);  // from now on it is known
      device->go();
    }
  }

  void deed() {
    switch (std::uniform_int_distribution<>(0, 11)(random_)) {
      case 0:
        return come_or_go(plain_);
      case 1:
        return come_or_go(pager_);
      case 2:
        return plain_.read(coin());
      case 3:
        return pager_.read(coin());
      case 4:
        return pager_.here() ? pager_.page() : void();
      case 5:
        return scene_.advance(std::uniform_int_distribution<>(1, 20'000)(random_));
      case 6:
        return coin() ? lose_link() : void();
      case 7:
        return coin() ? kill() : void();
      default:
        return speak(std::uniform_int_distribution<>(1, 30)(random_));
    }
  }
  // Both devices are here, and have all of it.
  void end() {
    speak(1);
    for (Device* device : devices()) {
      if (device->here()) device->go();
      device->come(64 * 1024);
    }
    pager_.page();
    plain_.wait_for_text(said_.back());
  }

  const std::vector<std::string>& said() const { return said_; }
  const std::vector<std::string>& paged() const { return pager_.texts(); }
  // Without what came once more.
  std::vector<std::string> replayed() const {
    std::vector<std::string> first;
    std::set<std::string> known;
    for (const std::string& text : plain_.texts()) {
      if (known.insert(text).second) first.push_back(text);
    }
    return first;
  }

 private:
  std::vector<Device*> devices() { return {&plain_, &pager_}; }
  bool coin() { return std::uniform_int_distribution<>(0, 1)(random_) == 1; }
  void connect() {
    server_.emplace(scene_.register_network());
    scene_.join(*server_, "#c");
  }
  void speak(int lines) {
    for (int i = 0; i < lines; ++i) {
      said_.push_back(fmt::format("line {} {}", said_.size(), std::string(said_.size() % 90, '.')));
      server_->say(":bob!b@h PRIVMSG #c :" + said_.back());
    }
    server_->ping();
    for (Device* device : devices()) coin() ? device->look() : void();
  }
  void come_or_go(Device& device) {
    if (device.here()) return device.go();
    device.come(std::uniform_int_distribution<std::size_t>(200, 3000)(random_));
    // It may be gone before it is told all.
    if (coin()) device.go();
  }
  void lose_link() {
    server_->close();
    scene_.advance(600'000);
    connect();
  }
  void kill() {
    scene_.restart();
    for (Device* device : devices()) device->cut_off();
    connect();
  }

  std::mt19937 random_;
  Scene scene_;
  Device plain_{scene_, "plain", false}, pager_{scene_, "pager", true};
  std::optional<Actor> server_;
  std::vector<std::string> said_;
};

}  // namespace

TEST_CASE("whatever happens in a day, each device ends with exactly what was said") {
  const int seed = GENERATE(range(1, kDays + 1));
  CAPTURE(seed);
  Day day(static_cast<unsigned>(seed));
  for (int deed = 0; deed < kDeedsOfADay; ++deed) day.deed();
  day.end();
  CHECK(day.paged() == day.said());
  CHECK(day.replayed() == day.said());
}
