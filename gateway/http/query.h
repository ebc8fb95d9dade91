// The query of an address, or a form, taken apart and decoded (application/x-www-form-urlencoded, WHATWG URL
// section 5). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halley::gateway {

// Percent-decodes; '+' is a space. nullopt: a broken escape.
std::optional<std::string> decode_component(std::string_view text);

class Query {
 public:
  // At most 32 parameters are looked at; nullopt when one cannot be decoded.
  static std::optional<Query> parse(std::string_view raw);
  // The first value of that name; nullopt when it is absent.
  std::optional<std::string_view> find(std::string_view name) const;
  // The same, with an empty view for an absent one.
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  bool has(std::string_view name) const { return find(name).has_value(); }
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// A decimal number without sign; nullopt: it is none, or larger than 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace halley::gateway
