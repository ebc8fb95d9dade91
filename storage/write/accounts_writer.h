// Changes of accounts -> rows, inside the storage thread's transaction. Owner and thread: the storage thread.
#pragma once

#include <vector>

#include "storage/api/store.h"
#include "storage/base/meta.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

class AccountsWriter {
 public:
  AccountsWriter(Db& db, Meta& meta) : db_(db), meta_(meta) {}

  // Throws SqliteError; the caller's transaction decides what then stays.
  void apply(const Change& change);

 private:
  void put(const PutUser& change);
  void put(const RemoveUser& change);
  void put(const RemoveEvents& change);
  void put(const PutNetwork& change);
  void put(const RemoveNetwork& change);
  void put(const PutChannel& change);
  void put(const RemoveChannel& change);
  void put(const PutDevice& change);
  void put(const RemoveDevice& change);
  void put(const PutSession& change);
  void put(const RemoveSession& change);
  void put(const PutTicket& change);
  void put(const RemoveTicket& change);
  void put(const PutPasskey& change);
  void put(const RemovePasskey& change);
  void put(const PutDamage& change);
  void put(const DamageTold& change);
  void put(const ForgetDamage& change);
  void put(const ForgetReplaced& change);
  void put(const ForgetErased& change);
  void put(const PutBufferSettings& change);
  void put(const RemoveBuffer& change);
  void outdate(UserId user, BufferId buffer, EventId before);
  std::vector<BufferId> buffers_of(UserId user);
  void put_settings(UserId user, NetworkId network, const std::vector<SettingRow>& settings);
  template <class... Values>
  void run(std::string_view sql, const Values&... values);

  Db& db_;
  Meta& meta_;
};

}  // namespace halley::storage
