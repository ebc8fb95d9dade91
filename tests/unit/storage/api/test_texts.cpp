// Msgids of our own, and texts without their formatting.
#include <catch2/catch.hpp>
#include <limits>

#include "storage/api/msgid.h"
#include "storage/api/plain_text.h"

using namespace halley::storage;

namespace {
std::string plain(std::string_view text) {
  std::string out = "<";
  append_plain(text, out);
  return out + ">";
}
}  // namespace

TEST_CASE("a msgid of ours is its event's id, in one spelling") {
  for (const EventId id : {EventId{1}, EventId{35}, EventId{36}, EventId{1'700'000'000'000'000}})
    CHECK(id_of_msgid(msgid_of(id)) == id);
  CHECK(msgid_of(36) == "h10");
  for (const char* other : {"", "h", "10", "H10", "h010", "h1A", "h1-", "h10 ", "hzzzzzzzzzzzzz"}) {
    INFO(other);
    CHECK_FALSE(id_of_msgid(other));
  }
  const EventId most = std::numeric_limits<std::int64_t>::max();
  CHECK(id_of_msgid(msgid_of(most)) == most);
  CHECK_FALSE(id_of_msgid(msgid_of(most + 1)));
}

TEST_CASE("a plain text has no formatting, and no control bytes") {
  CHECK(plain("as it is \xe2\x98\x84") == "<as it is \xe2\x98\x84>");
  CHECK(plain("\x02"
              "bold\x0f \x1d"
              "italic\x1d\ttab\x01") == "<bold italic tab>");
  CHECK(plain("\x03"
              "04red\x03 \x03"
              "4,12both\x03"
              "123") == "<red both3>");
  CHECK(plain("\x03,4 \x03"
              "4,x") == "<,4 ,x>");
  CHECK(plain("\x04"
              "ff0000red \x04"
              "FF0000,00ff00both") == "<red both>");
  CHECK(plain("\x03") == "<>");
}
