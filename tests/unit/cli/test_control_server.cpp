#include <catch2/catch.hpp>

#include "bouncer/cli/control_protocol.h"
#include "bouncer/cli/control_server.h"
#include "tests/fakes/cli/fake_daemon.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using namespace halley::cli;

namespace {

struct ServerBench : tests::AccountsBench {
  fakes::FakeLoop loop{clock};
  DamageReports damage{store, {}};
  fakes::FakeDaemon daemon;
  CommandRunner runner{CommandEnvironment{.accounts = accounts,
                                          .config = config,
                                          .sealer = sealer,
                                          .clock = clock,
                                          .store = store,
                                          .damage = damage,
                                          .daemon = &daemon},
                       random, [this](auto job, auto done) { loop.work(std::move(job), std::move(done)); }};
  std::unique_ptr<ControlServer> server = std::make_unique<ControlServer>(loop, runner);

  std::unique_ptr<fakes::FakePeer> connect(std::uint64_t seed = 1, bool split = true) {
    fakes::PipeOptions options;
    options.seed = seed;
    options.split_reads = split;
    options.split_writes = split;
    auto [near, far] = fakes::FakeStream::make_pair(loop, options);
    server->accept(std::move(near));
    return std::make_unique<fakes::FakePeer>(std::move(far));
  }
  CommandResult ask(fakes::FakePeer& peer, const ControlRequest& request) {
    peer.send(*format_request(request));
    loop.run_turns();
    const auto lines = peer.take_lines();
    REQUIRE(lines.size() == 1);
    return *parse_reply(lines[0]);
  }
};

}  // namespace

TEST_CASE("Requests are answered in order, however the bytes are split") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ServerBench bench;
    const auto peer = bench.connect(seed);
    const auto added =
        bench.ask(*peer, {{"user", "add", "kit", "--password-stdin"}, "correct \xe2\x98\x83\n"});
    CHECK(added.status == 0);
    CHECK(added.json["name"] == "kit");
    const auto twice = bench.ask(*peer, {{"user", "add", "kit", "--password-hash-stdin"}, tests::kCheapHash});
    CHECK(twice.status == 1);
    CHECK_THAT(twice.error, Catch::Contains("already"));
    peer->send(*format_request({{"user", "list"}, ""}) + *format_request({{"nonsense"}, ""}) +
               *format_request({{"version"}, ""}));
    bench.loop.run_turns();
    const auto lines = peer->take_lines();
    REQUIRE(lines.size() == 3);
    CHECK(parse_reply(lines[0])->json[0]["name"] == "kit");
    CHECK(parse_reply(lines[1])->status == 2);
    CHECK_THAT(parse_reply(lines[2])->text, Catch::StartsWith("halley "));
    peer->close();
    bench.loop.run_turns();
  }
}

TEST_CASE("What is no request is refused and closed") {
  for (const char* line :
       {"hello\n", "{}\n", "{\"args\":3}\n", "{\"args\":[1]}\n", "[]\n", "\n", "{\"args\":[\"\xff\"]}\n"}) {
    ServerBench bench;
    const auto peer = bench.connect();
    peer->send(line);
    bench.loop.run_turns();
    INFO(line);
    const auto lines = peer->take_lines();
    REQUIRE(lines.size() == 1);
    CHECK(parse_reply(lines[0])->status == 1);
    CHECK(peer->closed());
  }
}

TEST_CASE("A request without an end is bounded") {
  ServerBench bench;
  const auto peer = bench.connect(1, false);
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 17 && !peer->closed(); ++i) {
    peer->send(piece);
    bench.loop.run_turns();
  }
  const auto lines = peer->take_lines();
  REQUIRE(lines.size() == 1);
  CHECK_THAT(parse_reply(lines[0])->error, Catch::Contains("16 MiB"));
  CHECK(peer->closed());
}

