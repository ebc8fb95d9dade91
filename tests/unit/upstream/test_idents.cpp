// Whose each connection to a network is.
#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/upstream/idents.h"

using namespace halley;
using net::Address;

TEST_CASE("an ident is a plain word") {
  CHECK(ident_text("ann") == "ann");
  CHECK(ident_text("A.n_n-1") == "A.n_n-1");
  CHECK(ident_text("a\"b\\c }") == "a_b_c__");
  CHECK(ident_text("").size() > 0);
  CHECK(ident_text(std::string(100, 'x')) == std::string(32, 'x'));
}

TEST_CASE("a connection is known by its two ends, from its beginning to its end") {
  Idents idents;
  std::size_t changes = 0;
  CHECK_FALSE(idents.wanted());
  idents.want([&] { ++changes; });
  CHECK(idents.wanted());
  const Address here = Address::numeric("192.0.2.1", 40000), there = Address::numeric("203.0.113.7", 6697);
  const Idents::Connection asked{
      .local_port = 40000, .remote_port = 6697, .local = "192.0.2.1", .remote = "203.0.113.7"};
  {
    const auto place = idents.add(here, there, "ann");
    CHECK(idents.find(asked) == "ann");
    CHECK(changes == 1);
    auto other = asked;
    other.remote = "203.0.113.8";
    CHECK_FALSE(idents.find(other));
    other = asked;
    other.local = "192.0.2.2";
    CHECK_FALSE(idents.find(other));
    other = asked;
    other.local_port = 40001;
    CHECK_FALSE(idents.find(other));
    // Without addresses there must be one alone.
    const Idents::Connection ports{.local_port = 40000, .remote_port = 6697, .local = {}, .remote = {}};
    CHECK(idents.find(ports) == "ann");
    const auto second = idents.add(Address::numeric("192.0.2.2", 40000), there, "bob");
    CHECK_FALSE(idents.find(ports));
    CHECK(idents.find(asked) == "ann");
  }
  CHECK_FALSE(idents.find(asked));
  CHECK(changes == 4);
}

TEST_CASE("a connection with the ends of one that is over is another, and its own") {
  Idents idents;
  idents.want([] {});
  const Address here = Address::numeric("2001:db8::1", 40000), there = Address::numeric("2001:db8::2", 6697);
  const Idents::Connection asked{
      .local_port = 40000, .remote_port = 6697, .local = "2001:db8::1", .remote = "2001:db8::2"};
  std::optional<Idents::Place> old(idents.add(here, there, "ann"));
  const auto fresh = idents.add(here, there, "bob");
  CHECK(idents.find(asked) == "bob");
  old.reset();
  CHECK(idents.find(asked) == "bob");
}
