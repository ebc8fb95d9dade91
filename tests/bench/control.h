// The driver's pipe: one command a line on standard input, one JSON object a line on standard output.
// Owner: main. One thread. The input is non-blocking, for an epoll loop.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Words = std::vector<std::string>;

class Control {
 public:
  Control();
  static constexpr int descriptor() { return 0; }
  // Reads what is there and calls `command` for each whole line. False once the driver has closed the pipe.
  bool read(const std::function<void(const Words&)>& command);

 private:
  std::string pending_;
};

void say(std::string_view json);  // prints one line and flushes
Words split_words(std::string_view line);

}  // namespace bench
