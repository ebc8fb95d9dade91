// Reads at start all that the bouncer keeps in memory. Called by open_store() before the threads run.
#pragma once

#include "storage/base/sqlite.h"
#include "storage/api/store.h"

namespace halley::storage {

Loaded load(Db& db);

}  // namespace halley::storage
