// What a client may say to a network, played with a link that only listens.
#include <catch2/catch.hpp>

#include "bouncer/commands/client_commands.h"
#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

namespace {

struct Scene : CoreBench {
  Scene() {
    client.attach(user, View::one(1));
    client.follow(user.head());
    client.take();
  }
  std::string run(std::string_view line) { return run_client_command(client, net(), line); }
  std::string run_program(std::string_view line) { return run_client_command(Asker::program(), net(), line); }
  TestClient client;
};

}  // namespace

TEST_CASE("what is said is logged as the client's own, and sent") {
  Scene scene;
  CHECK(scene.run("PRIVMSG #c :hi there").empty());
  CHECK(scene.client.take() == Lines{"own :ann!u@h PRIVMSG #c :hi there"});
  CHECK(scene.uplink().take_lines() == Lines{"PRIVMSG #c :hi there"});
  CHECK(scene.net().buffers().find("#c") != 0);
  CHECK(scene.run_program("notice bob,#c :psst").empty());
  CHECK(scene.client.take() == Lines{"live :ann!u@h NOTICE bob :psst", "live :ann!u@h NOTICE #c :psst"});
  CHECK(scene.uplink().take_lines() == Lines{"NOTICE bob :psst", "NOTICE #c :psst"});
}

TEST_CASE("a long text goes in parts, each of which fits a line") {
  Scene scene;
  CHECK(scene.run("PRIVMSG #c :" + std::string(1000, 'x')).empty());
  const Lines sent = scene.uplink().take_lines();
  REQUIRE(sent.size() == 3);
  for (const std::string& line : sent) CHECK(line.size() + std::string(":ann!u@h ").size() <= 510);
  CHECK(scene.client.take().size() == 3);
}

TEST_CASE("what cannot be sent is refused in a sentence") {
  Scene scene;
  CHECK(scene.run("PRIVMSG #c").find("needs 2 parameters") != std::string::npos);
  CHECK(scene.run("PRIVMSG a,b,c,d,e,f,g,h,i,j,k :x").find("at most 10 targets") != std::string::npos);
  CHECK(scene.run("PRIVMSG a,b,c,d,e,f,g :" + std::string(5000, 'x')).find("more than 64 lines") !=
        std::string::npos);
  CHECK(scene.run("PRIVMSG " + std::string(460, 'x') + " :x").find("no nick or channel") !=
        std::string::npos);
  CHECK(scene.run("QUIT :bye").find("between Halley and the network") != std::string::npos);
  CHECK(scene.run("NICK #no").find("cannot be a nick") != std::string::npos);
  CHECK(scene.run("JOIN nowhere").find("is no channel name") != std::string::npos);
  CHECK(scene.uplink().take_lines().empty());
  scene.uplink().full = true;
  CHECK(scene.run("WHOIS bob").find("too many lines wait for net") != std::string::npos);
  CHECK(scene.run("PRIVMSG #c :unsaid").find("too many lines wait for net") != std::string::npos);
  scene.uplink().full = false;
  scene.uplink().link_is = Link::kWaiting;
  scene.uplink().trouble_is = "it is night";
  CHECK(scene.run("PRIVMSG NickServ :IDENTIFY x").ends_with("nothing was sent"));
  CHECK(scene.run("PRIVMSG bob :\x01VERSION\x01") ==
        "not connected to net (waiting: it is night): nothing was sent");
  CHECK(scene.run("WHOIS bob").starts_with("not connected to net"));
  CHECK(scene.client.take().empty());
  CHECK(scene.uplink().take_lines().empty());
}

TEST_CASE("what is said while the network is away waits, and its client is told once") {
  Scene scene;
  scene.uplink().link_is = Link::kWaiting;
  CHECK(scene.run("PRIVMSG #c :one").empty());
  CHECK(scene.run("PRIVMSG #c :two").empty());
  CHECK(scene.client.take() ==
        Lines{"pass :halley.test NOTICE ann :Not connected to net now: what you say to #c "
              "waits until it is (/msg *halley outbox)"});
  CHECK(scene.uplink().take_lines().empty());
  CHECK(scene.net().outbox().list().size() == 2);
  scene.uplink().link_is = Link::kConnected;
  scene.net().outbox().go_on();
  CHECK(scene.uplink().take_lines() == Lines{"PRIVMSG #c :one", "PRIVMSG #c :two"});
  CHECK(scene.client.take() == Lines{"own :ann!u@h PRIVMSG #c :one", "own :ann!u@h PRIVMSG #c :two"});
  scene.uplink().link_is = Link::kDisabled;
  CHECK(scene.run("PRIVMSG #c :three").ends_with("nothing was sent"));
}

