// What starts found lost, and how long it is remembered.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

TEST_CASE("of what starts found lost the last sixteen are remembered") {
  const fakes::TempDirectory directory;
  {
    TestStore test{directory.path()};
    test.journal().append(StateRecord{.user = 1,
                                      .network = 1,
                                      .device = 1,
                                      .kind = 1,
                                      .value = "what is lost with a journal is told where there was any"});
  }
  for (int i = 0; i < 18; ++i) {
    std::filesystem::remove(directory / "halley.journal");
    const TestStore test{directory.path()};
    CHECK(test.loaded().damage.size() == static_cast<std::size_t>(std::min(i + 1, 16)));
  }
}

}  // namespace halley::storage
