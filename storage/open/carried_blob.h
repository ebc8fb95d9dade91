// The bytes of a carried file (storage/open/carried_files.h), read and written in pieces. Any thread, which
// has the database; throws SqliteError. It is of no use once its row has been changed otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "storage/base/sqlite.h"

struct sqlite3_blob;

namespace halley::storage {

class CarriedBlob {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

  enum class Use { kRead, kWrite };
  // REQUIRES: there is such a row, and the database outlives this.
  CarriedBlob(Db& db, std::int64_t row, Use use);

  std::size_t size() const { return size_; }
  // REQUIRES (both): it ends before size().
  void read(std::size_t at, char* into, std::size_t count);
  void write(std::size_t at, std::string_view bytes);

 private:
  struct Close {
    void operator()(sqlite3_blob* blob) const;
  };
  Db& db_;
  std::unique_ptr<sqlite3_blob, Close> blob_;
  std::size_t size_ = 0;
};

}  // namespace halley::storage
