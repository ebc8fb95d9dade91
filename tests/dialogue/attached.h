// Ann's network "net", connected, with #c joined: where most scenes begin.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/dialogue/scene.h"

namespace halley::dialogue {

struct Attached {
  explicit Attached(std::uint64_t seed = 1) : scene(seed) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
  }
  void bob(std::string_view text) { server->say(fmt::format(":bob!b@h PRIVMSG #c :{}", text)); }
  // A device comes, hears a line, and goes.
  void visit(std::string_view login) {
    Actor client = scene.attach(login);
    bob("welcome");
    client.expect("welcome");
  }
  Scene scene;
  std::optional<Actor> server;
};

// A network with these capabilities, #c joined.
inline Actor register_with(Scene& scene, const std::string& caps) {
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :" + caps);
  server.say(":srv CAP * ACK :" + server.expect("CAP REQ :").substr(9));
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 005 ann CASEMAPPING=ascii :are supported by this server");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  scene.join(server, "#c");
  return server;
}

}  // namespace halley::dialogue
