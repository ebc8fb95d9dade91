// A directory of its own for one test, for an interface that deals in strings.
#pragma once

#include <string>

#include "tests/fakes/temp_directory.h"

namespace halley::net {

class TempDir {
 public:
  std::string path() const { return directory_.path().string(); }
  std::string operator/(const std::string& name) const { return (directory_ / name).string(); }

 private:
  const fakes::TempDirectory directory_;
};

}  // namespace halley::net
