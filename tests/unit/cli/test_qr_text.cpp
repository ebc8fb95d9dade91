#include <qrcodegen/qrcodegen.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/cli/link_code.h"
#include "bouncer/cli/qr_text.h"

using namespace halley::cli;

namespace {

const std::string kUrl = "ircs://kit%40phone:halley_abcDEF@irc.example.org:6697";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    out.push_back(text.substr(at, text.find('\n', at) - at));
  return out;
}

// What a reader sees of a line: of each column whether its upper and its lower half is inked.
std::vector<std::array<bool, 2>> inked(std::string_view line) {
  std::vector<std::array<bool, 2>> out;
  while (!line.empty()) {
    const std::size_t size = line[0] == ' ' ? 1 : 3;
    const std::string_view glyph = line.substr(0, size);
    REQUIRE((glyph == " " || glyph == "▀" || glyph == "▄" || glyph == "█"));
    out.push_back({glyph == "▀" || glyph == "█", glyph == "▄" || glyph == "█"});
    line.remove_prefix(size);
  }
  return out;
}

// The modules of the text, with four light ones on each side: what ISO/IEC 18004 asks for.
struct Wanted {
  std::array<std::uint8_t, qrcodegen_BUFFER_LEN_MAX> work{}, code{};
  int size = 0;
  explicit Wanted(const std::string& text) {
    REQUIRE(qrcodegen_encodeText(text.c_str(), work.data(), code.data(), qrcodegen_Ecc_LOW, 1, 40,
                                 qrcodegen_Mask_AUTO, true));
    size = qrcodegen_getSize(code.data());
  }
  bool dark(std::size_t column, std::size_t row) const {
    return qrcodegen_getModule(code.data(), static_cast<int>(column) - 4, static_cast<int>(row) - 4);
  }
};

}  // namespace

TEST_CASE("A QR code is drawn in half blocks, module by module, in a quiet zone, on any terminal") {
  const Wanted wanted(kUrl);
  CHECK(wanted.size == 29);  // of version 3: 53 bytes with the least correction
  const auto width = static_cast<std::size_t>(wanted.size + 8);
  for (const bool colours : {true, false}) {
    const auto drawn = qr_text(kUrl, colours);
    REQUIRE(drawn);
    CHECK(drawn->columns == width);
    const auto lines = lines_of(drawn->lines);
    REQUIRE(lines.size() == (width + 1) / 2);
    for (std::size_t row = 0; row < lines.size(); ++row) {
      std::string line = lines[row];
      if (colours) {
        const std::string on = "\x1b[38;5;16;48;5;231m", off = "\x1b[0m";
        REQUIRE(line.starts_with(on));
        REQUIRE(line.ends_with(off));
        line = line.substr(on.size(), line.size() - on.size() - off.size());
      }
      const auto seen = inked(line);
      REQUIRE(seen.size() == width);
      for (std::size_t column = 0; column < width; ++column) {
        CAPTURE(colours, row, column);
        CHECK(seen[column][0] == (wanted.dark(column, 2 * row) == colours));
        CHECK(seen[column][1] == (wanted.dark(column, 2 * row + 1) == colours));
      }
    }
  }
}

TEST_CASE("What no QR code holds is none") {
  CHECK(qr_text(std::string(2953, 'x'), true).has_value());
  CHECK_FALSE(qr_text(std::string(2954, 'x'), true).has_value());
}

TEST_CASE("The code of a link stands below the answer at a terminal that is wide enough, unless unwanted") {
  const Screen wide{.terminal = true, .colours = false, .columns = 80};
  const CommandResult made = CommandResult::done("", {{"url", kUrl}});
  const std::vector<std::string> add{"device", "add", "kit", "phone"};
  CHECK(link_code(wide, add, made) == qr_text(kUrl, false)->lines);
  CHECK(link_code({.terminal = true, .colours = true, .columns = 37}, add, made) ==
        qr_text(kUrl, true)->lines);
  CHECK(link_code({.terminal = true, .colours = true, .columns = 36}, add, made) ==
        "The QR code of the link needs 37 columns; this terminal has 36.\n");
  CHECK(link_code({.terminal = false}, add, made).empty());
  CHECK(link_code(wide, {"device", "add", "kit", "phone", "--no-qr"}, made).empty());
  CHECK(link_code(wide, {"init", "--admin", "kit", "--password-stdin"}, made) == qr_text(kUrl, false)->lines);
  // Others have links, too, and no code.
  CHECK(link_code(wide, {"invite", "add"}, made).empty());
  CHECK(link_code(wide, add, CommandResult::done("", {{"url", nullptr}})).empty());
  CHECK(link_code(wide, add, CommandResult::refuse("no")).empty());
}
