// What people may change while the disk takes nothing: a bounded number of things, and then each surface says
// so.
#include <catch2/catch.hpp>
#include <vector>

#include "tests/dialogue/attached.h"
#include "tests/fakes/storage/base/failing_disk.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;

namespace {

struct Stalled {
  halley::fakes::FailingDisk disk;  // the store is opened on it
  Attached t;

  // Until no more changes are taken.
  void fill() {
    disk.fill();
    t.scene.store().commit({}, nullptr);
    REQUIRE(t.scene.turn_until([this] { return !t.scene.store().figures().trouble.empty(); }));
    while (t.scene.store().takes_commits()) t.scene.store().commit({}, nullptr);
  }
  void mend() {
    disk.mend();
    REQUIRE(t.scene.turn_until([this] { return t.scene.store().takes_commits(); }));
  }
};

}  // namespace

TEST_CASE("BOUNCER changes nothing while too many changes wait for the disk, and says so") {
  Stalled s;
  Actor client = s.t.scene.attach("ann", "soju.im/bouncer-networks");
  s.fill();
  const auto netid = std::to_string(s.t.scene.user("ann").networks()[0]->id());
  client.say("BOUNCER ADDNETWORK name=more;host=irc.test");
  client.expect("FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK * :Nothing was done: too many changes wait");
  client.say("BOUNCER CHANGENETWORK " + netid + " nickname=other");
  client.expect("FAIL BOUNCER UNKNOWN_ERROR CHANGENETWORK " + netid +
                " :Nothing was done: too many changes wait");
  client.say("BOUNCER DELNETWORK " + netid);
  client.expect("FAIL BOUNCER UNKNOWN_ERROR DELNETWORK " + netid +
                " :Nothing was done: too many changes wait");
  CHECK(s.t.scene.user("ann").networks().size() == 1);
  // What changes nothing is answered, and talk goes on.
  client.say("BOUNCER LISTNETWORKS");
  client.expect("name=net");

  s.mend();
  client.say("BOUNCER ADDNETWORK name=more;host=irc.test");
  client.expect("BOUNCER ADDNETWORK ");
  CHECK(s.t.scene.user("ann").networks().size() == 2);
}

TEST_CASE("a user's changes that wait for the disk are bounded, and leave room for the others'") {
  Stalled s;
  Scene& scene = s.t.scene;
  scene.add_user("ben");
  scene.add_network("ben", "other");
  // A client that waits for four answers is not read: it takes sixteen of them to come so far.
  std::vector<Actor> clients;
  for (int i = 0; i < 17; ++i) clients.push_back(scene.attach("ann", "soju.im/bouncer-networks"));
  Actor& ann = clients.back();
  Actor ben = scene.attach("ben", "soju.im/bouncer-networks");
  s.disk.fill();
  scene.store().commit({}, nullptr);
  REQUIRE(scene.turn_until([&scene] { return !scene.store().figures().trouble.empty(); }));
  const auto change = [&scene](std::string_view user, std::size_t n) {
    return fmt::format("BOUNCER CHANGENETWORK {} realname=n{}", scene.user(user).networks()[0]->id(), n);
  };
  const auto ann_id = scene.user("ann").id();
  for (std::size_t n = 0; n < halley::Accounts::kMostChangesOfUser; ++n) {
    CHECK(scene.accounts().takes_changes(ann_id));
    clients[n / 4].say(change("ann", n));
    scene.loop.run_turns();
  }
  CHECK_FALSE(scene.accounts().takes_changes(ann_id));
  ann.say(change("ann", 1000));
  ann.expect(":Nothing was done: too many changes wait");
  // Also by the other ways to change something.
  ann.say("PRIVMSG *halley :device add phone");
  ann.expect("too many changes wait for the disk");
  ben.say(change("ben", 1));
  CHECK_FALSE(ben.hears("FAIL"));
  CHECK(scene.accounts().takes_changes(scene.user("ben").id()));

  s.disk.mend();
  ben.expect("BOUNCER CHANGENETWORK");
  REQUIRE(scene.turn_until([&] { return scene.accounts().takes_changes(ann_id); }));
  ann.say(change("ann", 2000));
  REQUIRE(scene.turn_until([&] { return scene.user("ann").networks()[0]->row().realname == "n2000"; }));
}

TEST_CASE("what removes lines is one of the changes of whoever asks for it") {
  Stalled s;
  Scene& scene = s.t.scene;
  const auto ann = scene.user("ann").id();
  REQUIRE(scene.accounts().set_user("ann", {{"admin", "yes"}, {"retention-days", "1"}}));
  scene.accounts().flush(nullptr);
  Actor client = scene.attach("ann", "");
  s.disk.fill();
  scene.store().commit({}, nullptr);
  REQUIRE(scene.turn_until([&scene] { return !scene.store().figures().trouble.empty(); }));
  for (std::size_t n = 1; n < halley::Accounts::kMostChangesOfUser; ++n) {
    REQUIRE(scene.accounts().set_user("ann", {{"retention-days", std::to_string(n)}}));
    scene.accounts().flush(nullptr, ann);
  }
  CHECK(scene.accounts().takes_changes(ann));
  client.say("PRIVMSG *halley :prune");
  scene.loop.run_turns();
  CHECK_FALSE(scene.accounts().takes_changes(ann));
  client.say("PRIVMSG *halley :prune");
  client.expect("too many changes wait for the disk");
  s.disk.mend();
  REQUIRE(scene.turn_until([&] { return scene.accounts().takes_changes(ann); }));
}

TEST_CASE("METADATA changes nothing while too many changes wait for the disk, and says so") {
  Stalled s;
  Actor client = s.t.scene.attach("ann/net", "draft/metadata-2 batch message-tags");
  s.fill();
  client.say("METADATA #c SET soju.im/muted 1");
  client.expect("FAIL METADATA LIMIT_REACHED SET * 0 :Too many changes wait for the disk");
  client.say("METADATA #c GET soju.im/muted");
  client.expect("766 ann #c soju.im/muted");  // not set, in memory neither
  s.t.bob("still heard");
  client.expect("still heard");

  s.mend();
  client.say("METADATA #c SET soju.im/muted 1");
  client.expect("761 ann #c soju.im/muted * :1");
}
