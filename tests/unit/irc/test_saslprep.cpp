#include <catch2/catch.hpp>

#include "bouncer/irc/saslprep.h"

using halley::irc::saslprep;

// RFC 4013 section 3, and what people type.
TEST_CASE("SASLprep gives one spelling") {
  const auto [text, prepared] = GENERATE(table<std::string_view, std::string_view>({
      {"pencil", "pencil"},
      {"USER", "USER"},
      {"I\xc2\xadX", "IX"},
      {"\xc2\xaa", "a"},
      {"a\xc2\xa0"
       "b",
       "a b"},
      {"a\xe3\x80\x80"
       "b",
       "a b"},
      {"ramo\xcc\x81n", "ram\xc3\xb3n"},
      {"ram\xc3\xb3n", "ram\xc3\xb3n"},
      {"p\xe2\x84\xabssword", "p\xc3\x85ssword"},
      {"A\xcc\x8a", "\xc3\x85"},
      {"u\xcc\x88\xcc\x84", "\xc7\x96"},   // two marks, one after the other
      {"\xce\xb1\xcc\x81", "\xce\xac"},    // Greek
      {"\xd0\xb8\xcc\x86", "\xd0\xb9"},    // Cyrillic
      {"q\xcc\x81", "q\xcc\x81"},          // no such character
      {"\xef\xbc\xa1\xef\xbc\x81", "A!"},  // fullwidth
      {"\xed\x95\x9c\xea\xb8\x80", "\xed\x95\x9c\xea\xb8\x80"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
  }));
  CAPTURE(text);
  CHECK(saslprep(text) == std::string(prepared));
}

TEST_CASE("SASLprep refuses what cannot stand in a password") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("\xc2\xad"), std::string_view("a\x07"),
        std::string_view("a\0b", 3), std::string_view("a\x7f"), std::string_view("\xc2\x80"),
        std::string_view("\xe2\x80\xae"), std::string_view("\xee\x80\x80"), std::string_view("\xef\xbf\xbf"),
        std::string_view("\xf0\x9f\xbf\xbe"), std::string_view("\xf4\x8f\xbf\xbf"),
        std::string_view("\xf3\xa0\x80\x81"),
        // Not UTF-8: cut short, too long a form, a surrogate, beyond the last character.
        std::string_view("\xff"), std::string_view("\xc3"), std::string_view("\xc0\x80"),
        std::string_view("\xe0\x80\x80"), std::string_view("\xed\xa0\x80"),
        std::string_view("\xf4\x90\x80\x80"), std::string_view("\xe2\x82x")}) {
    CAPTURE(text);
    CHECK_FALSE(saslprep(text).has_value());
  }
}
