// UvSocket over real sockets: every byte, every kind of ending, and destruction wherever it may happen.
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "bouncer/net/uv_socket.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/unit/net/real_loop.h"
#include "tests/unit/net/socket_pair.h"

using namespace halley::net;
using halley::fakes::FakePeer;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<char>(at * 31 + at / 251);
  return bytes;
}

struct Fixture : RealLoop {
  std::unique_ptr<UvSocket> adopt(SocketPair& pair) {
    return std::make_unique<UvSocket>(loop, pair.near.release());
  }
};

// Does as told in each callback.
struct Listener : Stream::Listener {
  std::function<void(std::string_view)> data = [](std::string_view) {};
  std::function<void()> drained = [] {};
  std::function<void(std::string_view)> closed = [](std::string_view) {};
  void on_data(std::string_view bytes) override { data(bytes); }
  void on_drained() override { drained(); }
  void on_closed(std::string_view reason) override { closed(reason); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "UvSocket carries bytes both ways, over TCP and a Unix socket") {
  SocketPair pair = GENERATE(0, 1) == 0 ? tcp_pair() : unix_pair();
  FakePeer peer(adopt(pair));
  CHECK(pair.far.send("hello"));
  REQUIRE(run_until([&] { return peer.received() == "hello"; }));
  const std::string_view slices[] = {"one ", "", "two ", "three"};
  CHECK(peer.stream().write(slices) == 13);
  CHECK(peer.stream().queued() == 0);
  CHECK(pair.far.receive() == "one two three");
  CHECK(peer.stream().write({}) == 0);
}

TEST_CASE_METHOD(Fixture, "UvSocket is paused at first, and whenever it is told to be") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  peer.pause();
  CHECK(pair.far.send("held"));
  settle();
  CHECK(peer.received().empty());
  peer.resume();
  REQUIRE(run_until([&] { return peer.received() == "held"; }));
  peer.pause();
  peer.resume();
  CHECK(pair.far.send(" back"));
  REQUIRE(run_until([&] { return peer.received() == "held back"; }));
}

TEST_CASE_METHOD(Fixture, "UvSocket tells a slow reader's writer when there is room, and loses nothing") {
  SocketPair pair = GENERATE(0, 1) == 0 ? tcp_pair() : unix_pair();
  FakePeer peer(adopt(pair));
  const std::string bytes = pattern(24'000'000);
  peer.send(bytes);
  CHECK(peer.unsent() > 0);
  std::string read;
  REQUIRE(run_until([&] {
    read += pair.far.receive();
    return read.size() == bytes.size();
  }));
  CHECK(read == bytes);
  CHECK(peer.unsent() == 0);
}

TEST_CASE_METHOD(Fixture, "UvSocket looks at no more than 64 slices at once") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  const std::vector<std::string_view> slices(100, "x");
  CHECK(peer.stream().write(slices) == 64);
}

TEST_CASE_METHOD(Fixture, "UvSocket reads at most one buffer a turn") {
  SocketPair pair = unix_pair();
  const auto socket = adopt(pair);
  pair.far.nonblocking();
  const std::string bytes = pattern(150'000);
  Listener listener;
  std::size_t reads = 0, size = 0;
  listener.data = [&](std::string_view piece) {
    ++reads;
    size += piece.size();
    CHECK(piece.size() <= UvLoop::kReadBuffer);
  };
  socket->listen(listener);
  CHECK(pair.far.send(bytes));
  socket->resume();
  loop.turn(true);
  CHECK(reads == 1);
  REQUIRE(run_until([&] { return size == bytes.size(); }));
}

TEST_CASE_METHOD(Fixture, "UvSocket reads to the end of a peer that half-closed, then is closed in order") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  const std::string bytes = pattern(200'000);
  CHECK(pair.far.send(bytes));
  shutdown(pair.far.get(), SHUT_WR);
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK(peer.received() == bytes);
  CHECK(peer.reason().empty());
}

TEST_CASE_METHOD(Fixture, "UvSocket closes so that the peer gets every byte, though it still sends") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  peer.pause();
  CHECK(pair.far.send("this is never read, and must cause no reset"));
  const std::string bytes = pattern(100'000);
  peer.send(bytes);
  REQUIRE(peer.unsent() == 0);
  peer.close();
  CHECK_FALSE(peer.closed());
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK(peer.reason().empty());
  peer.destroy();
  CHECK(pair.far.send("nor is this"));
  settle();
  bool ended = false;
  std::string read;
  REQUIRE(run_until([&] {
    read += pair.far.receive(&ended);
    return ended;
  }));
  CHECK(read == bytes);
  CHECK(pair.far.send("the socket lingers"));
  pair.far.close();
  settle();
}

TEST_CASE_METHOD(Fixture, "UvSocket left lingering is given up after two seconds") {
  SocketPair pair = tcp_pair();
  adopt(pair)->close();
  bool ended = false;
  REQUIRE(run_until([&] {
    pair.far.receive(&ended);
    return ended;
  }));
  CHECK(pair.far.send("x"));
  // Once it is given up, what we send is answered with a reset.
  REQUIRE(run_until([&] {
    settle();
    return !pair.far.send("x");
  }));
}

TEST_CASE_METHOD(Fixture, "UvSocket tells a reset with its reason") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  settle();
  pair.far.reset_on_close();
  pair.far.close();
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK(peer.reason() == "the other side reset the connection");
  CHECK(peer.stream().write({}) == 0);
  const std::string_view late = "late";
  CHECK(peer.stream().write({&late, 1}) == 0);
}

