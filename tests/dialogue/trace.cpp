// halley trace: the raw lines of a user's connections, and no secret among them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bouncer/cli/follower.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

struct Heard final : halley::cli::Follower {
  void begin() override {}
  void tell(const nlohmann::json& piece) override { pieces.push_back(piece); }
  void end(halley::cli::CommandResult result) override { ended = result.error; }

  std::size_t count(std::string_view side, std::string_view way, std::string_view part) const {
    return static_cast<std::size_t>(std::ranges::count_if(pieces, [&](const nlohmann::json& piece) {
      return piece["side"] == side && piece["way"] == way &&
             piece["line"].get<std::string>().find(part) != std::string::npos;
    }));
  }
  bool holds(std::string_view part) const {
    return nlohmann::json(pieces).dump().find(part) != std::string::npos;
  }

  std::vector<nlohmann::json> pieces;
  std::string ended;
};

std::shared_ptr<Heard> follow(Scene& scene, std::string_view user, std::string_view network = {}) {
  auto heard = std::make_shared<Heard>();
  const auto begun = scene.daemon().trace(scene.user(user).id(), network, heard);
  if (!begun) FAIL(begun.error());
  return heard;
}

}  // namespace

TEST_CASE("a trace shows the lines of a user's networks and clients, each way") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  const auto heard = follow(scene, "ann");
  server.say(":bob!b@h PRIVMSG #c :to ann");
  client.expect("to ann");
  client.say("PRIVMSG #c :from ann");
  server.expect("from ann");
  client.say("WHOIS bob");
  server.expect("WHOIS bob");
  server.say(":srv 311 ann bob b h * :Bob");
  client.expect("311");
  CHECK(heard->count("network", "received", ":bob!b@h PRIVMSG #c :to ann") == 1);
  CHECK(heard->count("client", "sent", ":bob!b@h PRIVMSG #c :to ann") == 1);
  CHECK(heard->count("client", "received", "PRIVMSG #c :from ann") == 1);
  CHECK(heard->count("network", "sent", "PRIVMSG #c :from ann") == 1);
  CHECK(heard->count("client", "sent", "311 ann bob") == 1);
  for (const nlohmann::json& piece : heard->pieces) {
    CHECK(piece["peer"] == (piece["side"] == "network" ? "net" : "irc 127.0.0.1"));
    CHECK(piece["line"].get<std::string>().find_first_of("\r\n") == std::string::npos);
  }
  // A new link is followed from its first line on.
  server.close();
  scene.advance(60'000);
  Actor again = scene.register_network();
  CHECK(heard->count("network", "sent", "CAP LS 302") == 1);
}

TEST_CASE("a trace holds no secret, whoever says it and whoever repeats it") {
  Scene scene;
  scene.add_user("ann", "canary-password");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("on-connect",
                     "PRIVMSG NickServ :IDENTIFY canary-identify\nPRIVMSG bot :canary-word for bot");
  draft.settings.set("pass", "canary-pass");
  scene.add_network("ann", "net", {}, draft);
  const auto heard = follow(scene, "ann");
  Actor server = scene.accept_network();
  server.expect("PASS canary-pass");
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  server.expect("canary-identify");
  server.expect("canary-word");
  server.say(":ann!ann@host.test PRIVMSG bot :canary-word for bot");
  server.say(":NickServ!s@s NOTICE ann :canary-identify is not the password of ann");
  Actor client = scene.attach("ann/net", "echo-message", "canary-password");
  client.say("PRIVMSG NickServ :REGISTER canary-new ann@example.org");
  server.expect("canary-new");
  server.say(":NickServ!s@s NOTICE ann :Your password is canary-new now");
  client.say("OPER ann canary-oper");
  server.expect("canary-oper");
  client.say("JOIN #c canary-key");
  server.expect("canary-key");
  client.say("PASS canary-late");
  client.say("AUTHENTICATE canary-sasl");
  client.say("PRIVMSG *halley :user passwd canary-typed");
  client.say("PRIVMSG *halley :device add canary-phone");
  client.say("BOUNCER ADDNETWORK name=other;host=irc.other;pass=canary-other");
  client.ping();
  server.ping();
  CHECK(heard->count("network", "sent", "PASS ****") == 1);
  CHECK(heard->count("network", "sent", "PRIVMSG bot ****") == 1);
  CHECK(heard->count("network", "received", "is not the password of ann") == 1);
  CHECK(heard->count("client", "received", "PRIVMSG *halley ****") == 2);

  // To several at once, and with the network's name.
  client.say("PRIVMSG NickServ,bob :IDENTIFY canary-both");
  server.expect("PRIVMSG bob :IDENTIFY canary-both");
  client.say("PRIVMSG bob,*halley :user passwd canary-mixed");
  server.expect("PRIVMSG bob :user passwd canary-mixed");
  Actor all = scene.attach("ann/*", "echo-message", "canary-password");
  all.say("PRIVMSG NickServ/net :IDENTIFY canary-suffixed");
  server.expect("PRIVMSG NickServ :IDENTIFY canary-suffixed");
  all.say("PRIVMSG *halley/net :user passwd canary-typed-again");
  server.say(":ann!ann@host.test PRIVMSG bot :canary-word for bot");
  server.ping();
  all.ping();
  client.ping();
  CHECK(heard->count("client", "received", "PRIVMSG NickServ,bob :IDENTIFY ****") == 1);
  CHECK(heard->count("client", "received", "PRIVMSG bob,*halley ****") == 1);
  CHECK(heard->count("client", "received", "PRIVMSG NickServ/net :IDENTIFY ****") == 1);
  CHECK(heard->count("client", "received", "PRIVMSG *halley/net ****") == 1);
  for (const nlohmann::json& piece : heard->pieces) {
    CAPTURE(piece.dump());
    CHECK_FALSE(piece.dump().contains("canary"));
  }
}

