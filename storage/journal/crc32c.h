// CRC-32C (Castagnoli), by the processor's own instruction where it has one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halley::storage {

// The checksum of `size` bytes; `seed` is 0, or the checksum of what comes before.
std::uint32_t crc32c(std::uint32_t seed, const void* data, std::size_t size);

// The same from a table, for processors without the instruction; a test holds the two against each other.
std::uint32_t crc32c_by_table(std::uint32_t seed, const void* data, std::size_t size);

}  // namespace halley::storage