TEST_CASE_METHOD(
    Fixture, "UvSocket delivers what a peer said before its connection broke, even after a failed write") {
  SocketPair pair = unix_pair();
  const bool paused = GENERATE(false, true);
  FakePeer peer(adopt(pair));
  if (paused) peer.pause();
  CHECK(pair.far.send("ERROR :Closing link"));
  pair.far.close();
  const std::string_view bytes = "PRIVMSG";
  CHECK(peer.stream().write({&bytes, 1}) == 0);
  CHECK_FALSE(peer.closed());
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK(peer.received() == (paused ? "" : "ERROR :Closing link"));
  CHECK(peer.reason() == "the other side reset the connection");
}

TEST_CASE_METHOD(Fixture, "UvSocket keeps the input of a paused reader through a reset until it resumes") {
  SocketPair pair = tcp_pair();
  FakePeer peer(adopt(pair));
  peer.pause();
  CHECK(pair.far.send("first"));
  settle();
  pair.far.reset_on_close();
  pair.far.close();
  settle();
  CHECK_FALSE(peer.closed());
  peer.resume();
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK_FALSE(peer.reason().empty());
}

TEST_CASE_METHOD(Fixture, "UvSocket knows what the peer's host has not acknowledged, during on_closed too") {
  SocketPair pair = tcp_pair();
  const auto socket = adopt(pair);
  Listener listener;
  socket->listen(listener);
  socket->resume();
  const std::string bytes = pattern(8'000'000);
  const std::string_view all = bytes;
  const std::size_t taken = socket->write({&all, 1});
  REQUIRE(taken > 0);
  CHECK(socket->unacknowledged() > 0);
  std::size_t at_the_end = 0;
  bool closed = false;
  listener.closed = [&](std::string_view) {
    at_the_end = socket->unacknowledged();
    closed = true;
  };
  pair.far.reset_on_close();
  pair.far.close();
  REQUIRE(run_until([&] { return closed; }));
  CHECK(at_the_end > 0);
  CHECK(at_the_end <= taken);

  SocketPair quiet = tcp_pair();
  FakePeer peer(adopt(quiet));
  peer.send("x");
  REQUIRE(run_until([&] { return quiet.far.receive() == "x" || peer.stream().unacknowledged() == 0; }));
  REQUIRE(run_until([&] {
    settle();
    return peer.stream().unacknowledged() == 0;
  }));
}

