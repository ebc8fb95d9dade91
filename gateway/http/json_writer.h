// Writes JSON text fast: IRC lines are bytes of any kind, and each one that browsers get passes through here.
//
// Pure; any thread. Small bodies (login, errors) are made with a library; the path of a line is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace halley::gateway {

// Appends `bytes` as the inside of a JSON string (without quotes). Invalid UTF-8 becomes U+FFFD, one for each
// maximal part of a sequence (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts").
void append_json_text(std::string& out, std::string_view bytes);
// With quotes.
void append_json_string(std::string& out, std::string_view bytes);
// Makes the JSON from out[from] on safe inside an HTML script element: < > & and U+2028, U+2029, which stand
// only inside strings there, are escaped.
void escape_for_html(std::string& out, std::size_t from);
void append_number(std::string& out, std::uint64_t value);

}  // namespace halley::gateway
