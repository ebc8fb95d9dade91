#include "bouncer/irc/casemapping.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace halley::irc {
namespace {

using Table = std::array<char, 256>;

// `last`: the last character that has a lower case. RFC 1459 section 2.2: {}|^ are the lower case of []\~.
constexpr Table make_table(CaseMapping mapping) {
  Table table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<char>(static_cast<unsigned char>(i));
    if (i >= 'A' && i <= 'Z') table[i] = static_cast<char>(i + ('a' - 'A'));
  }
  if (mapping == CaseMapping::kAscii) return table;
  table['['] = '{';
  table[']'] = '}';
  table['\\'] = '|';
  if (mapping == CaseMapping::kRfc1459) table['~'] = '^';
  return table;
}

constexpr Table kAsciiTable = make_table(CaseMapping::kAscii);
constexpr Table kRfc1459Table = make_table(CaseMapping::kRfc1459);
constexpr Table kStrictTable = make_table(CaseMapping::kRfc1459Strict);

const Table& table_of(CaseMapping mapping) {
  switch (mapping) {
    case CaseMapping::kAscii:
      return kAsciiTable;
    case CaseMapping::kRfc1459Strict:
      return kStrictTable;
    case CaseMapping::kRfc1459:
      break;
  }
  return kRfc1459Table;
}

char at(const Table& table, char c) {
  return table[static_cast<unsigned char>(c)];
}

// Is one of eight bytes folded to this character? Each line that is said is looked through for a nick.
class EightBytes {
 public:
  EightBytes(const Table& table, char folded) {
    // The two cases of all that has cases differ in this bit alone.
    constexpr unsigned char kCaseBit = 0x20;
    const auto byte = static_cast<unsigned char>(folded);
    const bool cased = table[byte ^ kCaseBit] == folded;
    ignored_ = cased ? kOnes * kCaseBit : 0;
    wanted_ = kOnes * byte | ignored_;
  }
  bool have_one(const char* bytes) const {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const std::uint64_t zero_if_wanted = (word | ignored_) ^ wanted_;
    return ((zero_if_wanted - kOnes) & ~zero_if_wanted & kOnes << 7U) != 0;
  }

 private:
  static constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t ignored_, wanted_;
};

__extension__ using Wide = unsigned __int128;

std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

CaseMapping parse_casemapping(std::string_view token) {
  if (token == "ascii") return CaseMapping::kAscii;
  if (token == "rfc1459-strict" || token == "strict-rfc1459") return CaseMapping::kRfc1459Strict;
  // PRECIS mappings (RFC 7613, RFC 8265) leave []\~ alone; of what we know, ASCII is the nearest.
  if (token == "rfc7613" || token == "rfc8265") return CaseMapping::kAscii;
  return CaseMapping::kRfc1459;
}

char fold(CaseMapping mapping, char c) {
  return at(table_of(mapping), c);
}

std::string fold(CaseMapping mapping, std::string_view name) {
  const Table& table = table_of(mapping);
  std::string folded(name);
  for (char& c : folded) c = at(table, c);
  return folded;
}

bool equal(CaseMapping mapping, std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const Table& table = table_of(mapping);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (at(table, a[i]) != at(table, b[i])) return false;
  return true;
}

std::size_t find(CaseMapping mapping, std::string_view text, std::string_view name, std::size_t from) {
  if (name.empty() || text.size() < name.size()) return std::string_view::npos;
  const Table& table = table_of(mapping);
  const char first = at(table, name[0]);
  const EightBytes eight(table, first);
  const std::size_t end = text.size() - name.size() + 1;
  for (std::size_t i = from; i < end; ++i) {
    if (i + 8 <= end && !eight.have_one(text.data() + i)) {
      i += 7;
    } else if (at(table, text[i]) == first && equal(mapping, text.substr(i, name.size()), name)) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Eight folded bytes at a time, each multiplied with what the key and all before have made (as wyhash does
// it): without the key nobody knows which names fall together.
std::size_t hash(CaseMapping mapping, std::string_view name, std::uint64_t key) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  const Table& table = table_of(mapping);
  std::uint64_t state = key ^ (name.size() * kOdd);
  for (std::size_t i = 0; i < name.size(); i += 8) {
    char bytes[8] = {};
    const std::string_view part = name.substr(i, 8);
    for (std::size_t j = 0; j < part.size(); ++j) bytes[j] = at(table, part[j]);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    state = fold_product(state ^ word, key ^ kOdd);
  }
  return static_cast<std::size_t>(fold_product(state ^ kOdd, kOdd));
}

}  // namespace halley::irc
