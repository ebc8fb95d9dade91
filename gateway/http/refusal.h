// Why a request was not taken: the status and the two texts of the JSON answer. Texts are constants.
#pragma once

#include <string_view>

namespace halley::gateway {

struct Refusal {
  int status = 400;
  std::string_view error = "bad_request";
  std::string_view message;
};

}  // namespace halley::gateway
