#include "tests/bench/arguments.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace bench {

Arguments::Arguments(int count, char** values, std::string_view usage) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    const bool known = name.starts_with("--") && usage.find(name) != std::string_view::npos;
    if (!known || i + 1 >= count) {
      std::fprintf(stderr, "bench: what is %s? usage: %.*s\n", values[i], static_cast<int>(usage.size()),
                   usage.data());
      std::exit(2);
    }
    values_[std::string(name.substr(2))] = values[i + 1];
  }
}

std::string Arguments::text(const std::string& name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(fallback) : found->second;
}

std::int64_t Arguments::number(const std::string& name, std::int64_t fallback) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return fallback;
  std::int64_t value = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [stop, error] = std::from_chars(found->second.data(), end, value);
  if (error != std::errc() || stop != end) {
    std::fprintf(stderr, "bench: --%s wants a number, not %s\n", name.c_str(), found->second.c_str());
    std::exit(2);
  }
  return value;
}

}  // namespace bench
