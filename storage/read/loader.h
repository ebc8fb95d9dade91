// Reads at start all that the bouncer keeps in memory. Called by open_store() before the threads run.
#pragma once

#include "storage/api/store.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

Loaded load(Db& db);

}  // namespace halley::storage
