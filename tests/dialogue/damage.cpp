// Damage that is found behind a start, where nobody has read yet.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

// fileformat2.html of SQLite: of a table without rowids, as the log is one.
constexpr char kIndexLeaf = '\x0a';
constexpr std::streamsize kPageBytes = 4096;

}  // namespace

TEST_CASE("a database that is damaged at rest is told to users and in status, though nobody has read there") {
  Attached t;
  for (int i = 0; i < 200; ++i) t.bob(fmt::format("line {} {}", i, std::string(300, '.')));
  t.scene.drain();
  // Told before it is back or behind that: a device that is known hears it either way.
  t.scene.attach("ann/net@phone");
  t.scene.checks_database = true;
  t.scene.restart([&t] {
    // A page in the middle of the lines, which the start itself does not read, nor is what comes written
    // there.
    const auto file = t.scene.directory / "halley.db";
    const auto pages = std::filesystem::file_size(file) / kPageBytes;
    std::fstream out{file, std::ios::in | std::ios::out | std::ios::binary};
    bool damaged = false;
    for (std::uintmax_t page = 1; page < pages && !damaged; ++page) {
      std::string bytes(kPageBytes, '\0');
      out.seekg(static_cast<std::streamoff>(page * kPageBytes)).read(bytes.data(), kPageBytes);
      if (bytes[0] != kIndexLeaf || bytes.find("line 10") == std::string::npos) continue;
      out.seekp(static_cast<std::streamoff>(page * kPageBytes)).write(std::string(200, '\xff').data(), 200);
      damaged = true;
    }
    REQUIRE(damaged);
  });
  Actor server = t.scene.register_network();
  Actor client = t.scene.attach("ann/net@phone");
  REQUIRE(t.scene.turn_until([&client] { return client.heard("lines may have been lost, perhaps yours"); }));
  client.say("PRIVMSG *halley :status");
  client.expect("the database is damaged");
  // The next start finds the same, and tells nobody again.
  t.scene.restart();
  server = t.scene.register_network();
  REQUIRE(t.scene.turn_until([&t] { return t.scene.damage_heard == 2; }));
  client = t.scene.attach("ann/net@phone");
  for (const std::string& line : client.ping())
    CHECK(line.find("lines may have been lost") == std::string::npos);
  client.say("PRIVMSG *halley :status");
  client.expect("the database is damaged");
}
