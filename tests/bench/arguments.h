// The command line of a bench program: --name value pairs only; unknown names are the program's to refuse.
// Owner: main. Errors: a malformed line or number ends the program with status 2.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace bench {

class Arguments {
 public:
  Arguments(int count, char** values, std::string_view usage);
  std::string text(const std::string& name, std::string_view fallback) const;
  std::int64_t number(const std::string& name, std::int64_t fallback) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
