// QR codes (ISO/IEC 18004) as lines of text: two modules, one above the other, are one half block. Pure. Any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace halley::cli {

struct QrText {
  std::string lines;        // UTF-8, each with its newline
  std::size_t columns = 0;  // of each line, the quiet zone with it
};

// With colours it is black on white on any terminal. Without them the light modules are drawn, and the quiet
// zone with them: right on a dark terminal, the reverse on a light one, which many readers take, too.
// nullopt: more than a code holds (2953 bytes).
std::optional<QrText> qr_text(const std::string& text, bool colours);

}  // namespace halley::cli
