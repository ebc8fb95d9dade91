// How much a Reader looked at for what it was asked. A friend of it, for tests of its bounds alone.
#pragma once

#include <cstddef>

#include "storage/read/reader.h"

namespace halley::storage {

struct ReaderProbe {
  // Lines with the words of searches, since the reader was made.
  static std::size_t candidates(const Reader& reader) { return reader.candidates_; }
};

}  // namespace halley::storage
