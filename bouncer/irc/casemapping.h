// How a network compares names. Source: https://modern.ircdocs.horse/#casemapping-parameter
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace halley::irc {

enum class CaseMapping { kAscii, kRfc1459, kRfc1459Strict };

CaseMapping parse_casemapping(std::string_view token);  // unknown: kRfc1459, the protocol's default
char fold(CaseMapping mapping, char c);
std::string fold(CaseMapping mapping, std::string_view name);
bool equal(CaseMapping mapping, std::string_view a, std::string_view b);
// Where `name` first stands in `text`, as equal() compares, from the byte `from` on; npos: nowhere, or `name`
// is empty.
std::size_t find(CaseMapping mapping, std::string_view text, std::string_view name, std::size_t from = 0);
// A hash that is equal for names that are equal(); for hash tables of this process only. `key`: one that
// peers do not know, or they choose names that collide.
std::size_t hash(CaseMapping mapping, std::string_view name, std::uint64_t key);

}  // namespace halley::irc
