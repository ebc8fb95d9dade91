#include <catch2/catch.hpp>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

TEST_CASE("what a device logs in with is kept, and changes with it") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  DeviceRow phone{.id = 1, .user = 1, .name = "phone", .token_hash = "abc", .scram_keys = "keys"};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "edmond"}}, PutDevice{phone}}));
  test.reopen();
  REQUIRE(test.loaded().devices.size() == 1);
  CHECK((test.loaded().devices[0].scram_keys == "keys" && test.loaded().devices[0].certificate.empty()));
  phone.scram_keys.clear();
  phone.certificate = "0a1b";
  REQUIRE(test.commit({PutDevice{phone}}));
  test.reopen();
  REQUIRE(test.loaded().devices.size() == 1);
  CHECK((test.loaded().devices[0].scram_keys.empty() && test.loaded().devices[0].certificate == "0a1b"));
}

TEST_CASE("codes for those without a login are kept, changed and removed") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  TicketRow all{.id = 30, .code_hash = "aa", .uses = 3, .note = "all", .created_ms = 5, .until_ms = 7};
  REQUIRE(test.commit({PutUser{{.id = 4, .name = "edmond"}}, PutTicket{all},
                       PutTicket{{.id = 31, .user = 4, .code_hash = "bb"}}}));
  all.uses = 2;
  REQUIRE(test.commit({PutTicket{all}}));
  test.reopen();
  REQUIRE(test.loaded().tickets.size() == 2);
  const TicketRow& kept = test.loaded().tickets[0];
  CHECK((kept.id == 30 && kept.user == 0 && kept.uses == 2 && kept.code_hash == "aa" && kept.note == "all"));
  CHECK((kept.created_ms == 5 && kept.until_ms == 7 && test.loaded().tickets[1].user == 4));
  REQUIRE(test.commit({RemoveTicket{30}, RemoveUser{4}}));
  test.reopen();
  CHECK(test.loaded().tickets.empty());
  CHECK(test.loaded().last_ticket == 31);
}

}  // namespace halley::storage
