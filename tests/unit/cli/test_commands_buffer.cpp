#include "tests/unit/cli/log_bench.h"

using namespace halley;
using namespace halley::cli;
using tests::LogBench;

namespace {

constexpr cli::Caller kKit{1, false};

struct BufferBench : LogBench {
  // A day a line; ten days have gone by since the last.
  BufferBench() {
    for (int day = 0; day < 10; ++day) {
      log(day * 86'400, 1, ":ann!a@h PRIVMSG #comet :tail " + std::to_string(day));
      log(day * 86'400 + 1, 3, ":ann!a@h PRIVMSG #comet :oftc " + std::to_string(day));
    }
    clock.set_wall_us(static_cast<std::int64_t>(storage::kStart) + 20LL * 86'400'000'000);
  }
  std::size_t lines(const std::string& where) { return must("history kit " + where).json["lines"].size(); }
};

}  // namespace

TEST_CASE("buffers are listed, and what is set for one is kept") {
  BufferBench bench;
  CHECK(bench.must("buffer list kit").text == "libera  #comet\nlibera  *\noftc    #comet");
  bench.must("buffer set kit libera '#COMET' retention=12");
  bench.must("buffer set libera '*' retention=0", kKit);
  const auto list = bench.must("buffer list libera", kKit);
  CHECK(list.text == "libera  #comet  retention=12\nlibera  *       retention=0");
  // Of what else can be set each has its default.
  const nlohmann::json told = {{"network", "libera"}, {"target", "#comet"}, {"retention", 12},
                               {"muted", false},      {"order", nullptr},   {"detached", nullptr}};
  for (const auto& [name, value] : told.items()) {
    INFO(name);
    CHECK(list.json[0].at(name) == value);
  }
  CHECK(bench.must("buffer list kit oftc").json[0]["retention"].is_null());
  bench.must("buffer set kit libera '*' retention=");
  CHECK(bench.must("buffer list kit libera").json[1]["retention"].is_null());

  CHECK_THAT(bench.run("buffer set kit libera '#nowhere' retention=1").error,
             Catch::Contains("nothing was ever said in #nowhere on libera"));
  CHECK_THAT(bench.run("buffer set kit libera '#comet' retention=soon").error, Catch::Contains("1 to 36500"));
  CHECK(bench.run("buffer set kit libera '#comet'").status == 2);
  CHECK(bench.run("buffer list kit nonet").status == 1);
  CHECK(bench.run("buffer set kit nonet '#comet' retention=1").status == 1);
  // A refused one leaves the others' as they were.
  CHECK(bench.must("buffer list kit").json[0]["retention"] == 12);

  // After a restart, too.
  bench.runner.reset();
  bench.accounts.reset();
  bench.damage.reset();
  bench.open.store.reset();
  bench.open.journal.reset();
  storage::StoreOptions options;
  options.directory = bench.directory.path();
  const auto again = storage::open_store(options, bench.queue.post());
  REQUIRE(again);
  const auto& buffers = again->loaded.buffers;
  REQUIRE(buffers.size() == 3);
  CHECK(buffers[0].settings == std::vector<storage::SettingRow>{{"retention", "12"}});
  CHECK(buffers[1].settings.empty());
}

TEST_CASE("a buffer is muted, pinned, put in order, and told of as one likes") {
  BufferBench bench;
  bench.must("buffer set kit libera '#comet' muted=yes pinned=yes order=0 notify=none");
  CHECK(bench.must("buffer list kit libera").text ==
        "libera  #comet  muted=yes pinned=yes order=0 notify=none\nlibera  *");
  bench.must("buffer set libera '#comet' muted=no order=", kKit);
  CHECK(bench.must("buffer list kit libera").text == "libera  #comet  pinned=yes notify=none\nlibera  *");
  for (const auto* bad : {"muted=true", "pinned=1", "order=-1", "order=100001", "notify=loud"}) {
    const auto refused = bench.run(std::string("buffer set kit libera '#comet' ") + bad);
    INFO(bad);
    CHECK(refused.status == 1);
  }
  // Channels are detached by a running Halley.
  CHECK_THAT(bench.run("buffer set kit libera '#comet' detached=yes muted=yes").error,
             Catch::Contains("no daemon runs"));
  CHECK(bench.must("buffer list kit libera").text == "libera  #comet  pinned=yes notify=none\nlibera  *");
}

TEST_CASE("a buffer that is removed takes its lines with it, and is asked about in band") {
  BufferBench bench;
  CHECK_THAT(bench.run("buffer remove libera #comet", kKit).error,
             Catch::Contains("say: buffer remove libera #comet --yes"));
  bench.must("buffer remove libera #comet --yes", kKit);
  CHECK(bench.must("buffer list kit").text == "libera  *\noftc    #comet");
  CHECK(bench.lines("libera '#comet'") == 0);
  CHECK(bench.lines("oftc '#comet'") == 10);
}

TEST_CASE("prune removes what is older than retention says, of a buffer, a user or all") {
  BufferBench bench;
  CHECK_THAT(bench.must("prune").text, Catch::Contains("all is kept for ever"));
  SECTION("of a buffer") {
    bench.must("buffer set kit libera '#comet' retention=15");
    CHECK(bench.must("prune").json == nlohmann::json{{"removed", 5}, {"complete", true}});
    CHECK(bench.lines("libera '#comet'") == 5);  // one is just so old
    CHECK(bench.lines("oftc '#comet'") == 10);
  }
  SECTION("of a user, but for a buffer that is kept for ever") {
    bench.must("user set kit retention-days=1");
    bench.must("buffer set kit libera '#comet' retention=0");
    CHECK(bench.must("prune", {1, true}).json["removed"] == 10);
    CHECK(bench.lines("libera '#comet'") == 10);
    CHECK(bench.lines("oftc '#comet'") == 0);
  }
  SECTION("of all") {
    bench.config.history.retention_days = 12;
    CHECK(bench.must("prune").text == "16 lines removed, and overwritten in all files");
    CHECK(bench.must("prune").json["removed"] == 0);
  }
  CHECK(bench.run("prune", kKit).status == 1);
}