TEST_CASE_METHOD(Fixture, "UvSocket may be destroyed in each of its callbacks") {
  SocketPair pair = tcp_pair();
  auto socket = adopt(pair);
  Listener listener;
  socket->listen(listener);
  int calls = 0;
  const auto destroy = [&] {
    ++calls;
    socket.reset();
  };
  SECTION("on_data") {
    listener.data = [&](std::string_view) { destroy(); };
    CHECK(pair.far.send("x"));
  }
  SECTION("on_data after close()") {
    listener.data = [&](std::string_view) {
      socket->close();
      destroy();
    };
    CHECK(pair.far.send("x"));
  }
  SECTION("on_drained") {
    const std::string bytes = pattern(24'000'000);
    const std::string_view all = bytes;
    CHECK(socket->write({&all, 1}) < all.size());
    listener.drained = destroy;
  }
  SECTION("on_closed by the peer") {
    listener.closed = [&](std::string_view) { destroy(); };
    pair.far.close();
  }
  SECTION("on_closed by us") {
    listener.closed = [&](std::string_view) { destroy(); };
    socket->close();
  }
  socket->resume();
  REQUIRE(run_until([&] {
    if (pair.far.get() >= 0) pair.far.receive();
    return calls == 1;
  }));
  settle();
  CHECK(calls == 1);
}

TEST_CASE_METHOD(Fixture, "UvSocket closed from on_data hears nothing but on_closed, once") {
  SocketPair pair = tcp_pair();
  auto socket = adopt(pair);
  Listener listener;
  int data = 0, closed = 0;
  listener.data = [&](std::string_view) {
    ++data;
    socket->close();
    socket->close();
  };
  listener.closed = [&](std::string_view reason) {
    ++closed;
    CHECK(reason.empty());
  };
  socket->listen(listener);
  socket->resume();
  CHECK(pair.far.send("x"));
  REQUIRE(run_until([&] { return closed == 1; }));
  socket->resume();
  CHECK(pair.far.send("y"));
  settle();
  CHECK(data == 1);
  CHECK(closed == 1);
}

TEST_CASE("UvSocket left lingering is dropped with its loop") {
  SocketPair pair = tcp_pair();
  {
    UvLoop loop;
    UvSocket(loop, pair.near.release()).close();
    loop.turn(false);
  }
  bool ended = false;
  CHECK(pair.far.receive(&ended).empty());
  CHECK(ended);
}

TEST_CASE_METHOD(Fixture, "UvSocket gives its descriptor up unharmed, with all that is under way") {
  SocketPair pair = GENERATE(0, 1) == 0 ? tcp_pair() : unix_pair();
  const int descriptor = pair.near.get();
  auto socket = adopt(pair);
  Listener listener;
  int calls = 0;
  listener.data = [&](std::string_view) { ++calls; };
  listener.drained = [&] { ++calls; };
  listener.closed = [&](std::string_view) { ++calls; };
  socket->listen(listener);
  const std::string bytes = pattern(24'000'000);
  const std::string_view all = bytes;
  const std::size_t taken = socket->write({&all, 1});
  REQUIRE(taken < all.size());
  CHECK(pair.far.send("not read yet"));
  socket->resume();
  const auto given = socket->give_up();
  REQUIRE(given);
  CHECK(*given == descriptor);
  CHECK(socket->write({&all, 1}) == 0);
  socket->pause();
  socket->resume();
  socket->close();
  settle();
  CHECK_FALSE(socket->give_up());
  socket.reset();
  settle();
  CHECK(calls == 0);

  // The successor reads what was not read, and the peer gets every byte, then the end.
  FakePeer successor(std::make_unique<UvSocket>(loop, *given));
  REQUIRE(run_until([&] { return successor.received() == "not read yet"; }));
  successor.send(all.substr(taken));
  std::string read;
  REQUIRE(run_until([&] {
    read += pair.far.receive();
    return read.size() == bytes.size();
  }));
  CHECK(read == bytes);
}

TEST_CASE_METHOD(Fixture, "UvSocket may be given up in on_data, but not when it is at its end") {
  SocketPair pair = tcp_pair();
  auto socket = adopt(pair);
  Listener listener;
  int given = -1;
  listener.data = [&](std::string_view) {
    given = socket->give_up().value();
    socket.reset();
  };
  socket->listen(listener);
  socket->resume();
  CHECK(pair.far.send("x"));
  REQUIRE(run_until([&] { return given >= 0; }));
  settle();
  UvSocket again(loop, given);
  again.close();
  CHECK(again.give_up().error() == "the connection is being closed");

  SocketPair broken = unix_pair();
  const auto writer = adopt(broken);
  broken.far.close();
  const std::string_view bytes = "x";
  CHECK(writer->write({&bytes, 1}) == 0);
  CHECK(writer->give_up().error() == "the other side reset the connection");
}
