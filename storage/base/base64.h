// Bytes as text: base64 (RFC 4648, section 4), with padding. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halley::storage {

void append_base64(std::string_view bytes, std::string& out);
// nullopt: it is none.
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace halley::storage
