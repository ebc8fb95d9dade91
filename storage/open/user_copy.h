// What is one user's, from one database into another: the account, networks, channels, devices, buffers,
// small state and the log, without web logins and passkeys. Ids of events stay, and so all cursors; other ids
// may be moved. Any thread, which has both databases; throws SqliteError.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include "storage/api/store.h"
#include "storage/open/work_watch.h"
#include "storage/read/reader.h"
#include "storage/write/writer.h"

namespace halley::storage {

class UserCopy {
 public:
  // `user` 0: the only one that there is. `watch` outlives it.
  UserCopy(const std::filesystem::path& from, UserId user, WorkWatch& watch);

  UserId user() const { return user_; }

  // What is added to each id, and the user's name there; empty: as it is.
  struct Moved {
    UserId user = 0;
    NetworkId network = 0;
    DeviceId device = 0;
    BufferId buffer = 0;
    std::string name = {};
    MoveState state = {};  // null: no buffer is moved
  };
  // In one transaction; `doing` is what who watches is told. Throws, before anything is written, when not all
  // of the log can be read (whole_log.h). REQUIRES: called once; the writer is in no transaction.
  std::expected<Imported, std::string> into(Writer& writer, const Moved& moved, std::string_view doing);

 private:
  Imported put_accounts(Writer::Inside& inside, const Moved& moved) const;
  void put_states(Writer::Inside& inside, const Moved& moved);
  bool put_log(Writer::Inside& inside, const Moved& moved, std::string_view doing, std::uint64_t& events);

  const std::filesystem::path from_;
  WorkWatch& watch_;
  Loaded loaded_;
  UserId user_;
  Reader reader_;
};

}  // namespace halley::storage
