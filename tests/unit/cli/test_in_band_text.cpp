#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/cli/in_band_text.h"

using halley::cli::in_band_text;
using halley::cli::kMostInBandLines;

namespace {

std::string numbered(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += "line " + std::to_string(i) + "\n\n";
  return text;
}

}  // namespace

TEST_CASE("an answer has no empty lines on IRC") {
  CHECK(in_band_text("").empty());
  CHECK(in_band_text("\n\n").empty());
  CHECK(in_band_text("\none\n\n\ntwo\n") == "one\ntwo");
}

TEST_CASE("an answer has a thousand lines on IRC, and a last one that says how many more there are") {
  const std::string most = in_band_text(numbered(kMostInBandLines + 1));
  CHECK(most.ends_with("\nline 1000"));
  const std::string cut = in_band_text(numbered(kMostInBandLines + 234));
  CHECK_THAT(cut, Catch::Contains("\nline 999\nand 234 more lines: "));
  CHECK(static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n')) == kMostInBandLines);
  // A long line is several messages.
  const std::string line(4'000, 'x');
  std::string text;
  for (int i = 0; i < 100; ++i) text += line + '\n';
  CHECK_THAT(in_band_text(text), Catch::Contains("x\nand 10 more lines: "));
}
