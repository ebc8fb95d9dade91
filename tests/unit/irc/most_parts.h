// Into how many parts a text may be cut at most: what split_text() promises.
#pragma once

#include <algorithm>
#include <cstddef>

namespace halley::tests {

// A part that ends at a space takes half of the limit and that space, one that does not all but three bytes.
inline std::size_t most_parts(std::size_t text_bytes, std::size_t max_bytes) {
  max_bytes = std::max(max_bytes, std::size_t{4});
  const std::size_t least =
      std::min(std::max<std::size_t>(1, max_bytes / 2) + 1, max_bytes - (std::size_t{4} - 1));
  return text_bytes / least + 1;
}

}  // namespace halley::tests
