// A network: what changed settings do to its link, and its buffers.
#include <catch2/catch.hpp>

#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

TEST_CASE("changed settings reach the link") {
  CoreBench bench;
  storage::NetworkRow row = bench.net().row();
  const auto told = [&] {
    bench.user.put_network(std::make_shared<const storage::NetworkRow>(row));
    return bench.uplink().take_told();
  };
  CHECK(told().empty());
  row.urls = "irc://other.test";
  CHECK(told() == Lines{"restart Settings have changed"});
  row.on_connect = "PRIVMSG a :b";
  CHECK(told().empty());
  row.nick = "anna";
  CHECK(told() == Lines{"regain anna"});
  CHECK(bench.uplink().wanted_nick() == "anna");
  CHECK(told().empty());
  row.enabled = false;
  CHECK(told() == Lines{"stop Disconnected by request"});
  row.enabled = true;
  CHECK(told() == Lines{"start"});
}

TEST_CASE("a network's nick is the confirmed one, else the configured one") {
  CoreBench bench;
  bench.net().state().nick = "ann_";
  CHECK(bench.net().nick() == "ann_");
  bench.net().state().reset();
  CHECK(bench.net().nick() == "ann");
}

TEST_CASE("a buffer is made when it is asked to be, and found by the network's folding") {
  CoreBench bench;
  Buffers& buffers = bench.net().buffers();
  CHECK(buffers.find("#C[") == 0);
  CHECK(buffers.all().empty());
  const std::uint64_t before = bench.journal->head();
  const BufferId made = buffers.make("#c[");
  CHECK(bench.journal->head() > before);
  CHECK(buffers.make("#C{") == made);
  CHECK(buffers.find("#C{") == made);
  CHECK(*buffers.name(made) == "#c[");
  CHECK(buffers.name(made + 1) == nullptr);
  const BufferId other = buffers.make("#b");
  CHECK(buffers.all().back().id == other);

  buffers.set_casemapping(irc::CaseMapping::kAscii);
  CHECK(buffers.find("#C{") == 0);
  CHECK(buffers.find("#C[") == made);
  bench.net().state().reset();  // the link is gone: names fold as they did
  CHECK(buffers.find("#C{") == 0);
  CHECK(buffers.find("#C[") == made);
  CHECK(buffers.name(buffers.make(std::string(600, 'x')))->size() == Buffers::kMaxBufferName);
}

TEST_CASE("a million buffers are known as soon as they are read") {
  CoreBench bench;
  Buffers& buffers = bench.net().buffers();
  constexpr BufferId kCount = 1'000'000;
  for (BufferId id = 1; id <= kCount; ++id)
    buffers.load({.id = id, .user = 7, .network = 1, .name = "nick" + std::to_string(id)});
  CHECK(buffers.find("NICK777777") == 777'777);
  CHECK(*buffers.name(kCount) == "nick1000000");
  CHECK(buffers.find("nick0") == 0);
}

TEST_CASE(
    "beyond 10,000 buffers others make none, and beyond 20,000 nobody does: what is new is the network's") {
  CoreBench bench;
  Buffers& buffers = bench.net().buffers();
  const BufferId own = buffers.make("");
  BufferId id = own;
  const auto load_up_to = [&](std::size_t count) {
    while (buffers.all().size() < count)
      buffers.load({.id = ++id, .user = 7, .network = 1, .name = "nick" + std::to_string(id)});
  };
  load_up_to(Buffers::kMostByOthers);
  CHECK(buffers.make("#new") == own);
  CHECK(buffers.make("nick" + std::to_string(id)) == id);
  CHECK(buffers.make("#asked-for", Buffers::MadeBy::kUser) != own);
  load_up_to(Buffers::kMostByUser);
  CHECK(buffers.make("#more", Buffers::MadeBy::kUser) == own);
  CHECK(buffers.make("*halley") != own);
}

TEST_CASE("buffers that were loaded are known, and shown with what they are") {
  CoreBench bench;
  Network& net = bench.net();
  for (const auto& [id, name] : {std::pair{11, "#in"}, std::pair{12, "#out"}, std::pair{13, "bob"}}) {
    net.buffers().load({.id = static_cast<BufferId>(id), .user = 7, .network = 1, .name = name});
  }
  net.buffers().load({.id = 14, .user = 7, .network = 1, .name = ""});
  net.state().join("#in");
  const auto shown = net.shown_buffers(100);
  REQUIRE(shown.size() == 3);
  CHECK((*shown[0].name == "#in" && shown[0].channel && shown[0].joined));
  CHECK((*shown[1].name == "#out" && shown[1].channel && !shown[1].joined));
  CHECK((*shown[2].name == "bob" && !shown[2].channel && shown[2].id == 13));
}

TEST_CASE("a view shows one network, several, all or none") {
  CHECK(View::one(3).shows(3));
  CHECK_FALSE(View::one(3).shows(4));
  CHECK(View::one(3).bound() == 3);
  CHECK(View::all().shows(9));
  CHECK(View::all().bound() == 0);
  CHECK(View::several({1, 2}).shows(2));
  CHECK_FALSE(View::several({1, 2}).shows(3));
  CHECK(View::several({1}).bound() == 0);
  CHECK_FALSE(View::none().shows(1));
  CHECK(View::none().empty());
  CHECK(View::several({}).empty());
  CHECK_FALSE(View::one(1).empty());
}

TEST_CASE("of a removed buffer nothing is found, and another of its name is another one") {
  CoreBench bench;
  Buffers& buffers = bench.net().buffers();
  for (int i = 0; i < 40; ++i) buffers.make("#" + std::to_string(i));
  const BufferId gone = buffers.find("#17"), other = buffers.find("#39");
  buffers.remove(gone);
  buffers.remove(gone);
  CHECK(buffers.find("#17") == 0);
  CHECK(buffers.name(gone) == nullptr);
  CHECK(buffers.find("#39") == other);
  CHECK(buffers.all().size() == 39);
  CHECK(buffers.make("#17") > other);
}

TEST_CASE("while somebody watches, it is known which buffers were made or used") {
  CoreBench bench;
  Buffers& buffers = bench.net().buffers();
  const BufferId quiet = buffers.make("quiet"), asked = buffers.make("asked"), said = buffers.make("said");
  buffers.watch();
  CHECK(buffers.make("asked") == asked);
  bench.user.log(bench.net(), {.kind = EventKind::kQuit, .buffers = {&said, 1}, .line = ":said!s@h QUIT"},
                 kNobody);
  const BufferId made = buffers.make("made");
  for (const BufferId id : {asked, said, made}) CHECK(buffers.was_used(id));
  CHECK_FALSE(buffers.was_used(quiet));
  buffers.unwatch();
  CHECK_FALSE(buffers.was_used(asked));
}
