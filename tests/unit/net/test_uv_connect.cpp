// UvConnect: which of several addresses is connected to, whatever the others do.
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bouncer/net/uv_connect.h"
#include "tests/unit/net/real_loop.h"
#include "tests/unit/net/socket_pair.h"

using namespace halley::net;

namespace {

Address at(const std::string& text, std::uint16_t port = 6667) {
  return Address::numeric(text, port);
}

// Of this process; each attempt to connect has one.
std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& one : std::filesystem::directory_iterator("/proc/self/fd")) count += one.is_symlink();
  return count;
}

std::vector<std::string> texts(const std::vector<Address>& addresses) {
  std::vector<std::string> all;
  for (const Address& address : addresses) all.push_back(address.text());
  return all;
}

// A listener of loopback, of IPv6 where there is any, that answers no more: its queue of connections is full.
class DeadEnd {
 public:
  explicit DeadEnd(int family) : listener_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_ = at(family == AF_INET6 ? "::1" : "127.0.0.1", 0);
    require(bind(listener_.get(), address_.get(), address_.size()) == 0, "bind");
    require(::listen(listener_.get(), 0) == 0, "listen");
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    address_ = Address(reinterpret_cast<const sockaddr*>(&bound), size);
    for (int i = 0; i < 3; ++i) {
      fillers_.emplace_back(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)connect(fillers_.back().get(), address_.get(), address_.size());
    }
  }
  const Address& address() const { return address_; }
  static int family() {
    const RawSocket probe(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Address loopback = at("::1", 0);
    return bind(probe.get(), loopback.get(), loopback.size()) == 0 ? AF_INET6 : AF_INET;
  }

 private:
  RawSocket listener_;
  Address address_;
  std::vector<RawSocket> fillers_;
};

struct Fixture : RealLoop {
  std::optional<std::expected<UvConnect::Connected, std::string>> result;
  int answers = 0;
  std::unique_ptr<UvConnect> race(std::vector<Address> addresses, std::uint64_t delay_ms) {
    auto made = std::make_unique<UvConnect>(
        loop, std::move(addresses), Address(),
        [this](auto answer) {
          ++answers;
          result = std::move(answer);
        },
        delay_ms);
    made->start();
    return made;
  }
};

}  // namespace

TEST_CASE("families take turns, beginning with the first one's, and sixteen addresses are tried") {
  CHECK(take_turns({}).empty());
  CHECK(texts(take_turns({at("2001:db8::1"), at("2001:db8::2"), at("2001:db8::3"), at("192.0.2.1")})) ==
        std::vector<std::string>{"2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"});

  std::vector<Address> many;
  for (int i = 1; i <= 16; ++i) many.push_back(at("192.0.2." + std::to_string(i)));
  CHECK(take_turns(many).size() == 16);
  many.push_back(at("2001:db8::1"));
  const std::vector<std::string> tried = texts(take_turns(many));
  REQUIRE(tried.size() == 16);
  CHECK(tried[1] == "2001:db8::1");  // the other family has its turn, and the last of the first one none
  CHECK(tried[15] == "192.0.2.15");
}

TEST_CASE_METHOD(Fixture, "UvConnect passes by a family that leads nowhere") {
  const DeadEnd dead(DeadEnd::family());
  const auto [listener, port] = raw_listener();
  const std::size_t before = open_descriptors();
  const auto connect = race({dead.address(), at("127.0.0.1", port)}, 5);
  CHECK_FALSE(result.has_value());
  REQUIRE(run_until([&] { return result.has_value(); }));
  REQUIRE(*result);
  const RawSocket socket((*result)->descriptor);
  CHECK((*result)->address.port() == port);
  CHECK(open_descriptors() == before + 1);  // the winner's; the other attempt's is closed
  const RawSocket other(accept(listener.get(), nullptr, nullptr));
  CHECK(other.send("hello"));
  REQUIRE(run_until([&] { return socket.receive() == "hello"; }));
  CHECK(answers == 1);
}

TEST_CASE_METHOD(Fixture, "UvConnect goes on at once when an address refuses, and lists what all said") {
  const std::uint16_t closed = raw_listener().second;
  const auto [listener, port] = raw_listener();
  SECTION("to one that accepts") {
    const auto connect =
        race({at("127.0.0.2", closed), at("127.0.0.3", closed), at("127.0.0.1", port)}, 600'000);
    REQUIRE(run_until([&] { return result.has_value(); }));
    REQUIRE(*result);
    const RawSocket socket((*result)->descriptor);
    CHECK((*result)->address.port() == port);
  }
  SECTION("to none") {
    const auto connect = race({at("127.0.0.2", closed), at("127.0.0.3", closed)}, 600'000);
    REQUIRE(run_until([&] { return result.has_value(); }));
    CHECK(result->error() == "connection refused (127.0.0.2), connection refused (127.0.0.3)");
  }
  SECTION("to none at all") {
    const auto connect = race({}, 1);
    REQUIRE(result.has_value());
    CHECK(result->error().empty());
  }
}

TEST_CASE_METHOD(Fixture, "UvConnect gives the first address its time, and is silent when destroyed") {
  const DeadEnd dead(AF_INET);
  const auto [listener, port] = raw_listener();
  auto connect = race({at("127.0.0.1", port), dead.address()}, 600'000);
  REQUIRE(run_until([&] { return result.has_value(); }));
  REQUIRE(*result);
  const RawSocket socket((*result)->descriptor);
  CHECK((*result)->address.port() == port);
  connect.reset();
  const std::size_t before = open_descriptors();
  connect = race({dead.address(), dead.address(), dead.address()}, 1);
  REQUIRE(run_until([&] { return open_descriptors() == before + 3; }));
  connect.reset();
  CHECK(open_descriptors() == before);
  settle();
  CHECK(answers == 1);
}

TEST_CASE_METHOD(Fixture, "UvConnect may be destroyed in its own answer") {
  const auto [listener, port] = raw_listener();
  const bool nobody_listens = GENERATE(false, true);
  const std::uint16_t to = nobody_listens ? raw_listener().second : port;
  std::unique_ptr<UvConnect> connect;
  int called = 0;
  connect = std::make_unique<UvConnect>(loop, std::vector{at("127.0.0.1", to)}, Address(), [&](auto answer) {
    ++called;
    if (answer) RawSocket(answer->descriptor).close();
    connect.reset();
  });
  connect->start();
  REQUIRE(run_until([&] { return called == 1; }));
}
