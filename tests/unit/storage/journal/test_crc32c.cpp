#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "storage/journal/crc32c.h"

namespace halley::storage {

TEST_CASE("CRC-32C gives the value of RFC 3720, B.4") {
  const std::string zeros(32, '\0'), ones(32, '\xFF');
  CHECK(crc32c(0, zeros.data(), zeros.size()) == 0x8A9136AAU);
  CHECK(crc32c(0, ones.data(), ones.size()) == 0x62A8AB43U);
  CHECK(crc32c(0, "123456789", 9) == 0xE3069283U);
}

TEST_CASE("the table and the processor's instruction agree on every length and alignment") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 37 + (i >> 3)));
  for (std::size_t from = 0; from < 16; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); ++size) {
      const auto seed = static_cast<std::uint32_t>(size * 2654435761U);
      REQUIRE(crc32c(seed, bytes.data() + from, size) == crc32c_by_table(seed, bytes.data() + from, size));
    }
  }
}

TEST_CASE("a checksum goes on where another one stopped") {
  const std::string_view text = "comes back again";
  const auto first = crc32c(0, text.data(), 5);
  CHECK(crc32c(first, text.data() + 5, text.size() - 5) == crc32c(0, text.data(), text.size()));
}

}  // namespace halley::storage
