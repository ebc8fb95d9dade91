#include <catch2/catch.hpp>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

TEST_CASE("a user's states of one kind can be read, those that were just put among them") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}, PutUser{{.id = 2, .name = "v"}}}));
  for (const char* key : {"b", "a"})
    test.journal().append(StateRecord{.user = 1, .kind = 15, .key = key, .value = "of u"});
  test.journal().append(StateRecord{.user = 1, .kind = 14, .key = "c", .value = "another kind"});
  test.journal().append(StateRecord{.user = 2, .kind = 15, .key = "c", .value = "of v"});
  const auto rows = test.states(1, 15);
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  for (const StateRow& row : *rows) CHECK((row.user == 1 && row.kind == 15 && row.value == "of u"));
  CHECK(test.states(3, 15)->empty());
  // They go with their user.
  REQUIRE(test.commit({RemoveUser{1}}));
  CHECK(test.states(1, 15)->empty());
  CHECK(test.states(2, 15)->size() == 1);
}

}  // namespace halley::storage
