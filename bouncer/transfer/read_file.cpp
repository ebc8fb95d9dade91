#include "bouncer/transfer/read_file.h"

#include <fmt/format.h>

#include <fstream>

namespace halley::transfer {

std::expected<std::string, std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return std::unexpected(fmt::format("{} cannot be read", file.string()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFile)
    return std::unexpected(
        fmt::format("{} is larger than {} MiB, and was not read", file.string(), kMaxFile >> 20));
  text.shrink_to_fit();
  return text;
}

NextLine next_line(std::istream& in, std::string& line) {
  line.clear();
  bool any = false, fits = true;
  std::streambuf& bytes = *in.rdbuf();
  try {
    for (int c = bytes.sbumpc(); c != std::istream::traits_type::eof(); c = bytes.sbumpc()) {
      any = true;
      if (c == '\n') break;
      fits = fits && line.size() < kMaxLogLine;
      if (fits) line += static_cast<char>(c);
    }
  } catch (const std::ios_base::failure&) {
    in.setstate(std::ios::badbit);  // a disk that fails, a folder
    return NextLine::kNone;
  }
  if (!any) return NextLine::kNone;
  return fits ? NextLine::kRead : NextLine::kLong;
}

}  // namespace halley::transfer
