// Changes of accounts as they reach links and clients.
#include <catch2/catch.hpp>

#include "bouncer/accounts/password.h"
#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::Accounts;
using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

TEST_CASE("a disabled user's networks stay away, whatever is set") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Accounts& accounts = scene.accounts();
  REQUIRE(accounts.set_enabled("ann", false));
  accounts.flush(nullptr);
  server.expect("QUIT :This account has been disabled");
  const std::size_t dials = scene.dialer.count();

  const auto set = [&](auto change) {
    Accounts::NetworkDraft draft;
    change(draft);
    REQUIRE(accounts.set_network("ann", "net", draft));
    accounts.flush(nullptr);
    scene.advance(3'600'000);
    CHECK(scene.user("ann").find_network("net")->link() == Link::kDisabled);
    CHECK(scene.dialer.count() == dials);
  };
  set([](auto& draft) { draft.settings.set("nick", "other"); });
  set([](auto& draft) { draft.settings.set("url", "irc://elsewhere.test"); });
  set([](auto& draft) { draft.enabled = false; });
  set([](auto& draft) { draft.enabled = true; });
  Accounts::NetworkDraft another;
  another.settings.set("url", "irc://another.test");
  REQUIRE(accounts.add_network("ann", "second", another));
  REQUIRE(accounts.rename_network("ann", "net", "first"));
  accounts.flush(nullptr);
  scene.advance(3'600'000);
  CHECK(scene.dialer.count() == dials);
  scene.restart();
  scene.advance(3'600'000);
  CHECK(scene.dialer.count() == dials);

  REQUIRE(scene.accounts().set_enabled("ann", true));
  scene.accounts().flush(nullptr);
  CHECK(scene.turn_until([&] { return scene.dialer.count() == dials + 2; }));
}

TEST_CASE("a new password puts out whoever came in by the old one, and no token") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  const auto token = scene.accounts().add_device("ann", "bot");
  REQUIRE(token);
  scene.accounts().flush(nullptr);
  Actor by_password = scene.attach("ann/net@laptop");
  Actor by_token = scene.attach("ann/net", {}, *token);
  Actor half_way = scene.connect_client();
  half_way.say("CAP REQ sasl");
  half_way.expect(" ACK ");
  half_way.say("AUTHENTICATE PLAIN");
  half_way.expect("AUTHENTICATE +");
  half_way.say("AUTHENTICATE AGFubgBzZWNyZXQ=");  // \0ann\0secret
  half_way.expect(" 903 ");

  const std::string hash = halley::hash_password("another one", scene.random);
  REQUIRE(scene.accounts().set_password_hash("ann", hash, Accounts::Tokens::kKeep));
  scene.accounts().flush(nullptr);
  by_password.expect("log in with the new one");
  by_password.expect_closed();
  half_way.expect_closed();
  server.say(":bob!b@h PRIVMSG ann :still there?");
  by_token.expect("still there?");

  REQUIRE(scene.accounts().set_password_hash("ann", hash, Accounts::Tokens::kRevoke));
  scene.accounts().flush(nullptr);
  by_token.expect_closed();
}
