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

TEST_CASE("passkeys are kept, changed and removed, also with their user") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  const std::string bytes("\0\xff\x01", 3);
  PasskeyRow phone{.id = 5,
                   .user = 4,
                   .name = "phone",
                   .host = "chat.example.org",
                   .credential_id = bytes,
                   .handle = bytes + "h",
                   .public_key = bytes + "k",
                   .algorithm = -257,
                   .counter = 4'000'000'000,
                   .created_ms = 6};
  PasskeyRow key = phone;
  key.id = 6;
  REQUIRE(test.commit({PutUser{{.id = 4, .name = "edmond"}}, PutPasskey{phone}, PutPasskey{key}}));
  phone.used_ms = 9;
  REQUIRE(test.commit({PutPasskey{phone}, RemovePasskey{6}}));
  test.reopen();
  REQUIRE(test.loaded().passkeys.size() == 1);
  const PasskeyRow& kept = test.loaded().passkeys[0];
  CHECK((kept.id == 5 && kept.user == 4 && kept.name == "phone" && kept.host == "chat.example.org"));
  CHECK((kept.credential_id == bytes && kept.handle == bytes + "h" && kept.public_key == bytes + "k"));
  CHECK((kept.algorithm == -257 && kept.counter == 4'000'000'000));
  CHECK((kept.created_ms == 6 && kept.used_ms == 9));
  REQUIRE(test.commit({RemoveUser{4}}));
  test.reopen();
  CHECK(test.loaded().passkeys.empty());
  CHECK(test.loaded().last_passkey == 6);
}

}  // namespace halley::storage
