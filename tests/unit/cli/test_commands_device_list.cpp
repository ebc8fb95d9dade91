#include <catch2/catch.hpp>

#include "bouncer/core/state_kinds.h"
#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using tests::RunnerBench;

namespace {

constexpr auto kVisit = static_cast<std::uint16_t>(StateKind::kDeviceVisit),
               kPosition = static_cast<std::uint16_t>(StateKind::kDevicePosition);

// Kit's phone (1), which was here, and tablet (2), which never was.
struct Devices : RunnerBench {
  Devices() {
    add_kit();
    must("device add kit phone");
    must("device add kit tablet");
    const UserId kit = accounts.find_user("kit")->id;
    const auto state = [&](std::uint16_t kind, NetworkId network, std::string place, std::string value) {
      store.states.push_back({.user = kit,
                              .network = network,
                              .device = accounts.find_device(kit, "phone")->id,
                              .kind = kind,
                              .key = std::move(place),
                              .value = std::move(value)});
    };
    state(kVisit, 0, "", "1700000000000\t192.0.2.7\twebsocket\tGoguma/0.9");
    state(kVisit, 0, "left", "1700000060000");
    state(kPosition, 1, "", "17");
    state(kPosition, 2, "", "18");
  }
};

}  // namespace

TEST_CASE("device list tells from where, with what, when, and how far behind") {
  Devices bench;
  bench.store.lag = {.events = 3, .more = false};
  const cli::CommandResult list = bench.must("device list kit");
  CHECK_THAT(list.text, Catch::Contains("phone   token  seen ") &&
                            Catch::Contains("192.0.2.7 websocket (Goguma/0.9)  6 lines behind"));
  CHECK(list.json[0]["address"] == "192.0.2.7");
  CHECK(list.json[0]["transport"] == "websocket");
  CHECK(list.json[0]["software"] == "Goguma/0.9");
  CHECK(list.json[0]["behind"] == 6);
  CHECK(list.json[0]["behind_more"] == false);
  CHECK(list.json[0]["online"] == false);
  CHECK(list.json[1]["name"] == "tablet");
  CHECK(list.json[1]["address"] == "");
  CHECK(list.json[1]["behind"].is_null());
}

TEST_CASE("a device that is here is online, up to date or not, and seen now") {
  Devices bench;
  bench.daemon.online = {bench.accounts.find_device(bench.accounts.find_user("kit")->id, "phone")->id};
  bench.clock.advance_ms(500'000'000);
  CHECK_THAT(bench.must("device list kit").text,
             Catch::Contains("online      192.0.2.7") && Catch::Contains("up to date"));
  const std::string seen = bench.must("device list kit").json[0]["seen"];
  bench.clock.advance_ms(60'000);
  CHECK(bench.must("device list kit").json[0]["seen"] > seen);
  bench.store.lag = {.events = 5000, .more = true};
  CHECK_THAT(bench.must("device list kit").text, Catch::Contains("at least 10000 lines behind"));
  CHECK(bench.must("device list kit").json[0]["behind_more"] == true);
}

TEST_CASE("in a batch device list says what the accounts know") {
  Devices bench;
  const cli::CommandResult result = bench.must("batch", "device list kit\n");
  CHECK(result.status == 0);
  const std::string said = result.text + result.json.dump();
  CHECK_THAT(said, Catch::Contains("phone"));
  for (const char* unknown : {"192.0.2.7", "address", "behind"}) CHECK_THAT(said, !Catch::Contains(unknown));
}
