#include <catch2/catch.hpp>

#include <array>
#include <string>

#include "store_fixture.h"
#include "temp_directory.h"

namespace halley::storage {
namespace {

const std::array<BufferId, 1> kBuffer{7};

Event event(EventId id, UserId user, std::string_view line) {
  Event event;
  event.id = id;
  event.time_ms = static_cast<std::int64_t>(id / 1000);
  event.user = user;
  event.network = 3;
  event.buffers = kBuffer;
  event.line = line;
  return event;
}

LogQuery log_of(UserId user) {
  LogQuery query;
  query.user = user;
  return query;
}

constexpr EventId kStart = 1'700'000'000'000'000;

}  // namespace

TEST_CASE("the log gives back what the journal took, read at once") {
  const TempDirectory directory;
  TestStore test{directory.path()};
  test.journal().append(event(kStart, 1, ":a!b@c PRIVMSG #x :one"));
  const Event second = test.journal().append(event(kStart + 5, 1, ":a!b@c PRIVMSG #x :two"));
  CHECK(second.line == ":a!b@c PRIVMSG #x :two");
  test.journal().append(event(kStart + 6, 2, ":a!b@c PRIVMSG #x :three"));
  test.store().journal_grew();

  const auto page = test.log(log_of(1));
  REQUIRE(page);
  REQUIRE(page->events.size() == 2);
  CHECK(page->events[0].line == ":a!b@c PRIVMSG #x :one");
  CHECK(page->events[1].line == ":a!b@c PRIVMSG #x :two");
  CHECK(page->events[1].buffers.size() == 1);
  CHECK(page->events[1].buffers[0] == 7);
  CHECK(page->events[1].time_ms == kStart / 1000);
  CHECK(page->prev == std::vector<EventId>{0, kStart});
  CHECK_FALSE(page->more);
  CHECK(page->applied == test.journal().head());
}

TEST_CASE("changes are loaded again after a restart") {
  const TempDirectory directory;
  TestStore test{directory.path()};
  const UserRow user{4, "edmond", "$argon2id$x", true, true, 12};
  NetworkRow network;
  network.id = 9;
  network.user = 4;
  network.name = "libera";
  network.sealed_sasl_password = std::string{"\0\1\2", 3};
  REQUIRE(test.commit({PutUser{user}, PutNetwork{network}, PutChannel{{9, "#comet", "key"}}}));
  test.reopen();
  REQUIRE(test.loaded().users.size() == 1);
  CHECK(test.loaded().users[0].name == "edmond");
  CHECK(test.loaded().users[0].admin);
  REQUIRE(test.loaded().networks.size() == 1);
  CHECK(test.loaded().networks[0].sealed_sasl_password == network.sealed_sasl_password);
  REQUIRE(test.loaded().channels.size() == 1);
  CHECK(test.loaded().channels[0].key == "key");
  CHECK(test.loaded().last_user == 4);
  CHECK(test.loaded().last_network == 9);
}

}  // namespace halley::storage
