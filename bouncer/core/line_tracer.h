// Who follows the raw lines of a user's connections (halley trace): told of each as it is read or queued, and
// shows it without secrets.
//
// Thread: the loop's. Owner: whoever made it; the User holds a plain pointer to it until that is taken away.
// Nothing to hand over: who follows asks again.
#pragma once

#include <cstdint>
#include <string_view>

namespace halley {

class Client;
class Network;

class LineTracer {
 public:
  enum class Way : std::uint8_t { kReceived, kSent };  // as Halley sees it

  // A line as it is, or some with CR LF between; a last CR LF may be there. It changes nothing that the
  // caller works on.
  virtual void network_lines(const Network& network, Way way, std::string_view lines) = 0;
  virtual void client_lines(const Client& client, Way way, std::string_view lines) = 0;
  // These lines, with '\n' between, are what the user's settings have said once the network is connected:
  // words that may be secrets. They take the place of the network's last ones.
  virtual void hide(const Network& network, std::string_view lines) = 0;

 protected:
  ~LineTracer() = default;
};

}  // namespace halley
