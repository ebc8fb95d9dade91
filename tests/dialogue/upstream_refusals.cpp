// What a network refuses, by whichever of the words that networks have for it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/upstream/question_kinds.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

TEST_CASE("whatever refuses a JOIN of Halley's own is told once, and a client's is told to whoever asked") {
  // Each numeric that may answer a JOIN; 470 leads elsewhere, 437 and 447 of a nick are others' tests.
  halley::irc::Message join;
  join.command = "JOIN";
  std::string_view errors = halley::question_kind(halley::question_kind_of(join)).errors;
  std::vector<std::string> refusals{":srv FAIL JOIN NOT_NOW #c :Why not"};
  while (!errors.empty()) {
    const std::string numeric(errors.substr(0, 3));
    if (numeric != "470") refusals.push_back(fmt::format(":srv {} ann #c :Why not", numeric));
    errors.remove_prefix(std::min<std::size_t>(4, errors.size()));
  }
  CHECK(refusals.size() > 20);
  for (const std::string& refusal : refusals) {
    INFO(refusal);
    Scene scene;
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    Actor client = scene.attach("ann/net");
    Actor server = scene.register_network();
    server.say(refusal);
    server.ping();
    const auto heard = client.until("cannot be joined: Why not");
    CHECK(std::ranges::none_of(heard, [&](const auto& line) { return line.contains(refusal.substr(5, 8)); }));
    client.say("JOIN #c");
    server.expect("JOIN #c");
    server.say(refusal);
    client.expect(refusal.starts_with(":srv FAIL") ? "JOIN: Why not" : refusal.substr(4, 9));
  }
}
