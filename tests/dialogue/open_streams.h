// How many event streams a server has open, as /metrics says.
#pragma once

#include <cstddef>
#include <sstream>
#include <string>

#include "tests/dialogue/gateway_web.h"

namespace halley::dialogue {

inline std::size_t open_streams(Web& web) {
  std::size_t sum = 0;
  std::istringstream lines(web.metrics());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("halley_http_streams{")) sum += std::stoul(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

}  // namespace halley::dialogue
