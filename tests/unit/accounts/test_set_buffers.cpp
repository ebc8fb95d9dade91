#include <catch2/catch.hpp>

#include "bouncer/accounts/buffer_settings.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

TEST_CASE("What is set for a buffer is kept with its network, bounded, and taken back with the rest") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  const storage::BufferRow comet{.id = 7, .user = 1, .network = 1, .name = "#comet"};
  REQUIRE(bench.accounts.set_buffer(comet, {{"retention", "030"}}));
  bench.accounts.flush(nullptr);
  using Kept = std::vector<storage::SettingRow>;
  CHECK(bench.store.last<storage::PutBufferSettings>().row.settings == Kept{{"retention", "30"}});
  REQUIRE(bench.accounts.set_buffers(1).size() == 1);
  CHECK_FALSE(bench.accounts.set_buffer(comet, {{"retention", "x"}}));
  CHECK_FALSE(bench.accounts.set_buffer(comet, {{"colour", "1"}}));
  REQUIRE(bench.accounts.set_buffer(comet, {{"retention", ""}}));
  CHECK(bench.accounts.set_buffers(1).empty());
  bench.accounts.rollback();
  REQUIRE(bench.accounts.set_buffers(1).size() == 1);
  CHECK(bench.accounts.set_buffers(1)[0]->settings == Kept{{"retention", "30"}});
  bench.ear.take();
  REQUIRE(bench.accounts.remove_buffer(comet));
  bench.accounts.flush(nullptr);
  CHECK(bench.ear.take() == std::vector<std::string>{"buffer gone #comet"});
  CHECK(bench.store.last<storage::RemoveBuffer>().id == 7);
  CHECK(bench.accounts.set_buffers(1).empty());
  for (storage::BufferId id = 1; id <= kMostSetBuffers; ++id)
    REQUIRE(
        bench.accounts.set_buffer({.id = id, .user = 1, .network = 1, .name = "#c"}, {{"retention", "1"}}));
  CHECK_THAT(
      bench.accounts.set_buffer({.id = 5000, .user = 1, .network = 1, .name = "#d"}, {{"retention", "1"}})
          .error(),
      Catch::Contains("1000 buffers of libera"));
  REQUIRE(bench.accounts.set_buffer({.id = 5, .user = 1, .network = 1, .name = "#c"}, {{"retention", "2"}}));
  REQUIRE(bench.accounts.remove_network("alice", "libera"));
  CHECK(bench.accounts.set_buffers(1).empty());
  CHECK_FALSE(bench.accounts.set_buffer(comet, {{"retention", "1"}}));
}
