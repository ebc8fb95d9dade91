// The database's few numbers about itself (table meta). Owner and thread: the storage thread.
#pragma once

#include <cstdint>
#include <string>

#include "storage/api/event.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

// Under this key stands the newest id of a user of whose log something was removed: it may have been the
// newest event.
inline std::string head_key(UserId user) {
  return "head." + std::to_string(user);
}

class Meta {
 public:
  explicit Meta(Db& db)
      : get_(db, "SELECT value FROM meta WHERE key = ?"),
        set_(db, "UPDATE meta SET value = ? WHERE key = ?"),
        raise_(db, "UPDATE meta SET value = ?1 WHERE key = ?2 AND value < ?1") {}

  std::uint64_t get(std::string_view key) {
    const bool found = get_.bind(key).step();
    const auto value = found ? static_cast<std::uint64_t>(get_.number(0)) : 0;
    get_.reset();
    return value;
  }
  void set(std::string_view key, std::uint64_t value) { set_.bind(value, key).run(); }
  void raise(std::string_view key, std::uint64_t value) { raise_.bind(value, key).run(); }

 private:
  Statement get_, set_, raise_;
};

}  // namespace halley::storage
