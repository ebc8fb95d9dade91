#include "bouncer/cli/qr_text.h"

#include <qrcodegen/qrcodegen.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace halley::cli {
namespace {

constexpr int kQuiet = 4;  // modules on each side; fewer are against the standard

// Of the cube of 256 colours: the sixteen that terminals call black and white are often neither.
constexpr std::string_view kBlackOnWhite = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kNoColour = "\x1b[0m";

// By what is inked: nothing, the upper half, the lower half, both.
constexpr std::string_view kHalves[] = {" ", "\u2580", "\u2584", "\u2588"};

}  // namespace

std::optional<QrText> qr_text(const std::string& text, bool colours) {
  std::array<std::uint8_t, qrcodegen_BUFFER_LEN_MAX> work{}, code{};
  // The smallest that holds it, and in that as much correction as finds room.
  if (!qrcodegen_encodeText(text.c_str(), work.data(), code.data(), qrcodegen_Ecc_LOW, qrcodegen_VERSION_MIN,
                            qrcodegen_VERSION_MAX, qrcodegen_Mask_AUTO, true)) {
    return std::nullopt;
  }
  const int size = qrcodegen_getSize(code.data());
  // Outside of the code all modules are light. What is inked is the dark ones on white, else the light ones.
  const auto inked = [&](int x, int y) { return qrcodegen_getModule(code.data(), x, y) == colours; };
  QrText out{.lines = {}, .columns = static_cast<std::size_t>(size + 2 * kQuiet)};
  for (int y = -kQuiet; y < size + kQuiet; y += 2) {
    if (colours) out.lines += kBlackOnWhite;
    for (int x = -kQuiet; x < size + kQuiet; ++x)
      out.lines += kHalves[(inked(x, y) ? 1 : 0) + (inked(x, y + 1) ? 2 : 0)];
    if (colours) out.lines += kNoColour;
    out.lines += '\n';
  }
  return out;
}

}  // namespace halley::cli