TEST_CASE("what has no row is asked on behalf of the client, by its number") {
  Scene scene;
  CHECK(scene.run("whois bob").empty());
  CHECK(scene.uplink().questions ==
        std::vector<std::pair<ClientId, std::string>>{{scene.client.id(), "whois bob"}});
  CHECK(scene.run_program("WHO #c").empty());  // it has no stream to be answered on
  CHECK(scene.uplink().questions.back() == std::pair<ClientId, std::string>{kEverybody, "WHO #c"});
  CHECK(scene.uplink().take_lines() == Lines{"whois bob", "WHO #c"});
}

TEST_CASE("channels and nicks that are asked for are told to the link, which keeps what is confirmed") {
  CoreBench bench;
  CHECK(
      run_client_command(Asker::program(), bench.net(), "JOIN #a,no,#b x,y,key").find("'no' is no channel") ==
      0);
  CHECK(bench.uplink().take_lines() == Lines{"JOIN #a,#b x,key"});
  CHECK(bench.uplink().take_told() == Lines{"ask #a x", "ask #b key"});
  CHECK(run_client_command(Asker::program(), bench.net(), "PART #a,#b").empty());
  CHECK(bench.uplink().take_told() == Lines{"give up #a", "give up #b"});
  CHECK(run_client_command(Asker::program(), bench.net(), "NICK anna").empty());
  CHECK(run_client_command(Asker::program(), bench.net(), "AWAY :at lunch").empty());
  CHECK(bench.uplink().take_told() == Lines{"ask nick anna", "ask away at lunch"});
  bench.uplink().link_is = Link::kWaiting;
  (void)bench.uplink().take_lines();
  CHECK(run_client_command(Asker::program(), bench.net(), "JOIN #c").find("as soon as") != std::string::npos);
  CHECK(run_client_command(Asker::program(), bench.net(), "NICK bob").find("as soon as") !=
        std::string::npos);
  CHECK(bench.uplink().take_told() == Lines{"ask #c", "ask nick bob"});
  CHECK(bench.uplink().take_lines().empty());
  bench.config.limits.channels_per_network = 0;
  CHECK(run_client_command(Asker::program(), bench.net(), "JOIN #c").find("is the limit") !=
        std::string::npos);
}

TEST_CASE("what is known here is answered here") {
  Scene scene;
  NetworkState& state = scene.net().state();
  state.server = "srv";
  Channel& channel = state.join("#c");
  CHECK(scene.run("TOPIC #c").empty());
  CHECK(scene.uplink().take_lines() == Lines{"TOPIC #c"});  // not yet known whole
  state.add_member(channel, {"ann", "u", "h"});
  state.end_of_names(channel);
  CHECK(scene.run("TOPIC #c").empty());
  CHECK(scene.client.take() == Lines{"pass :srv 331 ann #c :No topic is set"});
  channel.topic = "all";
  CHECK(scene.run("TOPIC #c").empty());
  CHECK(scene.client.take() == Lines{"pass :srv 332 ann #c :all"});
  CHECK(scene.run("NAMES #c").empty());
  CHECK(scene.client.take() ==
        Lines{"pass :srv 353 ann = #c :ann", "pass :srv 366 ann #c :End of /NAMES list"});
  CHECK(scene.run("TOPIC #c :new").empty());
  CHECK(scene.uplink().take_lines() == Lines{"TOPIC #c new"});
  CHECK(scene.run_program("NAMES #c").empty());
  CHECK(scene.uplink().take_lines() == Lines{"NAMES #c"});
}

TEST_CASE("the in-band service answers the client that asked, and nobody in its place") {
  Scene scene;
  CHECK(scene.run("PRIVMSG *halley :help me").empty());
  CHECK(scene.run_program("PRIVMSG *halley :help me").find("event stream") != std::string::npos);
  CHECK(scene.service.asked == Lines{"help me"});
  scene.service.replies[0]("one\ntwo");
  CHECK(scene.client.take() == Lines{"pass :*halley!*halley@halley.test PRIVMSG ann :one",
                                     "pass :*halley!*halley@halley.test PRIVMSG ann :two"});
  CHECK(scene.run("PRIVMSG *halley :again").empty());
  scene.client.attach(scene.user, View::one(1));  // the same object, another connection
  scene.service.replies[1]("late");
  CHECK(scene.client.take().empty());
  CHECK(scene.uplink().take_lines().empty());
}
