// The word that a person most likely meant. Pure. Any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace halley {

// Levenshtein distance: insertions, removals and replacements, in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of `words` (the first of equals); empty when there is none, or none that shares half of its
// letters.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words);

}  // namespace halley
