// What counts as the bytes of a row of the log (table usage): its line, msgid and tags. What the row, the
// places and the full-text index need besides is not told by user.
#pragma once

#include <string_view>

namespace halley::storage {

inline constexpr std::string_view kEventBytes =
    "length(CAST(line AS BLOB)) + ifnull(length(CAST(msgid AS BLOB)), 0) + "
    "ifnull(length(CAST(tags AS BLOB)), 0)";

}  // namespace halley::storage
