// Reader's search.
#include "storage/reader.h"

namespace halley::storage {

std::expected<Page, std::string> Reader::search(const SearchQuery&) {
  return std::unexpected("the full-text index has not been built");
}

}  // namespace halley::storage
