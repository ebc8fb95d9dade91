// Lines of IRC over a WebSocket: a line is a message, whatever the bytes are.
#include <catch2/catch.hpp>
#include <memory>

#include "gateway/websocket/irc_socket.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

using namespace halley;
using namespace halley::gateway;

namespace {

std::string repaired(std::string_view bytes) {
  std::string out;
  append_utf8(out, bytes);
  return out;
}

// A browser's end, the socket, and who serves ordinary clients behind it.
struct Scene : private net::Stream::Listener {
  explicit Scene(bool text = true) {
    auto [near, far] = fakes::FakeStream::make_pair(loop);
    stream = std::move(near);
    browser = std::make_unique<fakes::FakePeer>(std::move(far));
    stream->listen(*this);
    stream->resume();
    socket = std::make_unique<IrcSocket>(*stream, "HEAD\r\n\r\n", text);
    served = std::make_unique<fakes::FakePeer>(socket->far_end());
  }
  std::string take() {
    loop.run_turns();
    return browser->take();
  }
  // A message of the client, masked with zeros.
  void message(std::string_view text) {
    std::string frame = "\x81";
    frame += static_cast<char>(0x80 | text.size());
    frame += std::string(4, '\0');
    browser->send(frame += text);
    loop.run_turns();
  }
  void on_data(std::string_view bytes) override { socket->received(bytes); }
  void on_drained() override { socket->drained(); }
  void on_closed(std::string_view) override { socket->closed(); }

  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  std::unique_ptr<fakes::FakeStream> stream;
  std::unique_ptr<fakes::FakePeer> browser;
  std::unique_ptr<IrcSocket> socket;
  std::unique_ptr<fakes::FakePeer> served;
};

}  // namespace

TEST_CASE("what is not UTF-8 becomes U+FFFD, and the rest stays") {
  CHECK(repaired("comet \xe2\x98\x84") == "comet \xe2\x98\x84");
  CHECK(repaired("a\xff"
                 "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(repaired("\xe2\x98") == "\xEF\xBF\xBD");
  CHECK(repaired("\xe2\x98"
                 "c") ==
        "\xEF\xBF\xBD"
        "c");
  CHECK(repaired("").empty());
}

TEST_CASE("each line is a message, behind the head, however it was written") {
  Scene scene;
  scene.served->send("PING :a\r\nPI");
  scene.served->send("NG :b\r\n");
  CHECK(scene.take() == std::string("HEAD\r\n\r\n\x81\x07PING :a\x81\x07PING :b"));
  scene.message("NICK ann");
  scene.message("USER u 0 * :r\r\n");
  CHECK(scene.served->take() == "NICK ann\r\nUSER u 0 * :r\r\n");
}

TEST_CASE("a text message is UTF-8; a binary one has the bytes as they are") {
  for (const bool text : {true, false}) {
    Scene scene(text);
    scene.take();
    scene.served->send("A \xff\r\n");
    CHECK(scene.take() == (text ? "\x81\x05"
                                  "A \xEF\xBF\xBD"
                                : "\x82\x03"
                                  "A \xff"));
  }
}

TEST_CASE("the end of either side ends the other") {
  Scene scene;
  scene.take();
  SECTION("who serves it closes") {
    scene.served->close();
    CHECK_THAT(scene.take(), Catch::StartsWith("\x88"));
    CHECK(scene.browser->closed());
  }
  SECTION("the client goes") {
    scene.browser->close();
    scene.loop.run_turns();
    CHECK(scene.served->closed());
  }
  SECTION("the socket goes first") {
    scene.socket->closed();
    CHECK(scene.served->closed());
  }
}