TEST_CASE("Connections are bounded: a further one is told so") {
  ServerBench bench;
  std::vector<std::unique_ptr<fakes::FakePeer>> peers;
  for (std::uint64_t i = 0; i < 64; ++i) peers.push_back(bench.connect(i));
  const auto late = bench.connect(99);
  bench.loop.run_turns();
  const auto lines = late->take_lines();
  REQUIRE(lines.size() == 1);
  CHECK_THAT(parse_reply(lines[0])->error, Catch::Contains("too many"));
  CHECK(late->closed());
  CHECK(bench.ask(*peers[5], {{"version"}, ""}).status == 0);
  // Whoever leaves makes place for another.
  peers.back()->close();
  bench.loop.run_turns();
  const auto next = bench.connect(100);
  CHECK(bench.ask(*next, {{"version"}, ""}).status == 0);
}

TEST_CASE("A peer that leaves before its answer, and a server that goes, harm nobody") {
  ServerBench bench;
  auto peer = bench.connect();
  bench.loop.hold_work(true);
  peer->send(*format_request({{"user", "add", "kit", "--password-stdin"}, "correct\n"}));
  bench.loop.run_turns();
  peer->destroy();
  bench.loop.run_turns();
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(bench.accounts.find_user("kit") != nullptr);  // it was asked for, and is done

  peer = bench.connect(2);
  bench.loop.hold_work(true);
  peer->send(*format_request({{"user", "add", "ann", "--password-stdin"}, "correct\n"}));
  bench.loop.run_turns();
  bench.server.reset();
  bench.loop.hold_work(false);
  bench.loop.run_turns();
}

TEST_CASE("Replies of any bytes are valid JSON") {
  CommandResult result = CommandResult::done("caf\xe9 \"quoted\"\nsecond line");
  const std::string reply = format_reply(result);
  CHECK(reply.find('\n') == reply.size() - 1);
  CHECK_THAT(parse_reply(reply)->text, Catch::Contains("second line"));
  CHECK_FALSE(format_request({{"a\xff"}, ""}).has_value());
  CHECK_FALSE(parse_reply("{}").has_value());
}

TEST_CASE("A command that goes on tells piece by piece, and ends with its connection") {
  ServerBench bench;
  auto peer = bench.connect();
  REQUIRE(bench.ask(*peer, {{"user", "add", "kit", "--password-hash-stdin"}, tests::kCheapHash}).status == 0);
  CHECK(bench.ask(*peer, {{"trace", "nobody"}, ""}).status == 1);
  CHECK_THAT(bench.ask(*peer, {{"trace", "kit", "oftc"}, ""}).error, Catch::Contains("no network yet"));
  peer->send(*format_request({{"trace", "kit"}, ""}));
  bench.loop.run_turns();
  CHECK(peer->take_lines().empty());
  REQUIRE(bench.daemon.traces.size() == 1);
  bench.daemon.traces[0].lock()->tell({{"line", "PING \xff"}});
  bench.daemon.traces[0].lock()->tell({{"line", "PONG"}});
  peer->send("what is said meanwhile is passed over\n");
  bench.loop.run_turns();
  auto lines = peer->take_lines();
  REQUIRE(lines.size() == 2);
  CHECK(parse_piece(lines[1]) == nlohmann::json{{"line", "PONG"}});
  CHECK_FALSE(parse_piece("{\"status\":0}"));
  CHECK_FALSE(parse_piece("nonsense"));
  peer->close();
  bench.loop.run_turns();
  CHECK(bench.daemon.traces[0].expired());
}

TEST_CASE("A command that goes on may end by itself, and the connection asks on") {
  ServerBench bench;
  auto peer = bench.connect();
  REQUIRE(bench.ask(*peer, {{"user", "add", "kit", "--password-hash-stdin"}, tests::kCheapHash}).status == 0);
  peer->send(*format_request({{"trace", "kit"}, ""}));
  bench.loop.run_turns();
  bench.daemon.traces[0].lock()->end(CommandResult::refuse("the user has been removed"));
  bench.loop.run_turns();
  const auto lines = peer->take_lines();
  REQUIRE(lines.size() == 1);
  CHECK(parse_reply(lines[0])->error == "the user has been removed");
  CHECK(bench.daemon.traces[0].expired());
  CHECK(bench.ask(*peer, {{"version"}, ""}).status == 0);
}

