// Answers to networks that ask whose a connection is, and the file that oidentd reads.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "bouncer/daemon/ident_server.h"
#include "bouncer/daemon/oidentd_file.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;
using net::Address;

namespace {

struct Bench {
  Bench() {
    idents.want([] {});
  }
  std::unique_ptr<fakes::FakePeer> ask(std::string_view text,
                                       net::Peer peer = {"203.0.113.7", false, false, ""}) {
    auto [near, far] = fakes::FakeStream::make_pair(loop);
    server.accept(std::move(near), std::move(peer));
    auto asker = std::make_unique<fakes::FakePeer>(std::move(far));
    asker->send(text);
    loop.run_turns();
    return asker;
  }
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  Idents idents;
  IdentServer server{loop, idents};
  Idents::Place place =
      idents.add(Address::numeric("192.0.2.1", 40000), Address::numeric("203.0.113.7", 6697), "ann");
};

}  // namespace

TEST_CASE("a question is two ports") {
  const auto ports = [](std::string_view line) -> std::string {
    const auto asked = parse_ident_query(line);
    return asked ? std::to_string(asked->local_port) + "," + std::to_string(asked->remote_port) : "none";
  };
  CHECK(ports("6193, 23") == "6193,23");
  CHECK(ports(" 6193 ,\t23 ") == "6193,23");
  CHECK(ports("6193,23") == "6193,23");
  for (const char* bad : {"", ",", "1", "1,", "0,1", "1,0", "65536,1", "-1,2", "1,2,3", "a,b", "1 2,3"})
    CHECK(ports(bad) == "none");
}

TEST_CASE("a server that asks is answered once, and closed") {
  Bench b;
  const auto known = b.ask("40000, 6697\r\n40000,6697\r\n");
  CHECK(known->received() == "40000 , 6697 : USERID : UNIX : ann\r\n");
  CHECK(known->closed());
  CHECK(b.ask("40001, 6697\n")->received() == "40001 , 6697 : ERROR : NO-USER\r\n");
  CHECK(b.ask("hello\r\n")->received() == "0 , 0 : ERROR : INVALID-PORT\r\n");
  CHECK(b.ask(std::string(5000, '1') + "\r\n")->received() == "0 , 0 : ERROR : INVALID-PORT\r\n");
  // Another server than the connection's hears nothing of it; what this machine hands on is by the ports.
  CHECK(b.ask("40000,6697\r\n", {"203.0.113.8", false, false, ""})->received() ==
        "40000 , 6697 : ERROR : NO-USER\r\n");
  CHECK(b.ask("40000,6697\r\n", {"127.0.0.1", true, false, ""})->received() ==
        "40000 , 6697 : USERID : UNIX : ann\r\n");
  CHECK(answer_ident_query(b.idents, "40000,6697", {"203.0.113.7", false, false, ""}, "192.0.2.9") ==
        "40000 , 6697 : ERROR : NO-USER");
}

TEST_CASE("who asks and says nothing is closed, and of many the oldest") {
  Bench b;
  const auto silent = b.ask("400");
  CHECK_FALSE(silent->closed());
  b.loop.advance(IdentServer::kAnsweredWithinMs);
  CHECK(silent->closed());
  std::vector<std::unique_ptr<fakes::FakePeer>> many;
  for (std::size_t i = 0; i <= IdentServer::kMostAskers; ++i) many.push_back(b.ask(""));
  CHECK(many.front()->closed());
  CHECK_FALSE(many[1]->closed());
  CHECK(std::ranges::count_if(many, [](const auto& asker) { return asker->closed(); }) == 1);
}

TEST_CASE("oidentd's file has a line for each connection, and none for those that are over") {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  const fakes::TempDirectory folder;
  const std::filesystem::path file = folder.path() / "oidentd.conf";
  const auto text = [&] {
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
  };
  std::ofstream(file) << "lport 1 { reply \"old\" }\n";
  std::vector<std::string> troubles;
  Idents idents;
  {
    OidentdFile written(loop, idents, file, [&](const std::string& what) { troubles.push_back(what); });
    loop.run_turns();
    CHECK_FALSE(text().contains("old"));
    {
      const auto place =
          idents.add(Address::numeric("192.0.2.1", 40000), Address::numeric("203.0.113.7", 6697), "ann");
      loop.run_turns();
      CHECK(text().contains("to 203.0.113.7 fport 6697 from 192.0.2.1 lport 40000 { reply \"ann\" }\n"));
      const auto mode = std::filesystem::status(file).permissions();
      CHECK((mode & std::filesystem::perms::others_read) != std::filesystem::perms::none);
    }
    loop.run_turns();
    CHECK_FALSE(text().contains("ann"));
  }
  CHECK_FALSE(idents.wanted());
  CHECK(troubles.empty());
  CHECK(write_oidentd_file(folder.path() / "no" / "such", "x").contains("upstream.oidentd_file"));
}
