#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "bouncer/net/address_limits.h"

using namespace halley::net;

namespace {

Address at(const std::string& text) {
  const Address address = Address::numeric(text, 4242);
  REQUIRE(address.valid());
  return address;
}

}  // namespace

TEST_CASE("an address has as many places as the limit, a /64 of IPv6 as one address") {
  std::size_t limit = 2;
  AddressLimits limits([&] { return limit; }, [](const Address& address) { return address.is_loopback(); });
  auto one = limits.take(at("192.0.2.1")), two = limits.take(at("192.0.2.1"));
  CHECK(one);
  CHECK(two);
  CHECK_FALSE(limits.take(at("192.0.2.1")));
  CHECK_FALSE(limits.take(at("::ffff:192.0.2.1")));  // the same, seen by a listener of both families
  const auto other = limits.take(at("192.0.2.2"));
  CHECK(other);
  const auto six = limits.take(at("2001:db8:1:2::1")), seven = limits.take(at("2001:db8:1:2:ffff::1"));
  CHECK(six);
  CHECK(seven);
  CHECK_FALSE(limits.take(at("2001:db8:1:2:3::1")));
  const auto eight = limits.take(at("2001:db8:1:3::1"));
  CHECK(eight);
  CHECK(limits.addresses() == 4);
  limit = 3;
  CHECK(limits.take(at("192.0.2.1")));  // and given back at once
  limit = 1;
  one.reset();
  CHECK_FALSE(limits.take(at("192.0.2.1")));
  two.reset();
  CHECK(limits.addresses() == 3);
  CHECK(limits.take(at("192.0.2.1")));
}

TEST_CASE("exempt addresses have no limit, and nothing is kept of those that come and go") {
  std::vector<AddressLimits::Slot> slots;
  {
    AddressLimits limits([] { return std::size_t{1}; },
                         [](const Address& address) { return address.is_loopback(); });
    for (int i = 0; i < 1000; ++i) {
      auto slot = limits.take(at(i % 2 == 0 ? "127.0.0.1" : "::1"));
      REQUIRE(slot);
      slots.push_back(std::move(*slot));
    }
    CHECK(limits.addresses() == 0);
    slots.clear();
    for (int i = 0; i < 250; ++i) CHECK(limits.take(at("192.0.2." + std::to_string(i))));
    CHECK(limits.addresses() == 0);
    slots.push_back(std::move(*limits.take(at("192.0.2.1"))));
    AddressLimits::Slot moved;
    moved = std::move(slots[0]);
    CHECK(limits.addresses() == 1);
    slots[0] = std::move(moved);
  }
  slots.clear();  // outlives the limits
}

TEST_CASE("a limit of none lets nobody in") {
  AddressLimits limits([] { return std::size_t{0}; }, [](const Address&) { return false; });
  CHECK_FALSE(limits.take(at("192.0.2.1")));
  CHECK(limits.addresses() == 0);
}

TEST_CASE("all connections together have a bound, whatever their addresses, and those without one too") {
  std::size_t most = 3;
  AddressLimits limits([] { return std::size_t{2}; },
                       [](const Address& address) { return address.is_loopback(); }, [&] { return most; });
  std::vector<std::optional<AddressLimits::Slot>> slots;
  slots.push_back(limits.take(at("127.0.0.1")));
  slots.push_back(limits.take(at("192.0.2.1")));
  slots.push_back(limits.take_unnamed());
  for (const auto& slot : slots) CHECK(slot);
  CHECK(limits.open() == 3);
  CHECK_FALSE(limits.take(at("192.0.2.2")));
  CHECK_FALSE(limits.take(at("127.0.0.1")));
  CHECK_FALSE(limits.take_unnamed());
  CHECK(limits.take_named("192.0.2.9"));  // the proxy's connection is counted
  slots.pop_back();
  CHECK(limits.open() == 2);
  slots.push_back(limits.take(at("192.0.2.1")));
  CHECK(slots.back());
  most = 10;
  CHECK_FALSE(limits.take(at("192.0.2.1")));
  CHECK(limits.open() == 3);
  slots.clear();
  CHECK(limits.open() == 0);
  CHECK(limits.addresses() == 0);
}