TEST_CASE("a trace of one network shows nothing of the others") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "one");
  Actor one = scene.register_network();
  scene.add_network("ann", "two");
  Actor two = scene.register_network();
  Actor client = scene.attach("ann/two");
  CHECK_FALSE(scene.daemon().trace(scene.user("ann").id(), "three", {}));
  const auto heard = follow(scene, "ann", "one");
  one.say(":bob!b@h PRIVMSG ann :of one");
  two.say(":bob!b@h PRIVMSG ann :of two");
  client.expect("of two");
  one.ping();
  CHECK(heard->holds("of one"));
  CHECK_FALSE(heard->holds("of two"));
}

TEST_CASE("traces are bounded, and end with who follows or with the user") {
  Scene scene;
  scene.config.limits.clients_per_user = 3;
  std::vector<std::shared_ptr<Heard>> following;
  for (const char* name : {"ann", "bob", "carl", "dora", "eve"}) scene.add_user(name);
  for (const char* name : {"ann", "bob", "carl", "dora"}) {
    for (int i = 0; i < 4; ++i) following.push_back(follow(scene, name));
  }
  const auto refused = [&](std::string_view name) {
    const auto heard = std::make_shared<Heard>();
    const auto begun = scene.daemon().trace(scene.user(name).id(), {}, heard);
    return begun ? std::string() : begun.error();
  };
  CHECK(refused("eve").find("16 traces") == 0);
  following.back().reset();
  CHECK(refused("ann") == "ann is traced 4 times already; end one of these first");
  CHECK(refused("eve").empty());  // and is over at once

  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  CHECK(following[0]->holds("CAP LS 302"));
  const std::shared_ptr<Heard> last = following[0];
  following.erase(following.begin(), following.begin() + 4);
  const std::size_t before = last->pieces.size();
  server.ping();
  CHECK(last->pieces.size() > before);
  REQUIRE(scene.accounts().remove_user("ann"));
  scene.accounts().flush(nullptr);
  scene.loop.run_turns();
  CHECK(last->ended == "the user has been removed");
}

TEST_CASE("a trace of one network ends with the network, and those of others go on") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "one");
  Actor one = scene.register_network();
  scene.add_network("ann", "two");
  Actor two = scene.register_network();
  const auto of_one = follow(scene, "ann", "one");
  const auto of_two = follow(scene, "ann", "two");
  const auto of_all = follow(scene, "ann");
  REQUIRE(scene.accounts().remove_network("ann", "one"));
  scene.accounts().flush(nullptr);
  scene.loop.run_turns();
  CHECK(of_one->ended == "the network has been removed");
  two.say(":bob!b@h PRIVMSG ann :of two");
  two.ping();
  for (const auto& heard : {of_two, of_all}) {
    CHECK(heard->ended.empty());
    CHECK(heard->holds("of two"));
  }
  REQUIRE(scene.accounts().remove_network("ann", "two"));
  scene.accounts().flush(nullptr);
  CHECK(of_two->ended == "the network has been removed");
  CHECK(of_all->ended.empty());
}
