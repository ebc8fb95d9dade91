// TlsStream over pipes in memory: random splits, slow readers, every ending, and what an idle one costs.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "bouncer/net/tls_stream.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"
#include "tests/unit/net/tls_fixture.h"

using namespace halley::net;
using namespace halley::fakes;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>(at * 31 + at / 251);
  return bytes;
}

struct Fixture : TlsFixture {
  FakeClock clock;
  FakeLoop loop{clock};
  FakeStream *client_pipe = nullptr, *server_pipe = nullptr;
  std::unique_ptr<TlsStream> client, other;
  std::optional<std::string> client_error, server_error;

  void connect(const PipeOptions& options = {},
               const TlsClientSettings& settings = {"irc.example.org", {}, "", ""}) {
    auto [near, far] = FakeStream::make_pair(loop, options);
    client_pipe = near.get();
    server_pipe = far.get();
    client = std::make_unique<TlsStream>(loop, std::move(near), client_engine(settings));
    other = std::make_unique<TlsStream>(loop, std::move(far), server_engine(true));
    other->handshake([this](const std::string& error) { server_error = error; });
    client->handshake([this](const std::string& error) { client_error = error; });
    CHECK_FALSE(client_error);
    loop.run_turns();
  }
  void require_open() {
    REQUIRE(client_error == "");
    REQUIRE(server_error == "");
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "TlsStream carries big transfers both ways through small pipes and random splits") {
  PipeOptions options;
  options.seed = GENERATE(1U, 2U, 3U);
  options.capacity = GENERATE(50U, 3000U, 65536U);
  options.split_writes = true;
  connect(options);
  require_open();
  FakePeer a(std::move(client)), b(std::move(other));
  const std::string up = pattern(150'000), down = pattern(90'001);
  a.send(up);
  b.send(down);
  CHECK(a.stream().queued() <= 65536);
  loop.run_turns();
  CHECK((b.received() == up));
  CHECK((a.received() == down));
  CHECK(a.stream().queued() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "TlsStream puts small slices into one record, and keeps to its bounds with large ones") {
  connect();
  require_open();
  FakePeer b(std::move(other));
  const std::vector<std::string_view> slices(64, "PRIVMSG #channel :a line\r\n");
  const auto before = client_pipe->counts().bytes_written;
  CHECK(client->write(slices) == 64 * 26);
  CHECK(client_pipe->counts().bytes_written - before < 64 * 26 + 100);
  loop.run_turns();
  CHECK(b.take().size() == 64 * 26);

  client_pipe->set_capacity(0);
  const std::string big = pattern(1'000'000);
  const std::string_view all = big;
  const auto taken = client->write({&all, 1});
  CHECK(taken > 16'000);
  CHECK(client->queued() > taken);
  CHECK(client->queued() <= 65536);
  CHECK(client->write({&all, 1}) == 0);
  CHECK(client->write({}) == 0);
}

TEST_CASE_METHOD(Fixture, "TlsStream holds what came before a pause, and gives it first after a resume") {
  PipeOptions options;
  options.split_reads = false;
  connect(options);
  require_open();
  FakePeer a(std::move(client));
  struct Pausing : Stream::Listener {
    TlsStream* stream = nullptr;
    std::string received;
    bool resume_at_once = false;
    void on_data(std::string_view bytes) override {
      received += bytes;
      stream->pause();
      if (resume_at_once) stream->resume();
    }
    void on_drained() override {}
    void on_closed(std::string_view) override {}
  } pausing;
  pausing.stream = other.get();
  other->listen(pausing);
  a.send("one ");
  a.send("two ");
  a.send("three");
  loop.run_turns();
  CHECK(pausing.received.empty());  // a new stream is paused
  other->resume();
  loop.run_turns();
  CHECK(pausing.received == "one ");
  other->resume();
  CHECK(pausing.received == "one ");  // never from inside resume()
  loop.run_turns();
  CHECK(pausing.received == "one two ");
  pausing.resume_at_once = true;
  a.send(" four");
  other->resume();
  loop.run_turns();
  CHECK(pausing.received == "one two three four");
}

TEST_CASE_METHOD(Fixture, "TlsStream closes in order, on both sides, with all bytes delivered") {
  PipeOptions options;
  options.capacity = 1000;
  connect(options);
  require_open();
  FakePeer a(std::move(client)), b(std::move(other));
  b.pause();
  const std::string bytes = pattern(5000);
  a.send(bytes);
  REQUIRE(a.unsent() == 0);
  CHECK(a.stream().queued() > 0);
  a.close();
  loop.run_turns();
  CHECK_FALSE(a.closed());
  b.resume();
  loop.run_turns();
  CHECK(b.received() == bytes);
  CHECK(b.closed());
  CHECK(b.reason().empty());
  CHECK(a.closed());
  CHECK(a.reason().empty());
}

TEST_CASE_METHOD(Fixture, "TlsStream gives up flushing after five seconds") {
  connect();
  require_open();
  FakePeer a(std::move(client));
  client_pipe->set_capacity(0);
  a.send("stuck");
  a.close();
  loop.advance(4999);
  CHECK_FALSE(a.closed());
  loop.advance(1);
  CHECK(a.closed());
  CHECK(loop.timers_active() == 0);
}

TEST_CASE_METHOD(Fixture, "TlsStream takes an end without a goodbye for an end, and tells a reset") {
  connect();
  require_open();
  FakePeer b(std::move(other));
  SECTION("end") {
    client.reset();
    loop.run_turns();
    CHECK(b.closed());
    CHECK(b.reason().empty());
  }
  SECTION("reset") {
    server_pipe->reset("the other side reset the connection");
    loop.run_turns();
    CHECK(b.reason() == "the other side reset the connection");
  }
}

TEST_CASE_METHOD(Fixture, "TlsStream tells a failed handshake to both sides") {
  SECTION("refused certificate") {
    connect({}, {"irc.example.org", {std::string(64, '0')}, "", ""});
    CHECK(client_error == "its certificate is none of those that are pinned");
    REQUIRE(server_error);
    CHECK(server_error->find("TLS failed") == 0);
    CHECK(client->peer_fingerprint() == files.fingerprint);
  }
  SECTION("not TLS") {
    auto [near, far] = FakeStream::make_pair(loop);
    FakePeer plain(std::move(near));
    TlsStream stream(loop, std::move(far), server_engine());
    stream.handshake([this](const std::string& error) { server_error = error; });
    plain.send("GET / HTTP/1.1\r\n\r\n");
    loop.run_turns();
    CHECK(server_error == "the other side does not speak TLS there");
    CHECK(plain.closed());
  }
  SECTION("gone in the middle") {
    auto [near, far] = FakeStream::make_pair(loop);
    TlsStream stream(loop, std::move(far), server_engine());
    stream.handshake([this](const std::string& error) { server_error = error; });
    near.reset();
    loop.run_turns();
    CHECK(server_error == "the other side closed the connection during the handshake");
  }
}

TEST_CASE_METHOD(Fixture, "TlsStream tells bytes that were changed on the way, and closes") {
  connect();
  require_open();
  FakePeer b(std::move(other));
  FakePeer a(std::move(client));
  // What the pipe carries now is no record of this session.
  const std::string_view rubbish("\x17\x03\x03\x00\x14rubbish rubbish rubb", 25);
  CHECK(client_pipe->write({&rubbish, 1}) == rubbish.size());
  loop.run_turns();
  CHECK(b.closed());
  CHECK(b.reason().find("TLS failed") == 0);
  CHECK(a.closed());
}

TEST_CASE_METHOD(Fixture, "TlsStream may be destroyed in each of its callbacks") {
  connect();
  require_open();
  struct Destroying : Stream::Listener {
    std::unique_ptr<TlsStream> stream;
    int calls = 0;
    bool keep_on_data = false;
    void on_data(std::string_view) override {
      if (!keep_on_data) end();
    }
    void on_drained() override { end(); }
    void on_closed(std::string_view) override { end(); }
    void end() {
      ++calls;
      stream.reset();
    }
  } listener;
  other->listen(listener);
  TlsStream& stream = *other;
  listener.stream = std::move(other);
  FakePeer a(std::move(client));
  SECTION("on_data") {
    a.send("one");
    a.send("two");
    stream.resume();
  }
  SECTION("on_data of held bytes") {
    a.send("one");
    listener.keep_on_data = true;
    stream.resume();
    loop.run_turns();
    stream.pause();
    a.send("two");
    loop.run_turns();
    listener.keep_on_data = false;
    stream.resume();
  }
  SECTION("on_drained") {
    const std::string big = pattern(1'000'000);
    const std::string_view all = big;
    CHECK(stream.write({&all, 1}) < all.size());
  }
  SECTION("on_closed") {
    a.close();
    stream.resume();
  }
  loop.run_turns();
  CHECK(listener.calls == 1);
}
