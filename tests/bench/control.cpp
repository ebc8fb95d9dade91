#include "tests/bench/control.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bench {

Control::Control() {
  fcntl(descriptor(), F_SETFL, fcntl(descriptor(), F_GETFL) | O_NONBLOCK);
}

bool Control::read(const std::function<void(const Words&)>& command) {
  char bytes[4096];
  const ssize_t got = ::read(descriptor(), bytes, sizeof bytes);
  if (got == 0) return false;
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  pending_.append(bytes, static_cast<std::size_t>(got));
  for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
    const Words words = split_words(std::string_view(pending_).substr(0, end));
    pending_.erase(0, end + 1);
    if (!words.empty()) command(words);
  }
  return true;
}

void say(std::string_view json) {
  std::fwrite(json.data(), 1, json.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

Words split_words(std::string_view line) {
  Words words;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) words.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace bench
