#include "storage/open/carried_blob.h"

#include <sqlite3.h>

namespace halley::storage {

void CarriedBlob::Close::operator()(sqlite3_blob* blob) const {
  sqlite3_blob_close(blob);
}

CarriedBlob::CarriedBlob(Db& db, std::int64_t row, Use use) : db_(db) {
  sqlite3_blob* blob = nullptr;
  const int code =
      sqlite3_blob_open(db.handle(), "main", "carried_file", "bytes", row, use == Use::kWrite ? 1 : 0, &blob);
  blob_.reset(blob);
  if (code != SQLITE_OK) db.fail("open a carried file");
  size_ = static_cast<std::size_t>(sqlite3_blob_bytes(blob));
}

void CarriedBlob::read(std::size_t at, char* into, std::size_t count) {
  if (sqlite3_blob_read(blob_.get(), into, static_cast<int>(count), static_cast<int>(at)) != SQLITE_OK)
    db_.fail("read a carried file");
}

void CarriedBlob::write(std::size_t at, std::string_view bytes) {
  if (sqlite3_blob_write(blob_.get(), bytes.data(), static_cast<int>(bytes.size()), static_cast<int>(at)) !=
      SQLITE_OK)
    db_.fail("write a carried file");
}

}  // namespace halley::storage
