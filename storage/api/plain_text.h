// A line's text as people read it, without mIRC formatting: what is indexed, and what a terminal is shown.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace halley::storage {

// Appends `text` to `out` without mIRC formatting (bold, italics, colours with their numbers ...) and control
// bytes; a tab becomes a space.
void append_plain(std::string_view text, std::string& out);

}  // namespace halley::storage
