// Whose each connection to a network is, for networks that ask (RFC 1413): they tell the users of one host
// apart by it. One place for each connection, from the moment that it is begun until its link ends.
//
// Thread: the loop's. Owner: the Bouncer has them all, each Upstream its places, which may outlive them.
// Memory: a node for each connection while anybody wants to know, else none. A successor has them from its
// links.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "bouncer/net/address.h"

namespace halley {

// Letters, digits, '_', '.' and '-' alone, at most 32 of them: what every server takes, and no file's syntax.
std::string ident_text(std::string_view name);

class Idents {
 public:
  static constexpr std::size_t kMaxIdent = 32;  // bytes
  struct Connection {
    std::uint16_t local_port = 0, remote_port = 0;
    std::string local, remote;  // addresses, numeric

    auto operator<=>(const Connection&) const = default;
  };

 private:
  struct Known {
    std::uint64_t number;
    std::string ident;
  };
  struct Table {  // shared with the places
    std::map<Connection, Known> all;
    std::uint64_t last = 0;
    std::function<void()> changed;
  };

 public:
  class Place {
   public:
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class Idents;
    Place(std::shared_ptr<Table> table, Connection connection, std::uint64_t number)
        : table_(std::move(table)), connection_(std::move(connection)), number_(number) {}
    std::shared_ptr<Table> table_;  // null: moved from
    Connection connection_;
    std::uint64_t number_;
  };

  // Nobody is remembered before this. `changed` is called whenever the connections are others.
  void want(std::function<void()> changed);
  bool wanted() const { return static_cast<bool>(table_->changed); }

  // A connection of the same two ends that was known before is over.
  Place add(const net::Address& local, const net::Address& remote, std::string ident);
  // Nothing: it is none of ours. Empty addresses are not compared; then there must be one alone.
  std::optional<std::string> find(const Connection& asked) const;
  // Calls visit(Connection, ident) for each.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const auto& [connection, known] : table_->all) visit(connection, known.ident);
  }

 private:
  std::shared_ptr<Table> table_ = std::make_shared<Table>();
};

}  // namespace halley
