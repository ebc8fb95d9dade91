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

}  // namespace halley::storage