TEST_CASE("Who follows and does not read loses pieces, and is told how many") {
  ServerBench bench;
  auto peer = bench.connect(1, false);
  REQUIRE(bench.ask(*peer, {{"user", "add", "kit", "--password-hash-stdin"}, tests::kCheapHash}).status == 0);
  peer->send(*format_request({{"trace", "kit"}, ""}));
  bench.loop.run_turns();
  const auto follower = bench.daemon.traces[0].lock();
  const std::string line(1000, 'x');
  constexpr int kTold = 5000;
  for (int i = 0; i < kTold; ++i) follower->tell({{"line", line}});
  std::size_t heard = 0, lost = 0;
  for (int turns = 0; turns < 100 && heard + lost < kTold; ++turns) {
    bench.loop.run_turns();
    for (const std::string& got : peer->take_lines()) {
      const auto piece = parse_piece(got);
      REQUIRE(piece);
      if (piece->contains("lost"))
        lost += (*piece)["lost"].get<std::size_t>();
      else
        ++heard;
    }
  }
  CHECK(heard + lost == kTold);
  CHECK(lost > 4000);
  CHECK(heard > 200);
}

TEST_CASE("How far long work has got is told to whoever asked for it, before the reply") {
  ServerBench bench;
  bench.store.news = {{"pages copied", 1, 2}, {"steps of the database's check", 100'000, 0}};
  const auto peer = bench.connect(1, false);
  const ControlRequest quiet{{"backup", "/tmp/x"}, ""}, looked_at{{"backup", "/tmp/x"}, "", true};
  CHECK(bench.ask(*peer, quiet).status == 0);
  peer->send(*format_request(looked_at) + *format_request({{"version"}, ""}));
  bench.loop.run_turns();
  auto lines = peer->take_lines();
  REQUIRE(lines.size() == 4);
  const auto first = parse_progress(lines[0]);
  REQUIRE(first);
  CHECK((first->what == "pages copied" && first->done == 1 && first->of == 2));
  CHECK(parse_progress(lines[1])->what == "steps of the database's check");
  CHECK_FALSE(parse_piece(lines[1]));
  CHECK(parse_reply(lines[2])->status == 0);
  CHECK_FALSE(parse_progress(lines[2]));
  CHECK(parse_reply(lines[3])->status == 0);
  CHECK_FALSE(parse_progress("{\"progress\":7}"));
  CHECK(parse_request("{\"args\":[\"version\"]}")->progress == false);
}

TEST_CASE("A peer that does not read is told its reply, and how far it had got but once") {
  ServerBench bench;
  bench.store.news.assign(100'000, {"pages copied", 1, 2});
  const auto peer = bench.connect(1, false);
  peer->send(*format_request({{"backup", "/tmp/x"}, "", true}));
  std::vector<std::string> lines;
  for (int turns = 0; turns < 100; ++turns) {
    bench.loop.run_turns();
    for (std::string& line : peer->take_lines()) lines.push_back(std::move(line));
  }
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.size() < 5000);
  CHECK(parse_reply(lines.back())->status == 0);
}

TEST_CASE("Where nobody can be told what comes, a command that goes on is refused") {
  ServerBench bench;
  REQUIRE(bench.accounts.add_user("kit", tests::kCheapHash, true));
  std::vector<CommandResult> answers;
  const auto keep = [&](CommandResult result) { answers.push_back(std::move(result)); };
  bench.runner.run({}, {"trace", "kit"}, {}, keep);
  bench.runner.run({}, {"batch"}, "trace kit\n", keep);
  bench.runner.run({.user = 1, .admin = true}, {"trace", "kit"}, {}, keep);
  REQUIRE(answers.size() == 3);
  CHECK_THAT(answers[0].error, Catch::Contains("none runs"));
  CHECK_THAT(answers[1].error, Catch::Contains("no place in a batch"));
  CHECK(answers[2].status != 0);
}
