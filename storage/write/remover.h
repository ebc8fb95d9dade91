// Deletes the logs of removed users and networks, slice by slice (table doomed), so that the live log never
// waits and a restart goes on where it was. Owner and thread: the Writer; each call is part of the caller's
// transaction.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/base/sqlite.h"
#include "storage/search/search_index.h"

namespace halley::storage {

class Remover {
 public:
  Remover(Db& db, SearchIndex& index);

  // Is there something to delete?
  bool pending();
  // Looks at some thousand rows; returns how many it deleted. The index has no late events left.
  std::size_t slice();

 private:
  SearchIndex& index_;
  Statement doomed_, rows_, delete_event_, delete_place_, go_on_, done_;
};

}  // namespace halley::storage
